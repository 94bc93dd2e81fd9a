"""The HTTP side on a real port over a real database, with a clock that the test holds."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from signaling.domain.presence import Presence
from signaling.domain.session import Role
from signaling.domain.values import rfc3339
from signaling.domain.visit import Client, Employee, Language, Position, ServiceCode, Task, Visit
from signaling.ports import Fact, Unit
from signaling.services.api_keys import ApiKeys
from signaling.services.calls import Calls
from signaling.services.clocking import Clocking
from signaling.services.device import Devices
from signaling.services.documenting import Documenting
from signaling.services.hashing import Hashing
from signaling.services.inviting import Inviting
from signaling.services.joining import Agency, Joining
from signaling.services.registers import Registers
from signaling.services.scheduling import Scheduling
from signaling.services.signing_in import SigningIn
from signaling.services.tokens import Links
from signaling.settings import Settings
from signaling.system import SystemIds
from signaling.transport.access_log import AccessLog
from signaling.transport.site import Services, install
from signaling.transport.static_files import ROOT
from signaling.transport.tickets import Tickets
from storage.database import SqliteDatabase, open_database

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PASSWORD = "seven purple lamps"


class HeldClock:
    """A clock that moves when the test says so."""

    def __init__(self) -> None:
        self.moment = NOON

    def now(self) -> datetime:
        return self.moment

    def pass_(self, **span: float) -> None:
        self.moment += timedelta(**span)


@dataclass
class Live:
    """What the live side would know and be told: it is notifier, call watch and mail queue."""

    facts: list[Fact] = field(default_factory=list)
    in_a_call: set[str] = field(default_factory=set)
    woken: int = 0

    def publish(self, facts: Iterable[Fact]) -> None:
        self.facts.extend(facts)

    def presence(self, visit: str, role: Role) -> Presence:
        return Presence.NEVER

    def in_call(self, employee: str) -> bool:
        return employee in self.in_a_call

    def wake(self) -> None:
        self.woken += 1


ANNA = Employee("anna", "Anna Moreau", "anna@willow.example", Position.CAREGIVER, True, Language.EN, "Anna", True)
BEN = Employee("ben", "Ben Ross", "ben@willow.example", Position.CAREGIVER, True, Language.EN, "Ben", True)
CORA = Employee("cora", "Cora Lind", "cora@willow.example", Position.COORDINATOR, False, Language.EN, "Cora", True)
ADA = Employee("ada", "Ada Berg", "ada@willow.example", Position.ADMINISTRATOR, False, Language.EN, "Ada", True)
OFF = Employee("off", "Otto Falk", "otto@willow.example", Position.CAREGIVER, True, Language.EN, "Otto", False)
ROSE = Client("rose", "Rose Petit", "rose@home.example", "+33 1 99 00 00 01", Language.FR)
MAX = Client("max", "Max Field", None, None, Language.EN)
VIDEO = ServiceCode("video", "Video check-in", True)
BATH = ServiceCode("bath", "Bath", False)
TASKS = (Task("pulse", "Take the pulse"), Task("tea", "Make tea"))


def visit(id: str, *, service: str = "video", employee: str = "anna", client: str = "rose") -> Visit:
    start = NOON + HOUR / 2
    return Visit(id, service, employee, client, start, start + HOUR, "Europe/Paris", TASKS)


def _found(unit: Unit, hashed: str) -> None:
    for service in (VIDEO, BATH):
        unit.people.put_service_code(service)
    for employee in (ANNA, BEN, CORA, ADA, OFF):
        unit.people.put_employee(employee)
        unit.people.set_password_hash(employee.id, hashed)
    for client in (ROSE, MAX):
        unit.people.put_client(client)
    for one in (visit("v1"), visit("v2", client="max"), visit("v3", service="bath"), visit("v4", employee="ben")):
        unit.visits.put_visit(one)


@dataclass
class House:
    """A running site."""

    settings: Settings
    port: int
    clock: HeldClock
    live: Live
    db: SqliteDatabase
    services: Services
    app: web.Application

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[Browser]:
        """A new browser, without cookies."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar, auto_decompress=False) as session:
            yield Browser(self, session)

    @asynccontextmanager
    async def signed_in(self, employee: Employee) -> AsyncIterator[Browser]:
        """A browser at which this employee is signed in."""
        async with self.browser() as browser:
            answer = await browser.post("/api/v1/sign-in", {"email": employee.email, "password": PASSWORD})
            assert answer.status == 200, answer.text
            yield browser

    async def key(self, scope: str) -> str:
        """The secret of a new API key."""
        return (await self.services.api_keys.create(f"{scope} system", scope))[1]


