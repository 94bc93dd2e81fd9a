"""Contract of VisitStore."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.domain.visit import Visit
from signaling.ports import Database, Documentation, Kept, TaskOutcome, Unit
from storage.columns import micros, moment
from tests.storage.agency import CLIENT, HOUR, NOON, VISIT, visit

MICROSECOND = timedelta(microseconds=1)
ZONES = UTC, timezone(timedelta(hours=-5.5))


def put(value: Visit) -> Callable[[Unit], int]:
    return lambda unit: unit.visits.put_visit(value)


async def test_a_visit_comes_back_as_it_was_put(database: Database) -> None:
    assert await database.read(lambda unit: unit.visits.visit("v1")) == Kept(1, VISIT)
    assert await database.read(lambda unit: unit.visits.visit("x")) is None
    changed = replace(
        VISIT,
        employee="e2",
        starts_at=NOON - HOUR,
        ends_at=NOON,
        time_zone="America/Toronto",
        tasks=(),
        cancelled_at=NOON,
        clocked_in_at=NOON + MICROSECOND,
        clocked_out_at=NOON + HOUR,
        sequence=2,
    )
    assert await database.write(lambda unit: unit.visits.put_visit(changed)) == 2
    assert await database.read(lambda unit: unit.visits.visit("v1")) == Kept(2, changed)


@pytest.mark.parametrize("field", ["service_code", "employee", "client"])
async def test_a_visit_refers_to_what_is_there(database: Database, field: str) -> None:
    changes: dict[str, str] = {field: "nobody"}
    with pytest.raises(sqlite3.IntegrityError):
        await database.write(lambda unit: unit.visits.put_visit(replace(VISIT, id="v2", **changes)))  # type: ignore[arg-type]
    assert await database.read(lambda unit: unit.visits.visit("v2")) is None


async def test_between_takes_what_overlaps_the_span_half_open(database: Database) -> None:
    spans = {
        "ends-at-start": (NOON - HOUR, HOUR),
        "ends-just-inside": (NOON - HOUR, HOUR + MICROSECOND),
        "a-whole-day-before": (NOON - timedelta(hours=24) + MICROSECOND, timedelta(hours=24)),
        "around": (NOON - HOUR, 4 * HOUR),
        "starts-just-inside": (NOON + 2 * HOUR - MICROSECOND, HOUR),
        "starts-at-end": (NOON + 2 * HOUR, HOUR),
    }
    for name, (starts_at, lasts) in spans.items():
        await database.write(put(visit(name, starts_at, lasts)))
    found = await database.read(lambda unit: unit.visits.between(NOON, NOON + 2 * HOUR))
    assert [kept.value.id for kept in found] == [
        "a-whole-day-before",
        "around",
        "ends-just-inside",
        "v1",
        "starts-just-inside",
    ]


async def test_between_can_ask_for_one_employee(database: Database) -> None:
    await database.write(lambda unit: unit.visits.put_visit(visit("v2", NOON, employee="e2")))
    mine = await database.read(lambda unit: unit.visits.between(NOON, NOON + HOUR, "e2"))
    assert [kept.value.id for kept in mine] == ["v2"]


async def test_a_clients_visits_are_in_order(database: Database) -> None:
    await database.write(lambda unit: unit.people.put_client(replace(CLIENT, id="c2")))
    await database.write(lambda unit: unit.visits.put_visit(visit("v0", NOON)))
    await database.write(lambda unit: unit.visits.put_visit(visit("v2", NOON - HOUR)))
    await database.write(lambda unit: unit.visits.put_visit(visit("v3", NOON, client="c2")))
    found = await database.read(lambda unit: unit.visits.of_client("c1"))
    assert [kept.value.id for kept in found] == ["v2", "v0", "v1"]


async def test_documentation_keeps_every_version_and_shows_the_latest(database: Database) -> None:
    empty = await database.read(lambda unit: unit.visits.documentation("v1"))
    assert empty == Documentation("v1", 0, "", (), None, None)
    first = Documentation("v1", 1, "Pulse 70\nTea", (TaskOutcome("t1", True, ""),), NOON, "e1")
    second = replace(first, version=2, tasks=(TaskOutcome("t1", False, "asleep"), TaskOutcome("t2", None, "")))
    await database.write(lambda unit: unit.visits.save_documentation(first))
    assert await database.read(lambda unit: unit.visits.documentation("v1")) == first
    await database.write(lambda unit: unit.visits.save_documentation(second))
    assert await database.read(lambda unit: unit.visits.documentation("v1")) == second
    with pytest.raises(sqlite3.IntegrityError):
        await database.write(lambda unit: unit.visits.save_documentation(replace(second, notes="other")))
    assert await database.read(lambda unit: unit.visits.documentation("v1")) == second


@settings(print_blob=True)
@given(st.datetimes(timezones=st.sampled_from(ZONES)).filter(lambda value: 1 < value.year < 9999))
def test_times_come_back_exactly_and_in_utc(value: datetime) -> None:
    back = moment(micros(value))
    assert back == value
    assert back.tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        micros(datetime(2026, 1, 1))  # noqa: DTZ001 -- that is the point
