"""Who is in a call now: rooms in memory, presence by the clock, and what each page is told of the other.

Nothing here is stored. After a start of the server the rooms are filled from the stored legs (`recall`) and by the
pages themselves, which come back with the pair they hold (DESIGN §3.6).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from signaling.domain.presence import GRACE, Leg, Pair, Presence
from signaling.domain.session import Role
from signaling.errors import Code, Refused
from signaling.protocol.messages import Grade, MediaState, PeerChanged, PeerMedia, PeerQuality
from signaling.transport.connections import FAREWELL_SECONDS, Connection
from signaling.transport.seats import Room, Seat


class Timers(Protocol):
    """A steady clock that can call back."""

    def now(self) -> float:
        """Seconds; only differences mean anything."""
        ...

    def later(self, seconds: float, call: Callable[[], None]) -> None: ...


class LoopTimers:
    """The event loop's timers."""

    def now(self) -> float:
        """The monotonic clock."""
        return time.monotonic()

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call back on the running loop."""
        asyncio.get_running_loop().call_later(seconds, call)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A page that may enter: its leg as stored, the pair it still holds, and what it says of itself."""

    visit: str
    role: Role
    leg: Leg
    other_leg: Leg | None
    pair: Pair | None
    name: str
    media: MediaState | None
    employee: str | None = None


