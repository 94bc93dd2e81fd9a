"""How much and how fast a browser may ask: body size and time, guesses, and the server's own timeouts."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from signaling.errors import Code, Refused
from signaling.ports import Clock
from signaling.protocol.codec import BODY_MAX
from signaling.transport.access_log import AccessLog

# A phone on a poor network sends 256 kB in this time; who drips is cut off.
BODY_SECONDS = 20.0
# Longer than the 60 s for which nginx keeps its connections, or a request may meet a closing one. It is also
# aiohttp's only guard against a browser that drips its headers.
KEEPALIVE_SECONDS = 75.0
LINGERING_SECONDS = 5.0
NETWORKS_MAX = 10_000


class BodyTooSlow(Exception):
    """The body did not arrive in time; the connection is of no more use."""


async def read_body(request: web.Request) -> bytes:
    """The whole body, without any content coding.

    Raises Refused(TOO_LARGE) beyond BODY_MAX bytes, Refused(UNSUPPORTED_MEDIA_TYPE) for a compressed one,
    Refused(VALIDATION_FAILED) for one that is cut short, BodyTooSlow after BODY_SECONDS.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused(Code.UNSUPPORTED_MEDIA_TYPE, "The request must not be compressed.")
    if (request.content_length or 0) > BODY_MAX:
        raise Refused(Code.TOO_LARGE)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while chunk := await request.content.readany():
                body += chunk
                if len(body) > BODY_MAX:
                    raise Refused(Code.TOO_LARGE)
    except TimeoutError:
        raise BodyTooSlow from None
    except web.RequestPayloadError:
        raise Refused(Code.VALIDATION_FAILED, "The request is incomplete.") from None
    return bytes(body)


class Guesses:
    """Wrong guesses by network of origin: beyond `limit` in `span`, the network waits."""

    def __init__(self, clock: Clock, limit: int, span: timedelta) -> None:
        self._clock = clock
        self._limit = limit
        self._span = span
        self._wrong: OrderedDict[str, deque[datetime]] = OrderedDict()

    def check(self, network: str) -> None:
        """Raises Refused(TOO_MANY_REQUESTS) with `retryAfter` seconds if the network has guessed too often."""
        wrong = self._recent(network)
        if len(wrong) >= self._limit:
            wait = wrong[0] + self._span - self._clock.now()
            raise Refused(Code.TOO_MANY_REQUESTS, retryAfter=max(1, int(wait.total_seconds()) + 1))

    def note_wrong(self, network: str) -> None:
        """Count a wrong guess."""
        wrong = self._recent(network)
        wrong.append(self._clock.now())
        self._wrong[network] = wrong
        self._wrong.move_to_end(network)
        while len(self._wrong) > NETWORKS_MAX:
            self._wrong.popitem(last=False)

    def _recent(self, network: str) -> deque[datetime]:
        wrong = self._wrong.get(network, deque())
        start = self._clock.now() - self._span
        while wrong and wrong[0] <= start:
            wrong.popleft()
        return wrong


class _WithoutContent(logging.Filter):
    """Keeps what aiohttp says of a malformed request out of the log: address, request line and trace."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[0] if record.exc_info else None
        record.msg = "a connection was refused or broke: %s"
        record.args = (error.__name__ if error is not None else "no reason given",)
        record.exc_info = None
        return True


def server_options() -> dict[str, Any]:
    """What `aiohttp.web.AppRunner` is to be given, beside the app."""
    logger = logging.getLogger("signaling.server")
    if not logger.filters:
        logger.addFilter(_WithoutContent())
    return {
        "keepalive_timeout": KEEPALIVE_SECONDS,
        "lingering_time": LINGERING_SECONDS,
        "auto_decompress": False,
        "logger": logger,
        "access_log": logging.getLogger("signaling.access"),
        "access_log_class": AccessLog,
    }
