"""Who sits where in one visit's call: two seats, one pair. No timers and nothing sent; see `rooms`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from signaling.domain.presence import GRACE, Leg, Pair, Presence, next_pair, presence_of
from signaling.domain.session import Role
from signaling.protocol.messages import Grade, MediaState
from signaling.transport.connections import Connection


@dataclass(slots=True, eq=False)
class Seat:
    """What is known of one role: its latest leg, the connection of that leg, and what the other page was told.

    `heard_at` is when the last byte of a connection that is gone was heard; None if there was none since the
    server started. Times are seconds of a steady clock.
    """

    leg: Leg | None = None
    connection: Connection | None = None
    heard_at: float | None = None
    employee: str | None = None
    name: str = ""
    media: MediaState | None = None
    grade: Grade | None = None
    told: Presence = Presence.NEVER

    def presence(self, now: float, started_at: float) -> Presence:
        """What is known of the page at `now`; `started_at` is when the server began to listen."""
        return presence_of(
            self.leg,
            connected=self.connection is not None,
            silent_for=None if self.heard_at is None else timedelta(seconds=now - self.heard_at),
            running_for=timedelta(seconds=now - started_at),
        )

    def changes_at(self, now: float, started_at: float) -> float | None:
        """When presence changes by itself, if nothing is heard; None if it does not."""
        if self.presence(now, started_at) not in {Presence.PRESENT, Presence.UNKNOWN} or self.connection is not None:
            return None
        return (started_at if self.heard_at is None else self.heard_at) + GRACE.total_seconds()

    def take(self, leg: Leg) -> None:
        """A leg that storage knows: it counts unless a later one is known here."""
        if self.leg is None or leg.generation > self.leg.generation:
            self.leg = leg
            self.heard_at = None


@dataclass(slots=True, eq=False)
class Room:
    """One visit's call. `door` lets one page in at a time; `entering` are those who are on its threshold."""

    visit: str
    seats: dict[Role, Seat] = field(default_factory=lambda: {role: Seat() for role in Role})
    pair: Pair | None = None
    entering: set[Connection] = field(default_factory=set)
    door: asyncio.Lock = field(default_factory=asyncio.Lock)
    is_over: bool = False

    def renew_pair(self, offered: Pair | None, *, fresh: bool) -> bool:
        """Choose the pair once both legs exist; whether it is another one than before."""
        caregiver, client = self.seats[Role.CAREGIVER].leg, self.seats[Role.CLIENT].leg
        before = self.pair
        if caregiver is not None and client is not None:
            self.pair = next_pair(before, caregiver.generation, client.generation, offered=offered, fresh=fresh)
        return self.pair != before

    def connections(self, role: Role | None = None) -> list[Connection]:
        """The pages in the call, and those about to be, of one role or of both."""
        roles = list(Role) if role is None else [role]
        seated = [seat.connection for r, seat in self.seats.items() if r in roles and seat.connection is not None]
        return seated + [c for c in self.entering if c.role in roles and c not in seated]

    @property
    def is_empty(self) -> bool:
        """Whether nobody is connected."""
        return not self.connections()
