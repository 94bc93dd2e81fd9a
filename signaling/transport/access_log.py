"""One line a request: ids, the route's template, status and time. Never the path, the query or an address.

A path may hold a link's token, when a mail program has rewritten its `#`; so its ids are written only when the
request found what they name.
"""

from __future__ import annotations

import logging
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

REQUEST_ID: Final = web.RequestKey("request_id", str)
TEMPLATE: Final = web.RequestKey("template", str)
ACTOR: Final = web.RequestKey("actor", str)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class AccessLog(AbstractAccessLogger):
    """Writes to the logger it is given, at INFO."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """One line for an answered request; `time` is in seconds."""
        self.logger.info(
            "%s %s %s id=%s by=%s %d %.0fms",
            request.get(REQUEST_ID, "-"),
            request.method if request.method in _METHODS else "-",
            request.get(TEMPLATE, "-"),
            _id(request, response.status),
            request.get(ACTOR, "-"),
            response.status,
            time * 1000,
        )

    @property
    def enabled(self) -> bool:
        """Whether anybody reads it."""
        return self.logger.isEnabledFor(logging.INFO)


def _id(request: web.BaseRequest, status: int) -> str:
    if status >= 300 or not request.get(TEMPLATE, "").startswith("/api/"):
        return "-"
    return request.match_info.get("id", "-") if isinstance(request, web.Request) else "-"
