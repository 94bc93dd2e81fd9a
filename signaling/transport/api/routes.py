"""The table of routes: what HTTP serves and what OpenAPI describes are made from the same rows.

A row's handler is called only after the ids of the path, the query, the body and the asker were checked.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from aiohttp import web

from signaling.domain.values import BadValue, check_id
from signaling.errors import Code, Refused
from signaling.protocol import codec
from signaling.protocol.messages import Message
from signaling.services.asker import Asker
from signaling.services.registers import Saved
from signaling.transport.auth import Auth, Credential
from signaling.transport.limits import read_body

PREFIX = "/api/v1"
B = TypeVar("B", bound=Message)

ANYBODY: tuple[Credential, ...] = ()
STAFF = (Credential.SIGN_IN,)
STAFF_OR_KEY = (Credential.SIGN_IN, Credential.KEY)
CLIENT = (Credential.CLIENT_COOKIE,)
# Each person of a call; `?role=` says as whom, since a browser may hold both cookies.
EITHER_SIDE = (Credential.SIGN_IN, Credential.CLIENT_COOKIE)

_STRONG_TAG = re.compile(r'"(\d{1,9})"', re.ASCII)


class Nothing(Message):
    """A request or an answer without content."""


@dataclass(frozen=True, slots=True)
class Asked(Generic[B]):
    """A request as handlers see it. `given` is its body; for GET, its query."""

    request: web.Request
    given: B
    known_asker: Asker | None

    @property
    def asker(self) -> Asker:
        """Who asks; every route but those for anybody has one."""
        if self.known_asker is None:
            raise Refused(Code.NOT_SIGNED_IN)
        return self.known_asker

    @property
    def id(self) -> str:
        """The id in the path, checked."""
        return self.request.match_info["id"]

    @property
    def if_match(self) -> int | None:
        """The revision that the asker saw (RFC 9110, section 13.1.1); None: whichever.

        Raises Refused(VALIDATION_FAILED) for what is not one strong entity tag.
        """
        text = self.request.headers.get("If-Match")
        if text is None or text.strip() == "*":
            return None
        tag = _STRONG_TAG.fullmatch(text.strip())
        if tag is None:
            raise Refused(Code.VALIDATION_FAILED, 'If-Match must be one ETag, like "3".', field="If-Match")
        return int(tag[1])


@dataclass(frozen=True, slots=True)
class Reply:
    """A handler's answer; `rev` becomes the ETag. `prepare` is shown the response before it leaves, for cookies."""

    view: Message | None = None
    created: bool = False
    rev: int | None = None
    prepare: Callable[[web.Response], None] | None = None


def saved(result: Saved[Any]) -> Reply:
    """The answer for a resource with a revision."""
    return Reply(result.view, result.created, result.rev)


Handler = Callable[[Asked[B]], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Route(Generic[B]):
    """One row. `codes` are the refusals of its own, beside those that every route can give.

    The handler's name and docstring are its operation id and summary in OpenAPI.
    """

    method: Literal["GET", "PUT", "POST"]
    path: str
    who: Sequence[Credential]
    takes: type[B]
    gives: type[Message]
    handler: Handler[B]
    codes: tuple[Code, ...] = ()
    creates: bool = False

    @property
    def has_id(self) -> bool:
        """Whether its path names a resource."""
        return "{id}" in self.path


def mount(app: web.Application, routes: Iterable[Route[Any]], auth: Auth) -> None:
    """Serve the routes under `/api/v1`."""
    for route in routes:
        endpoint = _endpoint(route, auth)
        if route.method == "GET":
            app.router.add_get(PREFIX + route.path, endpoint)
        else:
            app.router.add_route(route.method, PREFIX + route.path, endpoint)


def _endpoint(route: Route[B], auth: Auth) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def endpoint(request: web.Request) -> web.Response:
        if route.has_id:
            _check_path(request)
        asker = await auth.asker(request, _asked_as(route, request)) if route.who else None
        reply = await route.handler(Asked(request, await _given(route, request), asker))
        return _response(reply)

    return endpoint


def _check_path(request: web.Request) -> None:
    try:
        check_id(request.match_info["id"])
    except BadValue as why:
        if request.method == "PUT":
            raise Refused(Code.VALIDATION_FAILED, f"id {why}.", field="id") from None
        raise Refused(Code.NOT_FOUND) from None


def _asked_as(route: Route[Any], request: web.Request) -> Sequence[Credential]:
    if route.who != EITHER_SIDE:
        return route.who
    roles = request.query.getall("role", [])
    if roles not in (["caregiver"], ["client"]):
        raise Refused(Code.VALIDATION_FAILED, "role must be caregiver or client.", field="role")
    return CLIENT if roles == ["client"] else STAFF


async def _given(route: Route[B], request: web.Request) -> B:
    if len(set(request.query)) != len(request.query):
        raise Refused(Code.VALIDATION_FAILED, "A parameter is given twice.")
    query = dict(request.query)
    if route.who == EITHER_SIDE:
        del query["role"]
    if route.method == "GET":
        return codec.convert(query, route.takes)
    if query:
        raise Refused(Code.VALIDATION_FAILED, "There is a parameter that is not known here.")
    raw = await read_body(request)
    if raw and request.content_type != "application/json":
        raise Refused(Code.UNSUPPORTED_MEDIA_TYPE)
    return codec.decode(raw or b"{}", route.takes)


def _response(reply: Reply) -> web.Response:
    headers = {} if reply.rev is None else {"ETag": f'"{reply.rev}"'}
    if reply.view is None:
        response = web.Response(status=204, headers=headers)
    else:
        response = web.Response(
            status=201 if reply.created else 200,
            body=codec.encode(reply.view),
            content_type="application/json",
            headers=headers,
        )
    if reply.prepare is not None:
        reply.prepare(response)
    return response
