"""The socket: who is let in, and the one place where an event becomes an answer (DESIGN §3.7 and §4)."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from aiohttp import web

from signaling.domain.invite import Standing
from signaling.domain.visit import Employee
from signaling.errors import Code, Refused
from signaling.ports import Clock, Database, Unit
from signaling.protocol import codec
from signaling.protocol.messages import COMMANDS, Draining, Message
from signaling.transport.announcer import Announcer
from signaling.transport.commands import Commands
from signaling.transport.connections import Connection, Register
from signaling.transport.origin import Origins
from signaling.transport.relay import Relay
from signaling.transport.rooms import Rooms
from signaling.transport.tickets import Entry, Tickets
from signaling.transport.wire import Wire

log = logging.getLogger("signaling.sockets")

# A page presents its ticket at once, and joins or watches at once after that; a person may have to be asked first.
CONNECT_SECONDS = 10.0
JOIN_SECONDS = 30.0
ASKED_SECONDS = 120.0
# After a start the pages come back over this time, so that no burst of joins meets an empty server.
SPREAD_MS_EACH = 10
SPREAD_MS_MAX = 3000
# Whose leg began or ended longer ago is not on the way back; their session may well be open for ever.
RECALLED = timedelta(days=7)

Handler = Callable[[Connection, Any], Awaitable[Message]]


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long a connection may take, in seconds: to present a ticket, to join or watch, and after a refused join."""

    connect: float = CONNECT_SECONDS
    join: float = JOIN_SECONDS
    asked: float = ASKED_SECONDS