class Rooms:
    """Every call of this server; implements `CallWatch`."""

    def __init__(self, timers: Timers | None = None) -> None:
        self._timers = timers if timers is not None else LoopTimers()
        self._started_at = self._timers.now()
        self._rooms: dict[str, Room] = {}
        self._on_presence: Callable[[str, Role], None] = lambda _, __: None

    def when_presence_changes(self, call: Callable[[str, Role], None]) -> None:
        """Have `call` called with visit and role, at most once a change."""
        self._on_presence = call

    def recall(self, legs: Iterable[tuple[str, Role, Leg]]) -> None:
        """The legs that storage knows, at the start: unknown for GRACE, then lost."""
        self._started_at = self._timers.now()
        for visit, role, leg in legs:
            seat = self.room(visit).seats[role]
            seat.take(leg)
            seat.told = seat.presence(self._started_at, self._started_at)
        self._timers.later(GRACE.total_seconds(), self._refresh_all)

    def now(self) -> float:
        """Seconds of the clock that presence goes by."""
        return self._timers.now()

    def room(self, visit: str) -> Room:
        """The room of a visit, made when it is first asked for."""
        return self._rooms.setdefault(visit, Room(visit))

    def presence(self, visit: str, role: Role) -> Presence:
        """What is known of the page now."""
        room = self._rooms.get(visit)
        if room is None:
            return Presence.NEVER
        return room.seats[role].presence(self._timers.now(), self._started_at)

    def in_call(self, employee: str) -> bool:
        """Whether the employee is in a call now: then they are not signed out for being idle."""
        return any(
            room.seats[Role.CAREGIVER].employee == employee and self.presence(visit, Role.CAREGIVER) is Presence.PRESENT
            for visit, room in self._rooms.items()
        )

    def connections(self, visit: str, role: Role | None = None) -> list[Connection]:
        """The pages of a call, those about to enter included."""
        room = self._rooms.get(visit)
        return [] if room is None else room.connections(role)

    def enter(self, connection: Connection, arrival: Arrival) -> Pair | None:
        """Seat a page whose leg is stored; the pair it is to use.

        A page of an older leg is told that it was replaced, an older connection of the same leg just ends. Raises
        Refused(LEG_REPLACED) if a later leg has been seated meanwhile.
        """
        room = self.room(arrival.visit)
        seat, other = room.seats[arrival.role], room.seats[arrival.role.other]
        if seat.leg is not None and arrival.leg.generation < seat.leg.generation:
            raise Refused(Code.LEG_REPLACED)
        is_new = seat.connection is not connection
        if is_new:
            self._unseat(seat, arrival.leg)
        if seat.leg is None or seat.leg.generation != arrival.leg.generation:
            seat.media = seat.grade = None
        seat.leg, seat.connection, seat.heard_at = arrival.leg, connection, None
        seat.employee, seat.name = arrival.employee, arrival.name
        if arrival.other_leg is not None:
            other.take(arrival.other_leg)
        connection.joined = True
        moved = room.renew_pair(arrival.pair, fresh=arrival.pair is None)
        if not self._refresh(room, arrival.role) and (is_new or moved):
            self._tell_other(room, arrival.role)
        if arrival.media is not None:
            self.set_media(connection, arrival.media)
        return room.pair

    def _unseat(self, seat: Seat, leg: Leg) -> None:
        if seat.connection is None or seat.leg is None:
            return
        if seat.leg.generation < leg.generation:
            seat.connection.replace()
        else:
            seat.connection.cut()

    def leave(self, visit: str, role: Role, generation: int, why: Presence) -> None:
        """A leg was ended: `closed` by its page's farewell, or `left`. An older leg's farewell means nothing.

        A farewell can come late, when the same page is back already: so its connection is ended too, and a page that
        is alive after all comes back.
        """
        room = self._rooms.get(visit)
        seat = Seat() if room is None else room.seats[role]
        if room is None or seat.leg is None or seat.leg.generation != generation:
            return
        seat.leg = replace(seat.leg, ended=why)
        connection = seat.connection
        if why is Presence.CLOSED and connection is not None:
            connection.within(FAREWELL_SECONDS, lambda _: seat.connection is not connection or not _ended(seat))
        self._refresh(room, role)

    def detach(self, connection: Connection) -> None:
        """A connection is gone; its leg is taken for lost only GRACE after it was last heard."""
        for room in self._of(connection):
            room.entering.discard(connection)
            for role, seat in room.seats.items():
                if seat.connection is connection:
                    seat.connection, seat.heard_at = None, connection.heard_at
                    self._refresh(room, role)
            self._tidy(room)

    def expel(self, visit: str, role: Role, code: Code) -> None:
        """Close the role's pages: they may not go on. Their leg counts as closed."""
        room = self._rooms.get(visit)
        if room is None:
            return
        for connection in room.connections(role):
            connection.expel(code)
        seat = room.seats[role]
        if seat.leg is not None and seat.leg.ended is None:
            seat.leg = replace(seat.leg, ended=Presence.CLOSED)
            self._refresh(room, role)

    def end(self, visit: str) -> None:
        """The session is over: the room goes when the last page has."""
        room = self._rooms.get(visit)
        if room is not None:
            room.is_over = True
            self._tidy(room)

    def seat_of(self, connection: Connection) -> tuple[Room, Role]:
        """Room and role of a page in a call. Raises Refused(NOT_IN_CALL), Refused(LEG_REPLACED)."""
        entry, role = connection.entry, connection.role
        if entry is None or entry.visit is None or role is None or not connection.joined:
            raise Refused(Code.NOT_IN_CALL)
        room = self.room(entry.visit)
        if room.seats[role].connection is not connection:
            raise Refused(Code.LEG_REPLACED)
        return room, role

    def set_media(self, connection: Connection, media: MediaState) -> None:
        """What the page's devices do, for the other page."""
        room, role = self.seat_of(connection)
        room.seats[role].media = media
        self._pass(room, role.other, PeerMedia(camera=media.camera, microphone=media.microphone))

    def set_grade(self, connection: Connection, grade: Grade) -> None:
        """How the page's connection is, for the other page."""
        room, role = self.seat_of(connection)
        room.seats[role].grade = grade
        self._pass(room, role.other, PeerQuality(grade=grade))

    def renegotiate(self, connection: Connection, given_up: Pair) -> None:
        """A new try for both pages, if the pair that is given up is the present one; the asker is told in any case."""
        room, role = self.seat_of(connection)
        if room.pair == given_up and room.renew_pair(None, fresh=True):
            self._tell_other(room, role)
        self._tell_other(room, role.other)

    def _pass(self, room: Room, role: Role, fact: PeerMedia | PeerQuality | PeerChanged) -> None:
        connection = room.seats[role].connection
        if connection is not None:
            connection.tell(fact)

    def _tell_other(self, room: Room, about: Role) -> None:
        seat = room.seats[about]
        pair = None if room.pair is None else str(room.pair)
        fact = PeerChanged(visit_id=room.visit, role=about, presence=seat.told, pair=pair)
        if seat.name:
            fact.name = seat.name
        self._pass(room, about.other, fact)

    def _refresh(self, room: Room, role: Role) -> bool:
        """Tell what has changed, and look again when the clock can change it; whether anything was told."""
        seat = room.seats[role]
        now = self._timers.now()
        presence = seat.presence(now, self._started_at)
        at = seat.changes_at(now, self._started_at)
        if at is not None:
            self._timers.later(max(0.0, at - now), lambda: self._look_again(room, role))
        if presence is seat.told:
            return False
        seat.told = presence
        self._tell_other(room, role)
        self._on_presence(room.visit, role)
        return True

    def _look_again(self, room: Room, role: Role) -> None:
        if self._rooms.get(room.visit) is room:
            self._refresh(room, role)

    def _refresh_all(self) -> None:
        for room in list(self._rooms.values()):
            for role in Role:
                self._refresh(room, role)

    def _of(self, connection: Connection) -> list[Room]:
        visit = None if connection.entry is None else connection.entry.visit
        room = None if visit is None else self._rooms.get(visit)
        return [] if room is None else [room]

    def _tidy(self, room: Room) -> None:
        blank = room.is_over or all(seat.leg is None for seat in room.seats.values())
        if blank and room.is_empty and not room.door.locked():
            self._rooms.pop(room.visit, None)


def _ended(seat: Seat) -> bool:
    return seat.leg is not None and seat.leg.ended is not None
