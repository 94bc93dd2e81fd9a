"""Tickets: single use, thirty seconds, bounded in number."""

from __future__ import annotations

import pytest

from signaling.errors import Code, Refused
from signaling.transport import tickets
from signaling.transport.tickets import Entry, Tickets
from tests.api.house import HeldClock

WATCH = Entry("watch", "anna")


def test_a_ticket_is_used_once() -> None:
    office = Tickets(HeldClock())
    ticket = office.issue(WATCH)
    assert len(ticket) == 43
    assert office.take(ticket) is WATCH
    for used in (ticket, "", "x"):
        with pytest.raises(Refused) as refused:
            office.take(used)
        assert refused.value.code is Code.TICKET_INVALID


def test_a_ticket_lives_thirty_seconds() -> None:
    clock = HeldClock()
    office = Tickets(clock)
    first, second = office.issue(WATCH), office.issue(WATCH)
    clock.pass_(seconds=29.9)
    assert office.take(first) is WATCH
    clock.pass_(seconds=0.1)
    with pytest.raises(Refused):
        office.take(second)


def test_tickets_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "LIMIT", 3)
    clock = HeldClock()
    office = Tickets(clock)
    for _ in range(3):
        office.issue(WATCH)
    with pytest.raises(Refused) as refused:
        office.issue(WATCH)
    assert refused.value.code is Code.TOO_MANY_REQUESTS
    clock.pass_(seconds=30)
    assert office.take(office.issue(WATCH)) is WATCH
