"""What every request goes through: an id, the gate, and the one place where an error becomes an answer."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from signaling.errors import Code, Refused
from signaling.settings import Settings
from signaling.transport import problem
from signaling.transport.access_log import REQUEST_ID, TEMPLATE
from signaling.transport.limits import BodyTooSlow
from signaling.transport.origin import Origins

log = logging.getLogger("signaling.http")

ErrorPage = Callable[[web.Request, Refused], web.Response | None]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Asked by machines that know the server by its address and may speak plain HTTP to it.
HEALTH_PATHS = frozenset({"/healthz", "/readyz"})
# Engine.IO checks the Origin of its own requests, against the same list.
SOCKET_PATH = "/socket.io/"


def errors(error_page: ErrorPage) -> Middleware:
    """Outermost: gives the request its id and turns whatever is raised into an answer.

    `error_page` makes the answer for a person's address; where it makes none, the answer is a problem document.
    """

    @web.middleware
    async def handle(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[REQUEST_ID] = secrets.token_hex(6)
        resource = request.match_info.route.resource
        request[TEMPLATE] = resource.canonical if resource is not None else "-"
        try:
            answer = await handler(request)
        except Refused as refused:
            answer = _refusal(request, refused, error_page)
        except web.HTTPRedirection:
            raise
        except web.HTTPException as error:
            answer = _refusal(request, problem.refused_by_framework(error), error_page)
            if "Allow" in error.headers:
                answer.headers["Allow"] = error.headers["Allow"]
        except BodyTooSlow:
            answer = _refusal(request, Refused(Code.VALIDATION_FAILED, "The request came too slowly."), error_page)
            answer.force_close()
        except ConnectionError:
            raise
        except Exception as error:
            _log_fault(request, error)
            if request.writer.output_size > 0:
                raise ConnectionResetError from None
            answer = _refusal(request, Refused(Code.INTERNAL), error_page, requestId=request[REQUEST_ID])
        if not answer.prepared:
            answer.headers["X-Request-Id"] = request[REQUEST_ID]
        return answer

    return handle


def _refusal(request: web.Request, refused: Refused, error_page: ErrorPage, **more: str) -> web.Response:
    return error_page(request, refused) or problem.response(refused, **more)


def _log_fault(request: web.Request, error: Exception) -> None:
    """Type and places only: an error's message may hold what was sent."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    where = " < ".join(f"{frame.name} {frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
    log.error("request %s failed: %s at %s", request[REQUEST_ID], type(error).__name__, where)


def gate(settings: Settings, origins: Origins) -> Middleware:
    """Lets in what names this server, came over the right scheme, and if it changes something, from our pages.

    A request with an Authorization header is judged by that alone: no other site's page can send one, and
    cookies beside it are not looked at (see `auth`).
    """

    @web.middleware
    async def handle(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in HEALTH_PATHS:
            return await handler(request)
        if not origins.host_is_ours(request):
            raise Refused(Code.ORIGIN_REFUSED, "This server does not go by that name.")
        if settings.secure and origins.scheme(request) != "https":
            if request.method not in SAFE_METHODS or request.path.startswith(("/api/", SOCKET_PATH)):
                raise Refused(Code.ORIGIN_REFUSED, "This server is to be reached over https.")
            raise web.HTTPPermanentRedirect(settings.public_url + str(request.rel_url))
        unsafe = request.method not in SAFE_METHODS and request.path != SOCKET_PATH
        if unsafe and "Authorization" not in request.headers and not origins.page_is_ours(request):
            raise Refused(Code.ORIGIN_REFUSED)
        return await handler(request)

    return handle