@dataclass
class Answer:
    """A response that was read."""

    status: int
    headers: Mapping[str, str]
    cookies: Mapping[str, Any]
    body: bytes

    @property
    def text(self) -> str:
        packed = self.headers.get("Content-Encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The problem's code, its shape checked."""
        assert self.headers["Content-Type"].startswith("application/problem+json"), self.text
        problem = self.json
        assert {"type", "title", "status", "detail", "code"} <= problem.keys()
        assert problem["status"] == self.status
        return str(problem["code"])


class Browser:
    """Asks as a page of the site does, unless told otherwise."""

    def __init__(self, house: House, session: aiohttp.ClientSession) -> None:
        self.house = house
        self.session = session
        self.key: str | None = None

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
        **more: Any,
    ) -> Answer:
        sent: dict[str, str | None] = {"Origin": self.house.settings.public_url}
        if self.key is not None:
            sent = {"Authorization": f"Bearer {self.key}"}
        if body is not None:
            raw = json.dumps(body).encode()
        if raw is not None:
            sent["Content-Type"] = "application/json"
        sent |= headers or {}
        async with self.session.request(
            method,
            f"http://127.0.0.1:{self.house.port}{path}",
            data=raw,
            headers={name: value for name, value in sent.items() if value is not None},
            skip_auto_headers=["Content-Type"],
            allow_redirects=False,
            **more,
        ) as response:
            return Answer(response.status, response.headers, response.cookies, await response.read())

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.ask("GET", path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> Answer:
        return await self.ask("POST", path, body, **more)

    async def put(self, path: str, body: Any = None, **more: Any) -> Answer:
        return await self.ask("PUT", path, body, **more)


@asynccontextmanager
async def running(settings: Settings, hashing: Hashing, hashed: str, static: Path = ROOT) -> AsyncIterator[House]:
    """The site with its small agency."""
    clock, live, ids = HeldClock(), Live(), SystemIds()
    async with open_database(settings.database, wait=0) as db:
        await db.write(lambda unit: _found(unit, hashed))
        signing_in = SigningIn(db, clock, live, live, hashing, Devices(settings.link_key), settings.idle_sign_out)
        agency = Agency(settings.agency_name, settings.agency_phone)
        services = Services(
            clock=clock,
            storage=db,
            signing_in=signing_in,
            api_keys=ApiKeys(db, clock, ids),
            registers=Registers(db, clock, live),
            scheduling=Scheduling(db, clock, ids, live, live, live),
            inviting=Inviting(db, clock, ids, live, live, Links(settings.link_key, settings.public_url)),
            clocking=Clocking(db, clock, live, live),
            joining=Joining(db, clock, ids, live, live, agency, settings.opens_before),
            calls=Calls(db, clock, live),
            documenting=Documenting(db, clock),
            tickets=Tickets(clock),
        )
        app = web.Application()
        install(app, settings, services, static)
        server = TestServer(app, host="127.0.0.1", port=settings.port)
        await server.start_server(access_log_class=AccessLog)
        try:
            yield House(settings, settings.port, clock, live, db, services, app)
        finally:
            await server.close()


def span(days: int = 1) -> str:
    """A query of the days around the agency's visits."""
    start, end = NOON - timedelta(days=days), NOON + timedelta(days=days)
    return f"from={rfc3339(start)}&to={rfc3339(end)}"
