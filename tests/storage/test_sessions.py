"""Contract of SessionStore."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace

import pytest

from signaling.domain.presence import Leg, Presence
from signaling.domain.session import Role, State
from signaling.ports import Database, Unit
from tests.storage.agency import HOUR, NOON, SESSION, event, visit


def put_leg(visit: str, role: Role, leg: Leg) -> Callable[[Unit], None]:
    return lambda unit: unit.sessions.put_leg(visit, role, leg, NOON)


async def test_a_session_is_put_and_moves(database: Database) -> None:
    assert await database.read(lambda unit: unit.sessions.session("v1")) is None
    await database.write(lambda unit: unit.sessions.put_session(SESSION))
    assert await database.read(lambda unit: unit.sessions.session("v1")) == SESSION
    joined = replace(SESSION, state=State.JOINED, rev=7)
    await database.write(lambda unit: unit.sessions.put_session(joined))
    assert await database.read(lambda unit: unit.sessions.session("v1")) == joined


async def test_a_session_keeps_when_it_was_made(database: Database) -> None:
    await database.write(lambda unit: unit.sessions.put_session(SESSION))
    await database.write(lambda unit: unit.sessions.put_session(replace(SESSION, created_at=NOON + HOUR)))
    assert await database.read(lambda unit: unit.sessions.session("v1")) == SESSION


async def test_the_leg_is_that_of_the_highest_generation(database: Database) -> None:
    await database.write(lambda unit: unit.sessions.put_session(SESSION))
    assert await database.read(lambda unit: unit.sessions.leg("v1", Role.CLIENT)) is None
    for leg in (Leg("a", 1), Leg("b", 10), Leg("c", 9)):
        await database.write(put_leg("v1", Role.CLIENT, leg))
    assert await database.read(lambda unit: unit.sessions.leg("v1", Role.CLIENT)) == Leg("b", 10)
    assert await database.read(lambda unit: unit.sessions.leg("v1", Role.CAREGIVER)) is None
    left = Leg("b", 10, Presence.LEFT)
    await database.write(lambda unit: unit.sessions.put_leg("v1", Role.CLIENT, left, NOON))
    assert await database.read(lambda unit: unit.sessions.leg("v1", Role.CLIENT)) == left
    await database.write(lambda unit: unit.sessions.put_leg("v1", Role.CLIENT, Leg("b", 10), NOON))
    assert await database.read(lambda unit: unit.sessions.leg("v1", Role.CLIENT)) == Leg("b", 10)


async def test_a_generation_belongs_to_one_leg(database: Database) -> None:
    await database.write(lambda unit: unit.sessions.put_session(SESSION))
    await database.write(lambda unit: unit.sessions.put_leg("v1", Role.CLIENT, Leg("a", 1), NOON))
    with pytest.raises(ValueError, match="another leg"):
        await database.write(lambda unit: unit.sessions.put_leg("v1", Role.CLIENT, Leg("b", 1), NOON))
    assert await database.read(lambda unit: unit.sessions.leg("v1", Role.CLIENT)) == Leg("a", 1)


async def test_open_legs_are_the_latest_of_sessions_that_go_on(database: Database) -> None:
    def begin(unit: Unit) -> None:
        for name, state in (("v2", State.JOINED), ("v3", State.TERMINATED), ("v4", State.INVITED)):
            unit.visits.put_visit(visit(name, NOON))
            unit.sessions.put_session(replace(SESSION, visit=name, state=state))

    await database.write(begin)
    legs = (
        ("v2", Role.CAREGIVER, Leg("a", 1)),
        ("v2", Role.CAREGIVER, Leg("b", 2, Presence.CLOSED)),
        ("v2", Role.CLIENT, Leg("c", 1)),
        ("v3", Role.CLIENT, Leg("d", 1)),
    )
    for leg in legs:
        await database.write(put_leg(*leg))
    assert await database.read(lambda unit: unit.sessions.open_legs(NOON)) == [legs[1], legs[2]]


async def test_legs_of_long_ago_are_left_out(database: Database) -> None:
    await database.write(lambda unit: unit.sessions.put_session(SESSION))
    await database.write(put_leg("v1", Role.CLIENT, Leg("a", 1)))
    assert await database.read(lambda unit: unit.sessions.open_legs(NOON + HOUR)) == []
    ended = Leg("a", 1, Presence.CLOSED)
    await database.write(lambda unit: unit.sessions.put_leg("v1", Role.CLIENT, ended, NOON + HOUR))
    assert await database.read(lambda unit: unit.sessions.open_legs(NOON + HOUR)) == [("v1", Role.CLIENT, ended)]


async def test_the_log_counts_from_one_within_its_visit(database: Database) -> None:
    await database.write(lambda unit: unit.visits.put_visit(visit("v2", NOON)))
    await database.write(lambda unit: unit.sessions.append(event("clocked_in")))
    await database.write(lambda unit: unit.sessions.append(event("invite_made")))
    await database.write(lambda unit: unit.sessions.append(replace(event("other", "v2"), connection=None, data={})))
    assert await database.read(lambda unit: unit.sessions.events("v1")) == [
        replace(event("clocked_in"), seq=1),
        replace(event("invite_made"), seq=2),
    ]
    assert await database.read(lambda unit: unit.sessions.events("v2")) == [
        replace(event("other", "v2"), connection=None, data={}, seq=1)
    ]
    assert await database.read(lambda unit: unit.sessions.events("x")) == []


async def test_a_command_is_remembered_once(database: Database) -> None:
    result = {"state": "joined", "rev": 3, "tasks": [None, True, 1.5, "é"]}
    assert await database.read(lambda unit: unit.sessions.command_result("employee:e1/v1", "k")) is None
    await database.write(lambda unit: unit.sessions.remember_command("employee:e1/v1", "k", result, NOON))
    assert await database.read(lambda unit: unit.sessions.command_result("employee:e1/v1", "k")) == result
    assert await database.read(lambda unit: unit.sessions.command_result("employee:e2/v1", "k")) is None
    with pytest.raises(sqlite3.IntegrityError):
        await database.write(lambda unit: unit.sessions.remember_command("employee:e1/v1", "k", {}, NOON))
    assert await database.read(lambda unit: unit.sessions.command_result("employee:e1/v1", "k")) == result
