"""What follows from a visit's times, and what a change of schedule may do (SPEC §4, §5, §10)."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from signaling.domain.session import State
from signaling.domain.visit import (
    Change,
    LinkEffect,
    Status,
    Task,
    Visit,
    changes,
    effect_on_links,
    is_allowed,
    may_cancel,
)

SEED = random.randrange(2**32)
STATES: tuple[State | None, ...] = (None, *State)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
VISIT = Visit("v1", "nursing", "e1", "c1", NOON, NOON + HOUR, "Europe/Paris")
BOTH = (False, True)


@pytest.mark.parametrize(
    ("cancelled", "clocked_in", "clocked_out", "status"),
    [
        (False, False, False, Status.SCHEDULED),
        (False, True, False, Status.IN_PROGRESS),
        (False, True, True, Status.COMPLETED),
        (True, False, False, Status.CANCELLED),
        (True, True, True, Status.CANCELLED),
    ],
)
def test_status(cancelled: bool, clocked_in: bool, clocked_out: bool, status: Status) -> None:
    visit = replace(
        VISIT,
        cancelled_at=NOON if cancelled else None,
        clocked_in_at=NOON if clocked_in else None,
        clocked_out_at=NOON + HOUR if clocked_out else None,
    )
    assert visit.status is status
    assert visit.clocked_in is (clocked_in and not clocked_out)


def at(text: str, zone: str = "UTC") -> datetime:
    """A wall-clock time of a zone, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def lasting(start: str, end: str, zone: str) -> Visit:
    return replace(VISIT, starts_at=at(start, zone), ends_at=at(end, zone), time_zone=zone)


DAYTIME = lasting("2026-03-10T14:00", "2026-03-10T15:00", "Europe/Paris")
OVERNIGHT = lasting("2026-03-10T22:00", "2026-03-11T06:00", "Europe/Paris")
UNTIL_MIDNIGHT = lasting("2026-03-10T22:00", "2026-03-11T00:00", "Europe/Paris")
IN_AUCKLAND = lasting("2026-03-11T08:00", "2026-03-11T09:00", "Pacific/Auckland")
SPRING = lasting("2026-03-29T01:30", "2026-03-29T03:30", "Europe/Paris")
AUTUMN = lasting("2026-10-25T23:00", "2026-10-25T23:30", "America/New_York")


@pytest.mark.parametrize(
    ("visit", "moment", "expected"),
    [
        (DAYTIME, at("2026-03-10T00:00", "Europe/Paris"), True),
        (DAYTIME, at("2026-03-10T00:00", "Europe/Paris") - SECOND, False),
        (DAYTIME, at("2026-03-10T23:59:59", "Europe/Paris"), True),
        (DAYTIME, at("2026-03-11T00:00", "Europe/Paris"), False),
        # 23:30 UTC of the 9th is already the 10th in Paris.
        (DAYTIME, at("2026-03-09T23:30"), True),
        (DAYTIME, at("2026-03-10T23:30"), False),
        (OVERNIGHT, at("2026-03-10T00:00", "Europe/Paris"), True),
        (OVERNIGHT, at("2026-03-11T23:59:59", "Europe/Paris"), True),
        (OVERNIGHT, at("2026-03-12T00:00", "Europe/Paris"), False),
        # A visit that ends at midnight has nothing to do with the day that begins then.
        (UNTIL_MIDNIGHT, at("2026-03-10T23:59:59", "Europe/Paris"), True),
        (UNTIL_MIDNIGHT, at("2026-03-11T00:00", "Europe/Paris"), False),
        # 8 o'clock of the 11th in Auckland is the evening of the 10th in UTC.
        (IN_AUCKLAND, at("2026-03-10T11:00"), True),
        (IN_AUCKLAND, at("2026-03-10T10:59:59"), False),
        (IN_AUCKLAND, at("2026-03-11T11:00"), False),
        # Days of 23 and 25 hours.
        (SPRING, at("2026-03-28T23:00"), True),
        (SPRING, at("2026-03-29T21:59:59"), True),
        (SPRING, at("2026-03-29T22:00"), False),
        (AUTUMN, at("2026-10-25T04:00"), True),
        (AUTUMN, at("2026-10-26T03:59:59"), True),
        (AUTUMN, at("2026-10-26T04:00"), False),
    ],
)
def test_the_days_of_a_visit_are_those_of_its_zone(visit: Visit, moment: datetime, expected: bool) -> None:
    assert visit.is_on_day_of(moment) is expected


@seed(SEED)
@settings(max_examples=200, deadline=None)
@given(
    start=st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)),  # noqa: DTZ001 -- the zone comes next
    lasts=st.timedeltas(timedelta(microseconds=1), timedelta(hours=24)),
    zone=st.sampled_from(["Europe/Paris", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "Pacific/Apia"]),
    part=st.floats(0, 1, exclude_max=True),
)
def test_every_moment_of_a_visit_is_on_its_day(start: datetime, lasts: timedelta, zone: str, part: float) -> None:
    print(f"seed {SEED}")
    starts_at = start.replace(tzinfo=UTC)
    visit = replace(VISIT, starts_at=starts_at, ends_at=starts_at + lasts, time_zone=zone)
    assert visit.is_on_day_of(min(starts_at + lasts * part, visit.ends_at - timedelta(microseconds=1)))
    assert not visit.is_on_day_of(starts_at - timedelta(hours=26))
    assert not visit.is_on_day_of(visit.ends_at + timedelta(hours=26))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (VISIT, set()),
        (replace(VISIT, starts_at=NOON - SECOND), {Change.MOVED}),
        (replace(VISIT, ends_at=NOON + 2 * HOUR), set()),
        (replace(VISIT, time_zone="Asia/Tokyo"), set()),
        (replace(VISIT, service_code="other", tasks=(Task("t1", "Tea"),)), set()),
        (replace(VISIT, client="c2"), {Change.CLIENT_CHANGED}),
        (replace(VISIT, employee="e2"), {Change.REASSIGNED}),
        (
            replace(VISIT, starts_at=NOON - HOUR, client="c2", employee="e2"),
            {Change.MOVED, Change.CLIENT_CHANGED, Change.REASSIGNED},
        ),
    ],
)
def test_what_an_edit_amounts_to(after: Visit, expected: set[Change]) -> None:
    assert changes(VISIT, after) == expected


@pytest.mark.parametrize(("state", "clocked_in", "in_call"), list(product(STATES, BOTH, BOTH)))
def test_which_changes_are_allowed(state: State | None, clocked_in: bool, in_call: bool) -> None:
    def allowed(change: Change) -> bool:
        return is_allowed(change, state, clocked_in=clocked_in, in_call=in_call)

    assert allowed(Change.MOVED)
    assert allowed(Change.CLIENT_CHANGED) is (state in (None, State.INVITED))
    assert allowed(Change.REASSIGNED) is (not clocked_in and not in_call)
    assert may_cancel(clocked_in=clocked_in, in_call=in_call) is (not clocked_in and not in_call)


@pytest.mark.parametrize(("state", "clocked_in"), list(product(STATES, BOTH)))
def test_what_changes_do_to_links(state: State | None, clocked_in: bool) -> None:
    def effect(change: Change) -> LinkEffect:
        return effect_on_links(change, state, clocked_in=clocked_in)

    stops = state is State.INVITED and not clocked_in
    assert effect(Change.MOVED) is (LinkEffect.MOVED if stops else LinkEffect.NONE)
    assert effect(Change.CLIENT_CHANGED) is LinkEffect.REVOKED
    assert effect(Change.REASSIGNED) is LinkEffect.NONE
