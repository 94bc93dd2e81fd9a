"""Tickets for socket connections: single use, 30 seconds, in memory; the page fetches one over HTTP (DESIGN §4)."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from signaling.errors import Code, Refused
from signaling.ports import ClientPass, Clock

LIFETIME = timedelta(seconds=30)
LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Entry:
    """What a ticket lets in: a caregiver or a client to the call of a visit, or an employee who watches the schedule.

    `employee` and `sign_in` (the digest of the sign-in cookie) are set for staff, `client_pass` for a client.
    """

    role: Literal["caregiver", "client", "watch"]
    employee: str | None = None
    sign_in: bytes | None = None
    client_pass: ClientPass | None = None
    visit: str | None = None


class Tickets:
    """The tickets that were issued and not used yet. A restart forgets them; pages fetch new ones."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: OrderedDict[str, tuple[datetime, Entry]] = OrderedDict()

    def issue(self, entry: Entry) -> str:
        """A new ticket. Raises Refused(TOO_MANY_REQUESTS) while too many are waiting to be used."""
        now = self._clock.now()
        self._drop_old(now)
        if len(self._issued) >= LIMIT:
            raise Refused(Code.TOO_MANY_REQUESTS, retryAfter=int(LIFETIME.total_seconds()))
        ticket = secrets.token_urlsafe(32)
        self._issued[ticket] = (now + LIFETIME, entry)
        return ticket

    def take(self, ticket: str) -> Entry:
        """What the ticket lets in; it is used up. Raises Refused(TICKET_INVALID)."""
        self._drop_old(self._clock.now())
        found = self._issued.pop(ticket, None)
        if found is None:
            raise Refused(Code.TICKET_INVALID)
        return found[1]

    def _drop_old(self, now: datetime) -> None:
        # All live equally long, so the oldest is always first.
        while self._issued:
            ticket, (until, _) = next(iter(self._issued.items()))
            if until > now:
                return
            del self._issued[ticket]
