"""What stands in for the world outside: a settable clock, counted ids, and everything that is told written down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from signaling.domain.presence import Presence
from signaling.domain.session import Role
from signaling.ports import Fact


class SetClock:
    """A clock that stands until it is set."""

    def __init__(self, time: datetime) -> None:
        self.time = time

    def now(self) -> datetime:
        return self.time

    def forward(self, by: timedelta) -> None:
        self.time += by


class CountedIds:
    """Ids that can be foretold, every one another."""

    def __init__(self) -> None:
        self._count = count(1)

    def id(self) -> str:
        return f"id-{next(self._count)}"

    def bytes(self, count: int) -> bytes:
        return next(self._count).to_bytes(count, "big")


@dataclass
class Told:
    """What was published, and how often the mail worker's bell rang."""

    facts: list[Fact] = field(default_factory=list)
    rings: int = 0

    def publish(self, facts: Iterable[Fact]) -> None:
        self.facts += facts

    def wake(self) -> None:
        self.rings += 1

    def kinds(self) -> list[str]:
        return [fact.kind for fact in self.facts]


class SetWatch:
    """Who is in the call, as a test says."""

    def __init__(self) -> None:
        self.seen: dict[Role, Presence] = {}

    def presence(self, visit: str, role: Role) -> Presence:
        return self.seen.get(role, Presence.NEVER)
