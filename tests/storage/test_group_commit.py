"""One writer, many units of work: shared commits, savepoints, cancelled waiters, snapshots, a clean end."""

from __future__ import annotations

import asyncio
import inspect
import random
import re
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import aiosqlite
import pytest
from blockbuster import BlockingError, blockbuster_ctx

from signaling.errors import Code, Refused
from signaling.ports import Unit
from storage.database import BATCH_MAX, SqliteDatabase, open_database
from tests.storage import agency
from tests.storage.agency import CLIENT, event


def append(kind: str) -> Callable[[Unit], str]:
    def work(unit: Unit) -> str:
        unit.sessions.append(event(kind))
        return kind

    return work


async def kinds(database: SqliteDatabase) -> list[str]:
    return [e.kind for e in await database.read(lambda unit: unit.sessions.events("v1"))]


async def trace(database: SqliteDatabase) -> list[str]:
    """Every statement that the writer runs from now on."""
    seen: list[str] = []
    writer = database._writer
    assert writer is not None
    await writer.run(lambda raw, _: raw.set_trace_callback(seen.append))
    return seen


async def test_units_that_arrive_together_share_a_commit(database: SqliteDatabase) -> None:
    seen = await trace(database)
    names = [f"k{n}" for n in range(200)]
    assert await asyncio.gather(*(database.write(append(name)) for name in names)) == names
    assert await kinds(database) == names
    assert seen.count("COMMIT") == seen.count("BEGIN IMMEDIATE") == 1


async def test_units_that_arrive_during_a_commit_share_the_next(database: SqliteDatabase) -> None:
    under_way, go_on = threading.Event(), threading.Event()
    seen = await trace(database)

    def slow(unit: Unit) -> None:
        under_way.set()
        assert go_on.wait(10)

    first = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(under_way.wait, 10)
    rest = [asyncio.create_task(database.write(append(f"k{n}"))) for n in range(50)]
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(first, *rest)
    assert seen.count("COMMIT") == 2


async def test_one_by_one_each_has_a_commit_of_its_own(database: SqliteDatabase) -> None:
    """The control of the two above."""
    seen = await trace(database)
    for n in range(5):
        await database.write(append(f"k{n}"))
    assert seen.count("COMMIT") == 5


async def test_a_batch_is_bounded(database: SqliteDatabase) -> None:
    seen = await trace(database)
    await asyncio.gather(*(database.write(append("k")) for _ in range(BATCH_MAX + 1)))
    assert seen.count("COMMIT") == 2


class Odd(BaseException):
    """Not an Exception."""


