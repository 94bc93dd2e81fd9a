"""Invites: when a link admits, and why not when it does not (SPEC §6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from signaling.domain.session import State
from signaling.domain.visit import Visit

DAY = timedelta(days=1)
RESEND_PAUSE = timedelta(seconds=30)
RESENDS_PER_HOUR = 10
# 32 bytes in base64url without padding (RFC 4648, section 5).
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class How(StrEnum):
    """How an invite reaches the client."""

    EMAIL = "email"
    LINK = "link"


class Standing(StrEnum):
    """What has become of an invite since it was made."""

    LIVE = "live"
    MOVED = "moved"
    REPLACED = "replaced"
    REVOKED = "revoked"


class Delivery(StrEnum):
    """How the mail of an invite fares; a copied link has no delivery but `copied`."""

    SENDING = "sending"
    SENT = "sent"
    DELAYED = "delayed"
    FAILED = "failed"
    DROPPED = "dropped"
    COPIED = "copied"


class Refusal(StrEnum):
    """Why a link does not admit; the same words as the error codes of SPEC §6."""

    OVER = "link_over"
    MOVED = "link_moved"
    CANCELLED = "link_cancelled"
    REPLACED = "link_replaced"
    REVOKED = "link_revoked"
    TOO_EARLY = "link_too_early"
    EXPIRED = "link_expired"


# Such a link may be in the wrong hands: it is told the agency's name and phone only (SPEC §6).
WRONG_HANDS = frozenset({Refusal.REPLACED, Refusal.REVOKED})


@dataclass(frozen=True, slots=True)
class Invite:
    """One link for one client. `starts_at` is the visit's start when it was made; `seed` are its 32 random bytes."""

    id: str
    visit: str
    how: How
    address: str | None
    made_at: datetime
    made_by: str
    starts_at: datetime
    standing: Standing
    seed: bytes


def looks_complete(token: str) -> bool:
    """Whether a token has the form of one; a link cut off by a mail program has not."""
    return _TOKEN.fullmatch(token) is not None


def opens_at(visit: Visit, opens_before: timedelta) -> datetime:
    """When links begin to admit: `opens_before` the start, or from the clock-in if that is earlier."""
    regular = visit.starts_at - opens_before
    return regular if visit.clocked_in_at is None else min(regular, visit.clocked_in_at)


def expires_at(visit: Visit, made_at: datetime) -> datetime:
    """When a link stops admitting: a day after the scheduled end or after it was made, whichever is later."""
    return max(visit.ends_at, made_at) + DAY


def refusal(invite: Invite, visit: Visit, state: State, now: datetime, opens_before: timedelta) -> Refusal | None:
    """Why the link does not admit a new entry now; None if it does.

    What may be in the wrong hands is asked first, since it may be told nothing else.
    """
    rules = (
        (Refusal.REVOKED, invite.standing is Standing.REVOKED),
        (Refusal.REPLACED, invite.standing is Standing.REPLACED),
        (Refusal.OVER, state is State.TERMINATED),
        (Refusal.CANCELLED, visit.cancelled_at is not None),
        (Refusal.MOVED, invite.standing is Standing.MOVED),
        (Refusal.EXPIRED, now >= expires_at(visit, invite.made_at)),
        (Refusal.TOO_EARLY, now < opens_at(visit, opens_before)),
    )
    return next((why for why, applies in rules if applies), None)


def is_for_another_time(invite: Invite, visit: Visit) -> bool:
    """Whether the visit's start moved after the invite: the page asks to resend it."""
    return invite.starts_at != visit.starts_at
