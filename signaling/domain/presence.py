"""Who is connected now. Presence never changes a session's state (SPEC §5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

# A phone on a poor network is often silent for several seconds; people should not read "lost" each time.
GRACE = timedelta(seconds=20)


class Presence(StrEnum):
    """What is known of a person's page.

    `unknown` follows a start of the server, for GRACE; `lost` a silence of GRACE; `closed` a page's farewell;
    `left` a hang-up or "Leave for now".
    """

    NEVER = "never"
    PRESENT = "present"
    LOST = "lost"
    CLOSED = "closed"
    LEFT = "left"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Leg:
    """One page's stay in a call, across reconnections and reloads.

    `generation` rises with every new leg of the role: an older one can do nothing any more. `ended` is how the
    leg was left (`closed` or `left`), None while it may still come back by itself.
    """

    id: str
    generation: int
    ended: Presence | None = None


def presence_of(leg: Leg | None, *, connected: bool, silent_for: timedelta | None, running_for: timedelta) -> Presence:
    """What is known of the page whose latest leg this is (DESIGN §4).

    `silent_for` is the time since the last byte heard of it, None if nothing was heard since the server started;
    `running_for` is how long ago that was.
    """
    if leg is None:
        return Presence.NEVER
    if leg.ended is not None:
        return leg.ended
    if connected:
        return Presence.PRESENT
    if silent_for is None:
        return Presence.UNKNOWN if running_for < GRACE else Presence.LOST
    return Presence.PRESENT if silent_for < GRACE else Presence.LOST


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """The two legs that negotiate with each other, and which try it is; signaling of another pair is stale.

    On the wire `"{caregiver generation}.{client generation}.{n}"` (DESIGN §3).
    """

    caregiver: int
    client: int
    n: int

    def __str__(self) -> str:
        return f"{self.caregiver}.{self.client}.{self.n}"

    @classmethod
    def parse(cls, text: str) -> Pair:
        """The pair of its wire form; raises ValueError for any other text."""
        caregiver, client, n = (int(part) for part in text.split("."))
        pair = cls(caregiver, client, n)
        if str(pair) != text or min(caregiver, client, n) < 0:
            raise ValueError("not a pair")
        return pair


def next_pair(current: Pair | None, caregiver: int, client: int, *, offered: Pair | None, fresh: bool) -> Pair:
    """The pair for these two generations.

    `offered` is what a returning page still holds a peer connection for: it is taken up if it belongs to these
    generations and is what the server knows, or the server knows none yet, so that neither a lost socket nor a
    restart of the server touches a running call. Two pages that name different pairs hold connections that do not
    belong together: the one behind takes up the other's, and one that is ahead of both begins a new try.
    `fresh` says that a page has no peer connection and needs a new try.
    """
    known = current if current is not None and (current.caregiver, current.client) == (caregiver, client) else None
    if offered is not None and (offered.caregiver, offered.client) != (caregiver, client):
        offered = None
    if known is None:
        return (
            offered if offered is not None and not fresh else Pair(caregiver, client, (offered.n if offered else 0) + 1)
        )
    if fresh:
        return Pair(caregiver, client, known.n + 1)
    if offered is not None and offered.n > known.n:
        return Pair(caregiver, client, offered.n + 1)
    return known
