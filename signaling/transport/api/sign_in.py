"""`/sign-in`, `/sign-out`, `/me`: an employee at a browser."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from signaling.domain.visit import Employee
from signaling.errors import Code, Refused
from signaling.protocol.resources import MeView, SignInCommand
from signaling.services.signing_in import SigningIn
from signaling.transport.api.routes import ANYBODY, STAFF, Asked, Nothing, Reply, Route
from signaling.transport.auth import Cookies
from signaling.transport.origin import Origins


class SignIns:
    """The handlers."""

    def __init__(self, signing_in: SigningIn, cookies: Cookies, origins: Origins) -> None:
        self._signing_in = signing_in
        self._cookies = cookies
        self._origins = origins

    def routes(self) -> tuple[Route[Any], ...]:
        """The rows of the table."""
        wrong = (Code.WRONG_CREDENTIALS, Code.TOO_MANY_REQUESTS)
        return (
            Route("POST", "/sign-in", ANYBODY, SignInCommand, MeView, self.sign_in, wrong),
            Route("POST", "/sign-out", ANYBODY, Nothing, Nothing, self.sign_out),
            Route("GET", "/me", STAFF, Nothing, MeView, self.get_me),
        )

    async def sign_in(self, asked: Asked[SignInCommand]) -> Reply:
        """Sign in; the answer sets the sign-in cookie."""
        cookies = asked.request.cookies
        done = await self._signing_in.sign_in(
            asked.given.email,
            asked.given.password,
            network=self._origins.network(asked.request),
            device=cookies.get(self._cookies.device),
            replaces=cookies.get(self._cookies.sign_in),
        )

        def prepare(response: web.Response) -> None:
            self._cookies.set_sign_in(response, done.secret)
            self._cookies.set_device(response, done.device)

        return Reply(_view(done.employee), prepare=prepare)

    async def sign_out(self, asked: Asked[Nothing]) -> Reply:
        """Sign out of this browser; again changes nothing."""
        secret = asked.request.cookies.get(self._cookies.sign_in)
        if secret:
            await self._signing_in.sign_out(secret)
        return Reply(prepare=self._cookies.forget_sign_in)

    async def get_me(self, asked: Asked[Nothing]) -> Reply:
        """The employee who is signed in."""
        if asked.asker.employee is None:
            raise Refused(Code.FORBIDDEN)
        return Reply(_view(asked.asker.employee))


def _view(employee: Employee) -> MeView:
    return MeView(
        id=employee.id,
        name=employee.name,
        role=employee.position,
        language=employee.language,
        may_initiate_virtual_visits=employee.may_initiate_virtual_visits,
    )