FAULTS: tuple[BaseException, ...] = (
    Refused(Code.CONFLICT),
    ZeroDivisionError(),
    Odd(),
    asyncio.CancelledError(),
    sqlite3.OperationalError("no such table"),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
async def test_a_bad_unit_fails_alone(database: SqliteDatabase, fault: BaseException) -> None:
    def bad(unit: Unit) -> None:
        unit.sessions.append(event("bad"))
        raise fault

    seen = await trace(database)
    answers = await asyncio.gather(
        database.write(append("before")), database.write(bad), database.write(append("after")), return_exceptions=True
    )
    assert [answers[0], type(answers[1]), answers[2]] == ["before", type(fault), "after"]
    assert seen.count("COMMIT") == 1
    assert await kinds(database) == ["before", "after"]


async def test_a_forgotten_stop_iteration_is_a_fault_and_not_a_hang(database: SqliteDatabase) -> None:
    for ask in (database.write, database.read):
        with pytest.raises(RuntimeError, match="StopIteration"):
            async with asyncio.timeout(10):
                await ask(lambda unit: next(iter(unit.sessions.events("v1"))))


async def test_a_statement_refused_by_a_constraint_undoes_its_unit(database: SqliteDatabase) -> None:
    def bad(unit: Unit) -> None:
        unit.people.put_client(replace(CLIENT, name="changed"))
        unit.sessions.append(event("clocked_in", visit="nothing"))

    with pytest.raises(sqlite3.IntegrityError):
        await database.write(bad)
    kept = await database.read(lambda unit: unit.people.client("c1"))
    assert kept is not None
    assert kept.value == CLIENT


async def test_a_cancelled_waiter_harms_nobody(database: SqliteDatabase) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    for _ in range(30):
        tasks = [asyncio.create_task(database.write(append("k"))) for _ in range(20)]
        for _ in range(dice.randrange(6)):
            await asyncio.sleep(0)
        gone = dice.sample(tasks, 10)
        for task in gone:
            task.cancel()
        async with asyncio.timeout(30):
            answers = await asyncio.gather(*tasks, return_exceptions=True)
        stayed = [answer for task, answer in zip(tasks, answers, strict=True) if task not in gone]
        assert stayed == ["k"] * 10


async def test_what_was_cancelled_before_its_turn_is_not_done(database: SqliteDatabase) -> None:
    task = asyncio.create_task(database.write(append("never")))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await database.write(append("later"))
    assert await kinds(database) == ["later"]


async def test_a_read_sees_one_snapshot(database: SqliteDatabase) -> None:
    began, go_on = threading.Event(), threading.Event()

    def twice(unit: Unit) -> tuple[int, int]:
        before = len(unit.sessions.events("v1"))
        began.set()
        assert go_on.wait(10)
        return before, len(unit.sessions.events("v1"))

    reading = asyncio.create_task(database.read(twice))
    await asyncio.to_thread(began.wait, 10)
    await database.write(append("meanwhile"))
    go_on.set()
    assert await reading == (0, 0)
    assert await kinds(database) == ["meanwhile"]


async def test_a_read_that_was_cancelled_gives_its_connection_back(database: SqliteDatabase) -> None:
    for _ in range(20):
        task = asyncio.create_task(database.read(lambda unit: unit.sessions.events("v1")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(10):
        assert await kinds(database) == []


async def test_a_read_can_not_write(database: SqliteDatabase) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await database.read(append("sly"))
    assert await kinds(database) == []


async def test_closing_finishes_what_was_asked_for_and_leaves_no_thread(path: Path) -> None:
    before = set(threading.enumerate())
    async with open_database(path, wait=0) as database:
        await database.write(agency.found)
        tasks = [asyncio.create_task(database.write(append(f"k{n}"))) for n in range(3)]
        reading = asyncio.create_task(database.read(lambda unit: unit.people.client("c1")))
        await asyncio.sleep(0)
    assert await asyncio.gather(*tasks) == ["k0", "k1", "k2"]
    assert await reading is not None
    left = [thread for thread in set(threading.enumerate()) - before if "asyncio" not in thread.name]
    for thread in left:
        await asyncio.to_thread(thread.join, 10)
    assert not any(thread.is_alive() for thread in left)
    for ask in (database.write, database.read):
        with pytest.raises(Refused) as refused:
            await ask(lambda unit: unit.people.client("c1"))
        assert refused.value.code is Code.UNAVAILABLE
    async with open_database(path, wait=0) as again:
        assert await kinds(again) == ["k0", "k1", "k2"]


async def test_the_loop_never_waits_for_the_disk(path: Path) -> None:
    with blockbuster_ctx():
        async with open_database(path, wait=0) as database:
            await database.write(agency.found)
            await database.write(append("k"))
            await database.ready()
            assert await kinds(database) == ["k"]
        # The control: the guard notices SQLite on the loop's thread.
        with pytest.raises(BlockingError):
            sqlite3.connect(":memory:").execute("SELECT 1")


async def test_aiosqlite_still_has_what_the_writer_uses() -> None:
    """`_execute` and `_conn` are private: this fails when a new version changes what they do."""
    assert list(inspect.signature(aiosqlite.Connection._execute).parameters)[:2] == ["self", "fn"]
    assert inspect.iscoroutinefunction(aiosqlite.Connection._execute)
    async with aiosqlite.connect(":memory:") as connection:
        assert isinstance(connection._conn, sqlite3.Connection)
        seen: list[tuple[str, int]] = []

        def work(name: str) -> str:
            seen.append((name, threading.get_ident()))
            return name

        calls = [connection._execute(work, name) for name in ("a", "b")]  # type: ignore[no-untyped-call]
        assert await asyncio.gather(*calls) == ["a", "b"]
        # In order, on one thread, which is not ours.
        assert [name for name, _ in seen] == ["a", "b"]
        assert len({thread for _, thread in seen} - {threading.get_ident()}) == 1

        def fail() -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await connection._execute(fail)  # type: ignore[no-untyped-call]


def test_only_the_database_module_uses_it() -> None:
    root = Path(__file__).parents[2]
    users = {
        file.name
        for folder in ("signaling", "storage", "media")
        for file in (root / folder).rglob("*.py")
        if re.search(r"^\s*(import|from) aiosqlite", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert users == {"database.py"}