class Sockets:
    """Every page's connection. `counts` tells how often something was refused or dropped, and why."""

    def __init__(
        self,
        origins: Origins,
        tickets: Tickets,
        db: Database,
        clock: Clock,
        rooms: Rooms,
        register: Register,
        announcer: Announcer,
        commands: Commands,
        deadlines: Deadlines | None = None,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._tickets = tickets
        self._db = db
        self._clock = clock
        self._rooms = rooms
        self._register = register
        self._announcer = announcer
        self._relay = Relay(rooms, self.counts)
        self._deadlines = deadlines if deadlines is not None else Deadlines()
        self._wire = Wire(self, origins)
        self._handlers: Mapping[str, Handler] = MappingProxyType({name: getattr(commands, name) for name in COMMANDS})

    def add_to(self, app: web.Application) -> None:
        """Put the socket's address into the app, and start and stop with it."""
        self._wire.add_to(app)
        app.on_startup.append(self._start)
        app.on_shutdown.append(self._stop)

    async def _start(self, _: web.Application) -> None:
        since = self._clock.now() - RECALLED
        self._rooms.recall(await self._db.read(lambda unit: unit.sessions.open_legs(since)))

    async def _stop(self, _: web.Application) -> None:
        """Close every connection within some seconds; their pages come back by themselves."""
        self.drain(min(SPREAD_MS_MAX, SPREAD_MS_EACH * len(self._register.all())))
        self._announcer.close()
        await self._wire.shutdown()

    def drain(self, spread_ms: int) -> None:
        """Tell every page that the server goes down for a moment, and to spread their return over `spread_ms`."""
        for connection in self._register.all():
            if connection.is_settled:
                connection.tell(Draining(spread_ms=spread_ms))

    def opened(self, line: str) -> None:
        """A page has opened a connection: it must present a ticket soon."""
        connection = Connection(self._wire, line, self._rooms.now())
        self._register.add(connection)
        connection.within(self._deadlines.connect, lambda c: c.entry is not None)

    def heard(self, line: str, size: int) -> bool:
        """A frame came in; False if the page floods, or is not to be heard any more."""
        connection = self._register.find(line)
        if connection is None or connection.closed:
            return False
        connection.heard_at = self._rooms.now()
        return connection.bucket.take(size, connection.heard_at)

    def closed(self, line: str) -> None:
        """A connection is gone, for whatever reason."""
        connection = self._register.remove(line)
        if connection is not None:
            connection.gone()
            self._rooms.detach(connection)

    async def admit(self, line: str, auth: object) -> None:
        """Let a page in by its ticket, if whom it names may still come in.

        Raises Refused(TICKET_INVALID), Refused(NOT_SIGNED_IN), Refused(LINK_REVOKED).
        """
        connection = self._register.find(line)
        ticket = auth.get("ticket") if isinstance(auth, dict) and len(auth) == 1 else None
        if connection is None or not isinstance(ticket, str):
            self.counts["connect refused"] += 1
            raise Refused(Code.TICKET_INVALID)
        entry = self._tickets.take(ticket)
        # From here on a sign-out or a revocation finds this connection.
        connection.entry = entry
        try:
            connection.employee = await self._db.read(lambda unit: _employee(unit, entry))
            connection.require_wanted()
        except BaseException:
            connection.entry = None
            raise
        connection.within(self._deadlines.join, lambda c: c.is_settled)

    async def received(self, line: str, event: object, arguments: list[Any], *, wants_answer: bool) -> Any:
        """An event as its answer: `{ok: true, ...}` or `{ok: false, error}`, whatever happens."""
        connection = self._register.find(line)
        if connection is None or connection.closed:
            return None
        async with connection.turn:
            try:
                answer = await self._carry_out(connection, event, arguments, wants_answer=wants_answer)
            except Refused as refused:
                return self._refused(connection, event, refused, wants_answer=wants_answer)
            except Exception as error:
                log.warning("%s: a command failed: %s", connection.id, type(error).__name__)
                return _error(Refused(Code.INTERNAL))
        return {"ok": True, **answer}

    async def _carry_out(
        self, connection: Connection, event: object, arguments: list[Any], *, wants_answer: bool
    ) -> dict[str, Any]:
        if connection.bucket.overdrawn:
            raise Refused(Code.TOO_MANY_REQUESTS)
        connection.require_wanted()
        if event == "signal":
            self._relay.signal(connection, arguments, wants_answer=wants_answer)
            return {}
        if not isinstance(event, str) or event not in self._handlers:
            raise Refused(Code.VALIDATION_FAILED, "There is no such event.")
        if len(arguments) != 1:
            raise Refused(Code.VALIDATION_FAILED, "An event has one message.")
        message = codec.convert(arguments[0], COMMANDS[event][0])
        answer = await self._handlers[event](connection, message)
        fields: dict[str, Any] = codec.plain(answer)
        return fields

    def _refused(self, connection: Connection, event: object, refused: Refused, *, wants_answer: bool) -> Any:
        self.counts[f"refused {refused.code}"] += 1
        if refused.code is Code.TOO_MANY_REQUESTS or (event == "signal" and not wants_answer):
            # A signal has no ack to be refused with. What is left out of a negotiation breaks it, so it starts anew.
            if connection.dismissed is None:
                connection.cut()
        elif event == "join" and connection.dismissed is None and not connection.is_settled:
            connection.within(self._deadlines.asked, lambda c: c.is_settled)
        return _error(refused)


def _error(refused: Refused) -> dict[str, Any]:
    error = {"code": refused.code.value, "detail": refused.sentence}
    if refused.extra.get("field"):
        error["field"] = refused.extra["field"]
    return {"ok": False, "error": error}


def _employee(unit: Unit, entry: Entry) -> Employee | None:
    """The employee whom the ticket names, still signed in; None for a client whose link still counts."""
    if entry.employee is None:
        invite = None if entry.client_pass is None else unit.invites.invite(entry.client_pass.invite)
        if invite is None or invite.standing is Standing.REVOKED:
            raise Refused(Code.LINK_REVOKED)
        return None
    kept = unit.people.employee(entry.employee)
    signed_in = entry.sign_in is None or unit.people.sign_in(entry.sign_in) is not None
    if kept is None or not kept.value.active or not signed_in:
        raise Refused(Code.NOT_SIGNED_IN)
    return kept.value
