"""The demo: its schedule is around now at any hour, and what people did in it stays."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signaling.demo import CLIENTS, EMPLOYEES, PASSWORD, SERVICE_CODES, SLOTS, kept_current, seed
from signaling.domain.session import State
from signaling.domain.values import check_email, zone
from signaling.domain.visit import Visit
from signaling.offline import NoPages
from signaling.ports import Database, Fact, Session
from signaling.services.passwords import check_password
from storage.database import open_database

Start = Callable[..., Any]
PLACES = ["UTC", "Europe/Paris", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland"]
# Every odd hour and the minutes around midnight, on a plain day and on those when Paris changes its clocks.
MOMENTS = [
    datetime(2026, month, day, hour, minute, tzinfo=UTC)
    for month, day in ((3, 29), (6, 10), (10, 25))
    for hour, minute in ((0, 0), (0, 7), (1, 30), (9, 3), (12, 59), (18, 45), (21, 50), (23, 46), (23, 59))
]


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database."""
    async with open_database(tmp_path / "demo.sqlite3", wait=0) as database:
        yield database


async def visits(db: Database, now: datetime) -> dict[str, Visit]:
    found = await db.read(lambda unit: unit.visits.between(now - timedelta(days=9), now + timedelta(days=9)))
    return {kept.value.id: kept.value for kept in found}


def test_the_accounts_can_be_used() -> None:
    for employee in EMPLOYEES.values():
        check_email(employee.email)
        check_password(PASSWORD, employee.name, employee.email)
    assert {employee.role.value for employee in EMPLOYEES.values()} == {"caregiver", "coordinator", "administrator"}
    assert [client.email for client in CLIENTS.values()].count(None) == 1


@pytest.mark.parametrize("place", PLACES)
async def test_the_schedule_is_around_now(db: Database, place: str) -> None:
    """The same agency, again and again: only untouched visits, so there are as many as slots."""
    for now in MOMENTS:
        await seed(db, now, place, NoPages())
        found = await visits(db, now)
        assert sorted(found) == sorted(f"{slot.id}-1" for slot in SLOTS)
        here = zone(place)
        today = now.astimezone(here).date()
        for slot in SLOTS:
            visit = found[f"{slot.id}-1"]
            day = today + timedelta(days=1) if slot.tomorrow else today
            assert visit.starts_at.astimezone(here).date() == day, (now, slot.id)
            assert visit.starts_at.minute % 15 == 0
        soon = found["soon-1"]
        assert -timedelta(minutes=15) <= soon.starts_at - now <= timedelta(minutes=15), now
        assert soon.ends_at > now


async def test_a_second_start_soon_after_changes_nothing(db: Database) -> None:
    now = datetime(2026, 6, 10, 9, 3, tzinfo=UTC)
    assert await seed(db, now, "UTC", NoPages())
    before = await visits(db, now)
    assert await seed(db, now + timedelta(minutes=20), "UTC", NoPages()) == []
    assert await visits(db, now) == before


@pytest.mark.parametrize("what", ["clocked in", "clocked out", "terminated", "cancelled"])
async def test_what_people_did_stays_and_another_visit_comes(db: Database, what: str) -> None:
    now = datetime(2026, 6, 10, 9, 3, tzinfo=UTC)
    await seed(db, now, "UTC", NoPages())
    visit = (await visits(db, now))["soon-1"]
    used = {
        "clocked in": replace(visit, clocked_in_at=now),
        "clocked out": replace(visit, clocked_in_at=now, clocked_out_at=now),
        "terminated": replace(visit, clocked_in_at=now),
        "cancelled": replace(visit, cancelled_at=now),
    }[what]
    await db.write(lambda unit: unit.visits.put_visit(used))
    if what == "terminated":
        await db.write(lambda unit: unit.sessions.put_session(Session("soon-1", State.TERMINATED, 1, now)))
    await seed(db, now + timedelta(minutes=1), "UTC", NoPages())
    found = await visits(db, now)
    assert found["soon-1"] == used
    assert ("soon-2" in found) == (what != "clocked in"), "a visit that is under way needs no other"
    await seed(db, now + timedelta(days=1), "UTC", NoPages())
    assert (await visits(db, now))["soon-1"] == used


async def test_edited_people_are_left_as_they_are(db: Database) -> None:
    now = datetime(2026, 6, 10, 9, 3, tzinfo=UTC)
    await seed(db, now, "UTC", NoPages())
    kept = await db.read(lambda unit: unit.people.client("rose"))
    assert kept is not None
    edited = replace(kept.value, name="Rose M.")
    await db.write(lambda unit: unit.people.put_client(edited))
    await seed(db, now, "UTC", NoPages())
    again = await db.read(lambda unit: unit.people.client("rose"))
    assert again is not None
    assert again.value == edited
    assert len(SERVICE_CODES) == 2


class Wind:
    """A clock that is wound by hand, and a board where facts are pinned."""

    def __init__(self, now: datetime) -> None:
        self.time = now
        self.told = asyncio.Queue[list[Fact]]()

    def now(self) -> datetime:
        return self.time

    def publish(self, facts: Iterable[Fact]) -> None:
        self.told.put_nowait(list(facts))


async def test_a_demo_that_is_left_running_is_kept_current(db: Database) -> None:
    world = Wind(datetime(2026, 6, 10, 9, 3, tzinfo=UTC))
    async with kept_current(db, world, "UTC", NoPages(), world, every=0.001):
        assert len(await world.told.get()) == len(SLOTS)
        assert await world.told.get() == [], "nothing has become outdated yet"
        world.time += timedelta(days=1)
        async with asyncio.timeout(10):
            while not await world.told.get():
                pass
    assert (await visits(db, world.time))["soon-1"].starts_at.date() == world.time.date()


def test_the_command_starts_an_agency_that_can_be_signed_in_to(start: Start, port: int, tmp_path: Path) -> None:
    for _ in range(2):
        demo = start("demo", "--port", str(port), "--folder", tmp_path / "demo", lines=10)
        text = "\n".join(demo.greeting)
        assert f"http://localhost:{port}" in text
        for email in re.findall(r"\S+@willow\.example", text):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            headers = {"Origin": f"http://localhost:{port}", "Content-Type": "application/json"}
            body = json.dumps({"email": email, "password": PASSWORD})
            connection.request("POST", "/api/v1/sign-in", body, headers | {"Host": f"localhost:{port}"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, email
            cookie = answer.headers["Set-Cookie"].partition(";")[0]
            connection.request("GET", "/demo/mail", headers={"Host": f"localhost:{port}", "Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
            connection.close()
        assert demo.stop() == 0


def test_a_second_demo_in_the_same_folder_says_so(start: Start, command: Any, port: int, tmp_path: Path) -> None:
    start("demo", "--port", str(port), "--folder", tmp_path / "demo", lines=10)
    done = command("demo", "--port", str(port), "--folder", tmp_path / "demo")
    assert done.returncode == 2
    assert done.stderr.endswith("is running already.\n")
