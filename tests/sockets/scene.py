"""The socket on a real port, over real services and a real database; presence goes by a clock that the test holds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import socketio
from aiohttp import web
from socketio.exceptions import ConnectionError as ConnectionFailed

from media.ice import Ice
from signaling.domain.invite import How, Invite, Standing
from signaling.domain.session import State
from signaling.domain.visit import Client, Employee, Language, Position, ServiceCode, Visit
from signaling.ports import ClientPass, Session, SignIn, Unit
from signaling.services.calls import Calls
from signaling.services.joining import Agency, Joining
from signaling.settings import Settings
from signaling.system import SystemClock, SystemIds
from signaling.transport.announcer import Announcer
from signaling.transport.commands import Commands, Media
from signaling.transport.connections import Connection, Register
from signaling.transport.middleware import errors, gate
from signaling.transport.origin import Origins
from signaling.transport.rooms import Rooms
from signaling.transport.sockets import Deadlines, Sockets
from signaling.transport.tickets import Entry, Tickets
from storage.database import SqliteDatabase, open_database

VISIT = "v1"
PATIENCE = 15.0

ANNA = Employee("anna", "Anna Moreau", "anna@willow.example", Position.CAREGIVER, True, Language.EN, "Anna", True)
BEN = Employee("ben", "Ben Ross", "ben@willow.example", Position.CAREGIVER, True, Language.EN, "Ben", True)
CORA = Employee("cora", "Cora Lind", "cora@willow.example", Position.COORDINATOR, False, Language.EN, "Cora", True)
ROSE = Client("rose", "Rose Petit", "rose@home.example", "+33 1 99 00 00 01", Language.FR)
PASS = ClientPass("i1", VISIT)
SIGN_IN = bytes(32)


class NotAdmitted(Exception):
    """The server refused the connection; the argument is the code."""


class HeldTimers:
    """A steady clock that jumps when the test says so; what is due then is called."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._due: list[tuple[float, Callable[[], None]]] = []

    def now(self) -> float:
        return time.monotonic() + self._ahead

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        self._due.append((self.now() + seconds, call))

    def pass_(self, seconds: float) -> None:
        self._ahead += seconds
        now = self.now()
        due = [call for at, call in self._due if at <= now]
        self._due = [(at, call) for at, call in self._due if at > now]
        for call in due:
            call()


class WatchedRegister(Register):
    """Tells when a connection is gone."""

    def __init__(self) -> None:
        super().__init__()
        self.removed = asyncio.Event()

    def remove(self, line: str) -> Connection | None:
        found = super().remove(line)
        self.removed.set()
        return found


def found(unit: Unit) -> None:
    """An agency with one visit whose client is invited and whose caregiver is clocked in."""
    now = datetime.now(UTC)
    unit.people.put_service_code(ServiceCode("video", "Video check-in", True))
    for employee in (ANNA, BEN, CORA):
        unit.people.put_employee(employee)
    unit.people.add_sign_in(SIGN_IN, SignIn("anna", now, now))
    unit.people.put_client(ROSE)
    end = now + timedelta(hours=1)
    unit.visits.put_visit(Visit(VISIT, "video", "anna", "rose", now, end, "Europe/Paris", clocked_in_at=now))
    unit.sessions.put_session(Session(VISIT, State.INVITED, 1, now))
    invite = Invite("i1", VISIT, How.LINK, None, now, "employee:anna", now, Standing.LIVE, bytes(32))
    unit.invites.add(invite, b"digest")
    unit.invites.add_pass(b"cookie", PASS, now)


