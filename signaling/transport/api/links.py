"""`/invites/preview` and `/invites/exchange`: a client with the token of an invite's link."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from aiohttp import web

from signaling.errors import Code, Refused
from signaling.ports import Clock
from signaling.protocol.resources import ExchangeView, PreviewView, TokenCommand
from signaling.services.joining import Joining
from signaling.transport.api.routes import ANYBODY, Asked, Reply, Route
from signaling.transport.auth import Cookies
from signaling.transport.limits import Guesses
from signaling.transport.origin import Origins

T = TypeVar("T")

GUESSES = 20
GUESSES_IN = timedelta(minutes=10)
_REFUSALS = (*(code for code in Code if code.value.startswith("link_")), Code.TOO_MANY_REQUESTS)


class Links:
    """The handlers. Guesses are limited by network of origin; a link that is known opens there all the same."""

    def __init__(self, joining: Joining, cookies: Cookies, origins: Origins, clock: Clock) -> None:
        self._joining = joining
        self._cookies = cookies
        self._origins = origins
        self._guesses = Guesses(clock, GUESSES, GUESSES_IN)

    def routes(self) -> tuple[Route[Any], ...]:
        """The rows of the table."""
        preview, exchange = "/invites/preview", "/invites/exchange"
        return (
            Route("POST", preview, ANYBODY, TokenCommand, PreviewView, self.preview_invite, _REFUSALS),
            Route("POST", exchange, ANYBODY, TokenCommand, ExchangeView, self.exchange_invite, _REFUSALS),
        )

    async def preview_invite(self, asked: Asked[TokenCommand]) -> Reply:
        """What the client's page shows before the button; changes nothing."""
        return Reply(await self._guarded(asked, self._joining.preview))

    async def exchange_invite(self, asked: Asked[TokenCommand]) -> Reply:
        """The token for the client's cookie; the session does not change."""
        secret, view = await self._guarded(asked, self._joining.exchange)

        def prepare(response: web.Response) -> None:
            self._cookies.set_client(response, view.visit_id, secret)

        return Reply(view, prepare=prepare)

    async def _guarded(self, asked: Asked[TokenCommand], ask: Callable[[str], Awaitable[T]]) -> T:
        network = self._origins.network(asked.request)
        try:
            return await ask(asked.given.token)
        except Refused as refused:
            if refused.code is Code.LINK_UNKNOWN:
                self._guesses.wrong(network)
            raise
