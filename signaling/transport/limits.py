"""How much and how fast a browser may ask: body size and time, and guesses."""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict, deque
from datetime import datetime, timedelta

from aiohttp import web

from signaling.errors import Code, Refused
from signaling.ports import Clock
from signaling.protocol.codec import BODY_MAX

# A phone on a poor network sends 256 kB in this time; who drips is cut off.
BODY_SECONDS = 20.0
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
    """Wrong guesses by network of origin: `limit` of them in `span` are answered.

    Right ones always are, since whoever shares a network with a guesser is no guesser; what is guessed has 256 bits.
    """

    def __init__(self, clock: Clock, limit: int, span: timedelta) -> None:
        self._clock = clock
        self._limit = limit
        self._span = span
        self._wrong: OrderedDict[str, deque[datetime]] = OrderedDict()

    def wrong(self, network: str) -> None:
        """Count a wrong guess.

        Raises Refused(TOO_MANY_REQUESTS) with `retryAfter` seconds if the network has had its guesses.
        """
        now = self._clock.now()
        earlier = self._wrong.setdefault(network, deque())
        while earlier and earlier[0] <= now - self._span:
            earlier.popleft()
        if len(earlier) >= self._limit:
            wait = earlier[0] + self._span - now
            raise Refused(Code.TOO_MANY_REQUESTS, retryAfter=math.ceil(wait.total_seconds()))
        earlier.append(now)
        self._wrong.move_to_end(network)
        while len(self._wrong) > NETWORKS_MAX:
            self._wrong.popitem(last=False)
