"""Tells the pages what has happened: both legs of a visit, and the staff pages whose schedule it shows in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import MappingProxyType

from signaling.domain.presence import Presence
from signaling.domain.session import Role, State
from signaling.domain.visit import Position
from signaling.errors import Code
from signaling.ports import Database, Fact
from signaling.protocol.messages import (
    InviteChanged,
    Message,
    PeerChanged,
    SessionChanged,
    VisitChanged,
)
from signaling.services.viewing import last_invite
from signaling.transport.connections import Connection, Register
from signaling.transport.rooms import Rooms

log = logging.getLogger("signaling.sockets")

_OFFICE = frozenset({Position.COORDINATOR, Position.ADMINISTRATOR})


class Announcer:
    """Implements `Notifier`: every fact becomes what the pages are told, in the order of publication."""

    def __init__(self, rooms: Rooms, register: Register, db: Database) -> None:
        self._rooms = rooms
        self._register = register
        self._db = db
        self._lookups: set[asyncio.Task[None]] = set()
        # One at a time, so that what was read earlier is told earlier.
        self._reading = asyncio.Lock()
        self._announce: Mapping[str, Callable[[Fact], None]] = MappingProxyType(
            {
                "session_changed": self._session_changed,
                "leg_ended": self._leg_ended,
                "visit_changed": self._visit_changed,
                "invite_changed": self._invite_changed,
                "links_revoked": self._links_revoked,
                "visit_cancelled": self._visit_cancelled,
                "employee_switched_off": self._signed_out,
                "signed_out": self._signed_out,
            }
        )
        rooms.when_presence_changes(self._presence_changed)

    def publish(self, facts: Iterable[Fact]) -> None:
        """Tell the pages. What goes wrong with one fact is logged, and the others are still told."""
        for fact in facts:
            try:
                self._announce[fact.kind](fact)
            except Exception as error:
                log.warning("a fact could not be announced: %s %s", fact.kind, type(error).__name__)

    def close(self) -> None:
        """Look nothing up any more."""
        for lookup in tuple(self._lookups):
            lookup.cancel()

    def _session_changed(self, fact: Fact) -> None:
        visit = _visit(fact)
        state = State(fact.data["state"])
        message = SessionChanged(visit_id=visit, rev=fact.data["rev"], state=state)
        _tell(self._rooms.connections(visit), message)
        self._tell_watchers(fact.employees, message)
        if state is State.TERMINATED:
            self._rooms.end(visit)

    def _leg_ended(self, fact: Fact) -> None:
        data = fact.data
        self._rooms.leave(_visit(fact), Role(data["role"]), data["generation"], Presence(data["why"]))

    def _visit_changed(self, fact: Fact) -> None:
        message = VisitChanged(visit_id=_visit(fact))
        _tell(self._rooms.connections(message.visit_id), message)
        self._tell_watchers(fact.employees, message)

    def _invite_changed(self, fact: Fact) -> None:
        """The client's page is not told: the address may be another's."""
        visit = _visit(fact)
        self._tell_watchers(fact.employees, InviteChanged(visit_id=visit, last_invite=None))
        if self._rooms.connections(visit, Role.CAREGIVER):
            self._look_up(lambda: self._tell_last_invite(visit))

    def _links_revoked(self, fact: Fact) -> None:
        self._expel(_visit(fact), Role.CLIENT, Code.LINK_REVOKED)

    def _visit_cancelled(self, fact: Fact) -> None:
        for role in Role:
            self._expel(_visit(fact), role, Code.VISIT_CANCELLED)

    def _expel(self, visit: str, role: Role, code: Code) -> None:
        """Also those who were let in by their ticket and have not joined yet."""
        for connection in self._register.all():
            entry = connection.entry
            if entry is not None and entry.visit == visit and connection.role is role and not connection.joined:
                connection.expel(code)
        self._rooms.expel(visit, role, code)

    def _signed_out(self, fact: Fact) -> None:
        only = fact.data.get("signIn")
        for connection in self._register.all():
            entry = connection.entry
            if entry is None or entry.employee not in fact.employees:
                continue
            if only is None or (entry.sign_in is not None and entry.sign_in.hex() == only):
                connection.expel(Code.NOT_SIGNED_IN)

    def _tell_watchers(self, employees: Iterable[str], message: Message) -> None:
        concerned = set(employees)
        for connection in self._register.all():
            employee = connection.employee if connection.watches else None
            if employee is not None and (employee.id in concerned or employee.position in _OFFICE):
                connection.tell(message)

    def _presence_changed(self, visit: str, role: Role) -> None:
        if any(connection.watches for connection in self._register.all()):
            self._look_up(lambda: self._tell_presence(visit, role))

    def _look_up(self, tell: Callable[[], Awaitable[None]]) -> None:
        """Tell something that must be read first, beside the rest."""

        async def look() -> None:
            try:
                async with self._reading:
                    await tell()
            except Exception as error:
                log.warning("what pages are to be told could not be read: %s", type(error).__name__)

        lookup = asyncio.get_running_loop().create_task(look())
        self._lookups.add(lookup)
        lookup.add_done_callback(self._lookups.discard)

    async def _tell_last_invite(self, visit: str) -> None:
        last = await self._db.read(lambda unit: last_invite(unit, visit))
        _tell(self._rooms.connections(visit, Role.CAREGIVER), InviteChanged(visit_id=visit, last_invite=last))

    async def _tell_presence(self, visit: str, role: Role) -> None:
        kept = await self._db.read(lambda unit: unit.visits.visit(visit))
        if kept is not None:
            presence = self._rooms.presence(visit, role)
            message = PeerChanged(visit_id=visit, role=role, presence=presence, pair=None)
            self._tell_watchers((kept.value.employee,), message)


def _visit(fact: Fact) -> str:
    if fact.visit is None:
        raise ValueError("this kind of fact is about a visit")
    return fact.visit


def _tell(connections: Iterable[Connection], message: Message) -> None:
    for connection in connections:
        connection.tell(message)
