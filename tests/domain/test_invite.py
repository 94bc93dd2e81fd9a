"""When a link admits and why not, to the second (SPEC §5, §6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from signaling.domain.invite import (
    DAY,
    WRONG_HANDS,
    How,
    Invite,
    Refusal,
    Standing,
    expires_at,
    is_for_another_time,
    looks_complete,
    opens_at,
    refusal,
)
from signaling.domain.session import State
from signaling.domain.visit import Visit
from signaling.errors import Code

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
VISIT = Visit("v1", "nursing", "e1", "c1", NOON, NOON + HOUR, "Europe/Paris")
INVITE = Invite("i1", "v1", How.EMAIL, "a@example.org", NOON - DAY, "employee:e1", NOON, Standing.LIVE, bytes(32))


def asked(now: datetime, invite: Invite = INVITE, visit: Visit = VISIT, state: State = State.INVITED) -> Refusal | None:
    """The refusal with the usual opening time."""
    return refusal(invite, visit, state, now, HOUR)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (NOON - HOUR - SECOND, Refusal.TOO_EARLY),
        (NOON - HOUR, None),
        (NOON, None),
        (NOON + HOUR, None),
        (NOON + HOUR + DAY - SECOND, None),
        (NOON + HOUR + DAY, Refusal.EXPIRED),
    ],
)
def test_admits_from_an_hour_before_the_start_until_a_day_after_the_end(
    now: datetime, expected: Refusal | None
) -> None:
    assert asked(now) is expected


@pytest.mark.parametrize(("before", "expected"), [(timedelta(0), NOON), (10 * HOUR, NOON - 10 * HOUR)])
def test_how_long_before_is_a_setting(before: timedelta, expected: datetime) -> None:
    assert opens_at(VISIT, before) == expected
    assert refusal(INVITE, VISIT, State.INVITED, expected - SECOND, before) is Refusal.TOO_EARLY
    assert refusal(INVITE, VISIT, State.INVITED, expected, before) is None


@pytest.mark.parametrize(
    ("clocked_in_at", "expected"),
    [(NOON - 3 * HOUR, NOON - 3 * HOUR), (NOON - HOUR, NOON - HOUR), (NOON, NOON - HOUR), (None, NOON - HOUR)],
)
def test_opens_with_the_clock_in_if_that_is_earlier(clocked_in_at: datetime | None, expected: datetime) -> None:
    visit = replace(VISIT, clocked_in_at=clocked_in_at)
    assert opens_at(visit, HOUR) == expected
    assert asked(expected - SECOND, visit=visit) is Refusal.TOO_EARLY
    assert asked(expected, visit=visit) is None


@pytest.mark.parametrize(
    ("made_at", "expected"),
    [
        (NOON - 30 * DAY, NOON + HOUR + DAY),
        (NOON + HOUR - SECOND, NOON + HOUR + DAY),
        (NOON + HOUR + SECOND, NOON + HOUR + SECOND + DAY),
        (NOON + 5 * DAY, NOON + 6 * DAY),
    ],
)
def test_expires_a_day_after_the_later_of_end_and_making(made_at: datetime, expected: datetime) -> None:
    assert expires_at(VISIT, made_at) == expected
    invite = replace(INVITE, made_at=made_at)
    assert asked(expected - SECOND, invite) is None
    assert asked(expected, invite) is Refusal.EXPIRED


def test_the_expiry_follows_the_end() -> None:
    later = replace(VISIT, ends_at=NOON + 3 * HOUR)
    assert expires_at(later, INVITE.made_at) == NOON + 3 * HOUR + DAY
    assert expires_at(replace(later, time_zone="Asia/Tokyo"), INVITE.made_at) == NOON + 3 * HOUR + DAY


# In the order in which they are told. A visit can't be too early and expired at once.
CAUSES = (Refusal.REVOKED, Refusal.REPLACED, Refusal.OVER, Refusal.CANCELLED, Refusal.MOVED)
STANDINGS = {
    Refusal.REVOKED: Standing.REVOKED,
    Refusal.REPLACED: Standing.REPLACED,
    Refusal.MOVED: Standing.MOVED,
    None: Standing.LIVE,
}
TIMES = {
    Refusal.TOO_EARLY: NOON - HOUR - SECOND,
    None: NOON,
    Refusal.EXPIRED: NOON + HOUR + DAY,
}


@pytest.mark.parametrize(
    ("standing", "over", "cancelled", "time"), list(product(STANDINGS, (False, True), (False, True), TIMES))
)
def test_the_first_of_several_reasons_is_told(
    standing: Refusal | None, over: bool, cancelled: bool, time: Refusal | None
) -> None:
    invite = replace(INVITE, standing=STANDINGS[standing])
    visit = replace(VISIT, cancelled_at=NOON if cancelled else None)
    state = State.TERMINATED if over else State.JOINED
    true = {standing, time, Refusal.OVER if over else None, Refusal.CANCELLED if cancelled else None}
    expected = next((why for why in (*CAUSES, Refusal.EXPIRED, Refusal.TOO_EARLY) if why in true), None)
    assert asked(TIMES[time], invite, visit, state) is expected


@pytest.mark.parametrize("state", [State.INVITED, State.JOINED, State.CLIENT_HUNG_UP])
def test_admits_again_and_again_until_the_end(state: State) -> None:
    assert asked(NOON, state=state) is None


def test_only_what_may_be_in_the_wrong_hands_is_told_nothing_more() -> None:
    assert {Refusal.REPLACED, Refusal.REVOKED} == WRONG_HANDS


@pytest.mark.parametrize("why", Refusal)
def test_every_refusal_is_an_error_code(why: Refusal) -> None:
    assert Code(why).value == why.value


def test_knows_that_the_start_moved_after_it_was_made() -> None:
    assert not is_for_another_time(INVITE, VISIT)
    assert is_for_another_time(INVITE, replace(VISIT, starts_at=NOON + SECOND))
    assert not is_for_another_time(INVITE, replace(VISIT, ends_at=NOON + 2 * HOUR, time_zone="Asia/Tokyo"))


@pytest.mark.parametrize("token", ["A" * 43, "a-_9" * 10 + "xyz"])
def test_a_whole_token(token: str) -> None:
    assert looks_complete(token)


@pytest.mark.parametrize(
    "token", ["", "A" * 42, "A" * 44, "A" * 42 + "=", "A" * 42 + "+", "A" * 42 + "/", "A" * 43 + "\n", "é" * 43]
)
def test_a_token_that_was_cut_off_or_spoilt(token: str) -> None:
    assert not looks_complete(token)
