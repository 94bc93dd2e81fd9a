"""OpenAPI 3.1 from the table of routes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from aiohttp import web

from signaling.errors import MEANINGS, Code
from signaling.protocol.resources import Problem
from signaling.transport.api.routes import EITHER_SIDE, PREFIX, Nothing, Route
from signaling.transport.auth import Cookies, Credential
from signaling.transport.problem import MEDIA_TYPE

PATH = "/api/openapi.json"
_REF = "#/components/schemas/{name}"
Json = dict[str, Any]

_SECURITY_SCHEMES = {
    Credential.KEY: ("http", {"scheme": "bearer"}, "A key of one of the agency's own systems."),
    Credential.SIGN_IN: ("apiKey", {"in": "cookie"}, "The cookie of an employee who is signed in."),
    Credential.CLIENT_COOKIE: ("apiKey", {"in": "cookie"}, "The cookie that an invite's link was exchanged for."),
}


def document(routes: Sequence[Route[Any]], cookies: Cookies) -> Json:
    """The description of the routes. Its version is the path's: what is described under it only grows."""
    types = {kind for route in routes for kind in (route.takes, route.gives) if kind is not Nothing} | {Problem}
    ordered = sorted(types, key=lambda kind: kind.__name__)
    _, schemas = msgspec.json.schema_components(ordered, ref_template=_REF)
    # A refusal has more members than those that all have; which ones is said by its code.
    schemas["Problem"]["additionalProperties"] = True
    schemas["Problem"]["properties"]["code"] = {"enum": [code.value for code in Code]}
    paths: Json = {}
    for route in routes:
        paths.setdefault(PREFIX + route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Virtual Visits", "version": "1", "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _schemes(cookies)},
    }


def serve(app: web.Application, routes: Sequence[Route[Any]], cookies: Cookies) -> None:
    """Serve the description at `/api/openapi.json`."""
    body = msgspec.json.encode(document(routes, cookies))

    async def endpoint(request: web.Request) -> web.Response:  # noqa: ARG001
        return web.Response(body=body, content_type="application/json")

    app.router.add_get(PATH, endpoint)


def codes_of(route: Route[Any]) -> frozenset[Code]:
    """Every refusal that the route can give."""
    common = {Code.VALIDATION_FAILED, Code.ORIGIN_REFUSED, Code.UNAVAILABLE, Code.INTERNAL}
    if route.who:
        common |= {Code.NOT_SIGNED_IN, Code.FORBIDDEN}
    if route.method != "GET":
        common |= {Code.TOO_LARGE, Code.UNSUPPORTED_MEDIA_TYPE}
    if route.has_id and route.method != "PUT":
        common.add(Code.NOT_FOUND)
    return frozenset(common | set(route.codes))


def _operation(route: Route[Any], schemas: Json) -> Json:
    operation: Json = {
        "operationId": _camel(route.handler.__name__),
        "summary": (route.handler.__doc__ or "").strip().rstrip("."),
        "parameters": [*_path_parameters(route), *_query_parameters(route, schemas), *_header_parameters(route)],
        "responses": _answers(route) | _refusals(codes_of(route)),
        "security": [{credential.value: []} for credential in route.who],
    }
    if route.method != "GET" and route.takes is not Nothing:
        content = {"application/json": {"schema": _schema(route.takes)}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _path_parameters(route: Route[Any]) -> list[Json]:
    if not route.has_id:
        return []
    schema = {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}
    return [{"name": "id", "in": "path", "required": True, "schema": schema}]


def _query_parameters(route: Route[Any], schemas: Json) -> list[Json]:
    if route.who == EITHER_SIDE:
        schema = {"enum": ["caregiver", "client"]}
        return [{"name": "role", "in": "query", "required": True, "schema": schema}]
    if route.method != "GET" or route.takes is Nothing:
        return []
    described = schemas[route.takes.__name__]
    required = described.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": schema}
        for name, schema in described["properties"].items()
    ]


def _header_parameters(route: Route[Any]) -> list[Json]:
    if route.method != "PUT":
        return []
    text = "The ETag that was read; the request is refused as `stale` if the resource has another one now."
    return [{"name": "If-Match", "in": "header", "schema": {"type": "string"}, "description": text}]


def _answers(route: Route[Any]) -> Json:
    if route.gives is Nothing:
        return {"204": {"description": "Done."}}
    content = {"application/json": {"schema": _schema(route.gives)}}
    answers = {"200": {"description": "As it is now.", "content": content}}
    if route.creates:
        answers["201"] = {"description": "Created.", "content": content}
    return answers


def _refusals(codes: Iterable[Code]) -> Json:
    by_status: dict[int, list[Code]] = {}
    for code in sorted(codes):
        by_status.setdefault(MEANINGS[code].status, []).append(code)
    return {
        str(status): {
            "description": "; ".join(f"`{code.value}`: {MEANINGS[code].sentence}" for code in same),
            "content": {
                MEDIA_TYPE: {
                    "schema": {
                        "allOf": [_schema(Problem)],
                        "properties": {"code": {"enum": [code.value for code in same]}},
                    }
                }
            },
        }
        for status, same in sorted(by_status.items())
    }


def _schema(kind: type[Any]) -> Json:
    return {"$ref": _REF.format(name=kind.__name__)}


def _schemes(cookies: Cookies) -> Json:
    names = {Credential.SIGN_IN: cookies.sign_in, Credential.CLIENT_COOKIE: cookies.of_visit("{id}")}
    return {
        credential.value: {"type": kind, "description": text, **more}
        | ({"name": names[credential]} if credential in names else {})
        for credential, (kind, more, text) in _SECURITY_SCHEMES.items()
    }


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
