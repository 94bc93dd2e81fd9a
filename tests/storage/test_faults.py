"""A full disk, an I/O error, a foreign lock, a second process: refused, nothing acknowledged, and healed."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

import storage.database
from signaling.errors import Code, Refused
from signaling.ports import Unit
from storage import DatabaseInUse
from storage.database import SqliteDatabase, open_database
from tests.storage import agency
from tests.storage.agency import event

Start = Callable[[str], Awaitable[Process]]


def append(unit: Unit) -> None:
    unit.sessions.append(event("x" * 500))


async def count(database: SqliteDatabase) -> int:
    return len(await database.read(lambda unit: unit.sessions.events("v1")))


async def refusals(database: SqliteDatabase, many: int) -> int:
    """Ask for many writes at once; how many were refused, each with `unavailable`."""
    answers = await asyncio.gather(*(database.write(append) for _ in range(many)), return_exceptions=True)
    refused = [answer for answer in answers if answer is not None]
    for answer in refused:
        assert isinstance(answer, Refused)
        assert answer.code is Code.UNAVAILABLE
    return len(refused)


async def pragma(database: SqliteDatabase, words: str) -> int:
    writer = database._writer
    assert writer is not None
    row: tuple[int] = await writer.run(lambda raw, _: raw.execute(f"PRAGMA {words}").fetchone())
    return row[0]


async def said(process: Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


async def test_a_full_disk_refuses_the_whole_batch_and_heals(
    database: SqliteDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    pages = await pragma(database, "page_count")
    assert await pragma(database, f"max_page_count = {pages}") == pages
    while not await refusals(database, 1):
        pass
    before = await count(database)
    assert await refusals(database, 100) == 100
    assert await count(database) == before
    assert [r.getMessage() for r in caplog.records] == ["the database can't save: SQLITE_FULL"]
    await pragma(database, "max_page_count = 1000000")
    assert await refusals(database, 100) == 0
    assert await count(database) == before + 100
    await database.ready()
    assert caplog.records[-1].getMessage() == "the database saves again"


async def test_an_io_error_refuses_the_batch_and_a_new_connection_heals(path: Path, start: Start) -> None:
    async with open_database(path, wait=0) as database:
        await database.write(agency.found)
    process = await start("starve")
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err
    lines = [line.split() for line in out.decode().splitlines()]
    assert lines.count(["ready", "unavailable"]) == 1
    assert lines[-1] == ["ready", "yes"]
    kept = {int(number) for word, number in lines if word == "kept"}
    refused = {int(number) for word, number in lines if word == "unavailable"}
    assert len(refused) >= 3
    async with open_database(path, wait=0) as database:
        events = await database.read(lambda unit: unit.sessions.events("v1"))
    assert {e.data["number"] for e in events} == kept


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_BUSY])
async def test_a_failure_in_the_middle_of_a_batch_takes_the_batch(database: SqliteDatabase, code: int) -> None:
    def fail(unit: Unit) -> None:
        error = sqlite3.OperationalError("the storage's, not the unit's")
        error.sqlite_errorcode, error.sqlite_errorname = code, "SQLITE_X"
        raise error

    first = database._writer
    answers = await asyncio.gather(
        database.write(append), database.write(fail), database.write(append), return_exceptions=True
    )
    assert [isinstance(answer, Refused) for answer in answers] == [True, True, True]
    assert await count(database) == 0
    await database.write(append)
    assert await count(database) == 1
    # Only what may have harmed the connection costs a new one.
    assert (database._writer is first) is (code == sqlite3.SQLITE_BUSY)


async def test_a_unit_that_loses_the_transaction_takes_the_batch(database: SqliteDatabase) -> None:
    writer = database._writer
    assert writer is not None
    answers = await asyncio.gather(
        database.write(append),
        database.write(lambda unit: writer.raw.execute("ROLLBACK") and None),
        database.write(append),
        return_exceptions=True,
    )
    assert [isinstance(answer, Refused) for answer in answers] == [True, True, True]
    assert await count(database) == 0
    assert await refusals(database, 2) == 0


async def test_a_foreign_lock_refuses_and_heals(path: Path, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.database, "BUSY_WAIT", 0.1)
    async with open_database(path, wait=0) as database:
        await database.write(agency.found)
        process = await start("lock")
        assert await said(process) == "locked"
        assert await refusals(database, 10) == 10
        with pytest.raises(Refused) as refused:
            await database.ready()
        assert refused.value.code is Code.UNAVAILABLE
        # Reading goes on.
        assert await count(database) == 0
        await process.communicate(b"")
        assert await refusals(database, 10) == 0
        await database.ready()
        assert await count(database) == 10


async def test_a_short_foreign_lock_is_waited_for(path: Path, start: Start) -> None:
    async with open_database(path, wait=0) as database:
        await database.write(agency.found)
        process = await start("lock")
        assert await said(process) == "locked"
        writing = asyncio.create_task(database.write(append))
        await asyncio.sleep(0)
        await process.communicate(b"")
        await writing
        assert await count(database) == 1


async def test_a_reader_that_broke_is_replaced(database: SqliteDatabase) -> None:
    def fail(unit: Unit) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_IOERR, "SQLITE_IOERR"
        raise error

    for _ in range(5):
        with pytest.raises(Refused) as refused:
            await database.read(fail)
        assert refused.value.code is Code.UNAVAILABLE
    async with asyncio.timeout(10):
        assert await asyncio.gather(*(count(database) for _ in range(10))) == [0] * 10


async def test_one_process_writes_and_the_next_waits_for_it(
    path: Path, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    process = await start("open")
    assert await said(process) == "open"
    with pytest.raises(DatabaseInUse, match="Another process"):
        async with open_database(path, wait=0):
            pytest.fail("it opened")
    with pytest.raises(DatabaseInUse, match="Another process"):
        async with open_database(path, wait=0.25):
            pytest.fail("it opened")
    caplog.clear()
    opened = asyncio.Event()

    async def successor() -> None:
        async with open_database(path) as database:
            opened.set()
            await database.ready()

    waiting = asyncio.create_task(successor())
    async with asyncio.timeout(10):
        while not caplog.records:  # noqa: ASYNC110 -- a log record wakes nobody
            await asyncio.sleep(0.01)
    assert not opened.is_set()
    # Killed, not closed: the kernel lets go of the lock.
    process.kill()
    async with asyncio.timeout(10):
        await waiting
    assert [r.getMessage() for r in caplog.records] == [
        "another process is using the database: waiting until it has ended",
        "the database is free",
    ]


async def test_a_waiting_opener_can_be_cancelled(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def opener() -> None:
        async with open_database(path):
            pytest.fail("it opened")

    async with open_database(path, wait=0):
        waiting = asyncio.create_task(opener())
        async with asyncio.timeout(10):
            while not caplog.records:  # noqa: ASYNC110 -- a log record wakes nobody
                await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    async with open_database(path, wait=0) as database:
        await database.ready()
