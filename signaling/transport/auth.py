"""Who asks over HTTP: a sign-in cookie, a client's cookie or an API key, as an `Asker`.

A request with an Authorization header is judged by that alone. Every cookie is HttpOnly, SameSite=Lax (Strict
would lose it when a person comes from a mail) and for the whole site; over https its name begins with `__Host-`.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Protocol

from aiohttp import web

from signaling.domain.visit import Employee
from signaling.errors import Code, Refused
from signaling.ports import ApiKey, ClientPass
from signaling.services.asker import Asker
from signaling.settings import Settings
from signaling.transport.access_log import ACTOR, REQUEST_ID

# As long as a link of a visit that is made the day before can live; the server knows the exact rule.
_CLIENT_SECONDS = 3 * 24 * 3600
_DEVICE_SECONDS = 365 * 24 * 3600


class Credential(StrEnum):
    """What a request can be let in by."""

    SIGN_IN = "signIn"
    KEY = "apiKey"
    CLIENT_COOKIE = "clientCookie"


class SignIns(Protocol):
    async def employee(self, secret: str, *, unattended: bool = False) -> Employee | None: ...


class Keys(Protocol):
    async def find(self, secret: str) -> ApiKey | None: ...


class ClientPasses(Protocol):
    async def client_pass(self, secret: str) -> ClientPass | None: ...


class Cookies:
    """The site's cookies by their names."""

    def __init__(self, settings: Settings) -> None:
        self._secure = settings.secure
        prefix = "__Host-" if settings.secure else ""
        self.sign_in = f"{prefix}signin"
        self.device = f"{prefix}device"
        self._visit = f"{prefix}visit-"

    def of_visit(self, visit: str) -> str:
        """The name of the client's cookie for this visit."""
        return self._visit + visit

    def set_sign_in(self, response: web.StreamResponse, secret: str) -> None:
        """Lasts until the browser is closed, or the server ends the sign-in."""
        self._set(response, self.sign_in, secret, None)

    def set_device(self, response: web.StreamResponse, mark: str) -> None:
        """Tells a device that an employee has signed in on before; it lets nobody in."""
        self._set(response, self.device, mark, _DEVICE_SECONDS)

    def set_client(self, response: web.StreamResponse, visit: str, secret: str) -> None:
        """The client's cookie, one a visit."""
        self._set(response, self.of_visit(visit), secret, _CLIENT_SECONDS)

    def forget_sign_in(self, response: web.StreamResponse) -> None:
        """Remove the sign-in cookie from the browser."""
        self._set(response, self.sign_in, "", 0)

    def _set(self, response: web.StreamResponse, name: str, value: str, seconds: int | None) -> None:
        response.set_cookie(name, value, path="/", max_age=seconds, secure=self._secure, httponly=True, samesite="Lax")


class Auth:
    """Finds out who asks."""

    def __init__(self, settings: Settings, sign_ins: SignIns, keys: Keys, client_passes: ClientPasses) -> None:
        self.cookies = Cookies(settings)
        self._sign_ins = sign_ins
        self._keys = keys
        self._client_passes = client_passes

    async def asker(self, request: web.Request, who: Collection[Credential]) -> Asker:
        """The asker by one of these credentials.

        Raises Refused(NOT_SIGNED_IN) where there is none that is good, Refused(FORBIDDEN) for a key where none counts.
        """
        if "Authorization" in request.headers:
            asker = await self._by_key(request)
            if Credential.KEY not in who:
                raise Refused(Code.FORBIDDEN)
        elif Credential.CLIENT_COOKIE in who:
            asker = await self._by_client_cookie(request)
        else:
            asker = await self._by_sign_in(request)
        request[ACTOR] = _named(asker)
        return asker

    async def employee(self, request: web.Request) -> Employee | None:
        """Who is signed in at this browser, if anybody is. A page that asks by itself says so with `X-Unattended`."""
        secret = request.cookies.get(self.cookies.sign_in)
        return await self._sign_ins.employee(secret, unattended="X-Unattended" in request.headers) if secret else None

    async def _by_sign_in(self, request: web.Request) -> Asker:
        employee = await self.employee(request)
        if employee is None:
            raise Refused(Code.NOT_SIGNED_IN)
        return Asker(employee=employee, connection=connection(request))

    async def _by_client_cookie(self, request: web.Request) -> Asker:
        visit = request.match_info["id"]
        secret = request.cookies.get(self.cookies.of_visit(visit))
        client_pass = await self._client_passes.client_pass(secret) if secret else None
        if client_pass is None or client_pass.visit != visit:
            raise Refused(Code.NOT_SIGNED_IN, "Please open the link in your mail again.")
        return Asker(client_pass=client_pass, connection=connection(request))

    async def _by_key(self, request: web.Request) -> Asker:
        values = request.headers.getall("Authorization")
        scheme, _, secret = values[0].partition(" ")
        key = await self._keys.find(secret.strip()) if scheme.lower() == "bearer" and len(values) == 1 else None
        if key is None:
            raise Refused(Code.NOT_SIGNED_IN, "The API key is not known here.")
        return Asker(key=key, connection=connection(request))


def connection(request: web.Request) -> str:
    """The request as a visit's log names it; the access log has the same id."""
    return f"http:{request[REQUEST_ID]}"


def _named(asker: Asker) -> str:
    return "client" if asker.client_pass is not None else asker.actor