@dataclass
class Page:
    """A page with python-socketio's own client."""

    sio: socketio.AsyncClient
    session: aiohttp.ClientSession
    heard: list[tuple[str, Any]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def command(self, name: str, **message: Any) -> dict[str, Any]:
        """The answer to a command."""
        answer: dict[str, Any] = await self.sio.call(name, message, timeout=PATIENCE)
        return answer

    async def done(self, name: str, **message: Any) -> dict[str, Any]:
        """The answer to a command that is not refused."""
        answer = await self.command(name, **message)
        assert answer["ok"] is True, answer
        return answer

    async def refused(self, name: str, **message: Any) -> str:
        """The code that a command is refused with."""
        answer = await self.command(name, **message)
        assert answer["ok"] is False, answer
        assert answer["error"].keys() <= {"code", "detail", "field"}
        return str(answer["error"]["code"])

    async def join(self, leg: str, **more: Any) -> dict[str, Any]:
        """Join the call; the snapshot."""
        return await self.done("join", protocol=1, visitId=VISIT, legId=leg, **more)

    async def until(self, name: str, **fields: Any) -> Any:
        """Wait until an event with these fields was heard; its argument, or its arguments. It is then forgotten."""

        def fits(event: str, argument: Any) -> bool:
            return event == name and all(argument.get(key) == value for key, value in fields.items())

        async with asyncio.timeout(PATIENCE):
            while True:
                self.changed.clear()
                for at, (event, argument) in enumerate(self.heard):
                    if fits(event, argument):
                        del self.heard[at]
                        return argument
                await self.changed.wait()

    async def until_closed(self) -> None:
        """Wait until the server has hung up."""
        async with asyncio.timeout(PATIENCE):
            while self.sio.connected:
                self.changed.clear()
                await self.changed.wait()

    async def close(self) -> None:
        """Go, as a tab that is closed."""
        if self.sio.connected:
            await self.sio.disconnect()
        await self.sio.shutdown()
        await self.session.close()


@dataclass
class Scene:
    """A running socket."""

    url: str
    settings: Settings
    timers: HeldTimers
    db: SqliteDatabase
    rooms: Rooms
    register: WatchedRegister
    announcer: Announcer
    tickets: Tickets
    sockets: Sockets
    calls: Calls
    joining: Joining
    stop: Callable[[], Awaitable[None]]
    pages: list[Page] = field(default_factory=list)

    def ticket(self, role: str, employee: str | None = None) -> str:
        """A ticket for the visit's caregiver or client, or for an employee who watches."""
        match role:
            case "caregiver":
                return self.tickets.issue(Entry("caregiver", employee or "anna", SIGN_IN, None, VISIT))
            case "client":
                return self.tickets.issue(Entry("client", None, None, PASS, VISIT))
            case _:
                return self.tickets.issue(Entry("watch", employee, None, None, None))

    async def page(self, role: str, employee: str | None = None, transport: str = "websocket") -> Page:
        """A page that is connected."""
        page = await self.connect({"ticket": self.ticket(role, employee)}, transport)
        self.pages.append(page)
        return page

    async def connect(self, auth: Any, transport: str = "websocket") -> Page:
        """A connection that presents `auth`. Raises NotAdmitted."""
        # Given to the whole session: on its own the library sends Origin with some requests only.
        session = aiohttp.ClientSession(headers={"Origin": self.settings.public_url})
        sio = socketio.AsyncClient(reconnection=False, handle_sigint=False, http_session=session)
        page = Page(sio, session)

        def hear(event: str, *arguments: Any) -> None:
            page.heard.append((event, arguments[0] if len(arguments) == 1 else {"arguments": list(arguments)}))
            page.changed.set()

        refusals: list[Any] = []
        sio.on("*", hear)
        sio.on("connect_error", refusals.append)
        sio.on("disconnect", lambda _: page.changed.set())
        try:
            await sio.connect(self.url, auth=auth, transports=[transport], wait_timeout=PATIENCE)
        except ConnectionFailed:
            await page.close()
            raise NotAdmitted(refusals[0]["data"]["code"]) from None
        return page

    async def both(self) -> tuple[Page, Page]:
        """Caregiver and client, in the call with each other."""
        caregiver = await self.page("caregiver")
        await caregiver.join("leg-a")
        client = await self.page("client")
        await client.join("leg-b")
        await caregiver.until("peer_changed", presence="present")
        return caregiver, client

    async def state(self) -> State:
        """The session's state as stored."""
        session = await self.db.read(lambda unit: unit.sessions.session(VISIT))
        assert session is not None
        return session.state

    async def empty(self, left: int = 0) -> None:
        """Wait until only so many connections are left."""
        async with asyncio.timeout(PATIENCE):
            while len(self.register.all()) > left:
                self.register.removed.clear()
                await self.register.removed.wait()

    async def drop(self, page: Page) -> None:
        """A page's network goes: its socket ends without a word of farewell."""
        left = len(self.register.all()) - 1
        await page.close()
        await self.empty(left)

    @asynccontextmanager
    async def http(self) -> AsyncIterator[aiohttp.ClientSession]:
        """A bare HTTP session, to misbehave with."""
        async with aiohttp.ClientSession(self.url, headers={"Origin": self.settings.public_url}) as session:
            yield session


@asynccontextmanager
async def playing(
    settings: Settings, deadlines: Deadlines, *, fresh: bool = True, cancels: bool = False
) -> AsyncIterator[Scene]:
    """The scene, from the start of the server to its end.

    `fresh`: the database is new. `cancels`: the server cancels the handler of a request whose sender is gone.
    """
    clock, ids, timers = SystemClock(), SystemIds(), HeldTimers()
    async with open_database(settings.database, wait=0) as db:
        if fresh:
            await db.write(found)
        origins, tickets, rooms, register = Origins(settings), Tickets(clock), Rooms(timers), WatchedRegister()
        announcer = Announcer(rooms, register, db)
        agency = Agency(settings.agency_name, settings.agency_phone)
        joining = Joining(db, clock, ids, announcer, rooms, agency, settings.opens_before)
        calls = Calls(db, clock, announcer)
        ice = Ice(["stun:stun.willow.example"], ["turn:turn.willow.example"], ["north wind"], 600)
        commands = Commands(rooms, joining, calls, clock, Media(ice, relay_only=False))
        sockets = Sockets(origins, tickets, db, clock, rooms, register, announcer, commands, deadlines)
        app = web.Application(middlewares=[errors(lambda *_: None), gate(settings, origins)])
        sockets.add_to(app)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=cancels, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", settings.port).start()
        url = f"http://127.0.0.1:{settings.port}"
        scene = Scene(
            url, settings, timers, db, rooms, register, announcer, tickets, sockets, calls, joining, runner.cleanup
        )
        try:
            yield scene
        finally:
            for page in scene.pages:
                with suppress(Exception):
                    await page.close()
            await runner.cleanup()
