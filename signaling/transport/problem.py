"""The one error shape of HTTP: RFC 9457 problem details with a stable `code`."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from aiohttp import web

from signaling.errors import Code, Refused

MEDIA_TYPE = "application/problem+json"

_OF_STATUS = {
    400: Code.VALIDATION_FAILED,
    401: Code.NOT_SIGNED_IN,
    403: Code.FORBIDDEN,
    404: Code.NOT_FOUND,
    405: Code.METHOD_NOT_ALLOWED,
    412: Code.STALE,
    413: Code.TOO_LARGE,
    415: Code.UNSUPPORTED_MEDIA_TYPE,
    429: Code.TOO_MANY_REQUESTS,
    503: Code.UNAVAILABLE,
}


def refused_by_framework(error: web.HTTPException) -> Refused:
    """The refusal that an HTTP error of aiohttp's own amounts to."""
    usual = Code.VALIDATION_FAILED if error.status < 500 else Code.INTERNAL
    return Refused(_OF_STATUS.get(error.status, usual))


def document(refused: Refused, **more: Any) -> dict[str, Any]:
    """The problem document, members of its own last (RFC 9457, section 3.2)."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "detail": refused.sentence,
        "code": refused.code.value,
        **refused.extra,
        **more,
    }


def headers(refused: Refused) -> dict[str, str]:
    """Headers that go with a refusal."""
    found = {}
    if "retryAfter" in refused.extra:
        found["Retry-After"] = str(refused.extra["retryAfter"])
    if refused.code is Code.NOT_SIGNED_IN:
        # 401 needs a challenge (RFC 9110, section 11.6.1); browsers show no prompt for Bearer.
        found["WWW-Authenticate"] = "Bearer"
    return found


def response(refused: Refused, **more: Any) -> web.Response:
    """The answer to a refused request."""
    body = json.dumps(document(refused, **more)).encode()
    return web.Response(status=refused.status, body=body, content_type=MEDIA_TYPE, headers=headers(refused))
