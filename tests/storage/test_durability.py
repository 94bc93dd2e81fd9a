"""Nothing that was acknowledged is lost when the process is killed while it commits (DESIGN §3.3)."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

from storage.database import SqliteDatabase, open_database
from tests.storage import agency

KILLS = 20


async def killed_at_work(process: Process, lines: int) -> set[int]:
    """Kill the process after so many acknowledgements; every number that it acknowledged before it died."""
    assert process.stdout is not None
    said = b""
    while said.count(b"\n") < lines:
        part = await process.stdout.read(65536)
        assert part, "the process ended by itself"
        said += part
    process.kill()
    said += await process.stdout.read()
    await process.wait()
    return {int(line) for line in said.splitlines()}


async def survivors(database: SqliteDatabase) -> list[int]:
    return [int(e.data["number"]) for e in await database.read(lambda unit: unit.sessions.events("v1"))]


async def lost(path: Path, start: Callable[[str], Awaitable[Process]], what: str, seed: int) -> set[int]:
    """What one killed process had acknowledged and its successor does not find."""
    await asyncio.to_thread(path.unlink, missing_ok=True)
    async with open_database(path, wait=0) as database:
        await database.write(agency.found)
    acknowledged = await killed_at_work(await start(what), random.Random(seed).randrange(1, 400))
    async with open_database(path, wait=5) as database:
        found = await survivors(database)
    assert len(found) == len(set(found))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return acknowledged - set(found)


async def test_a_killed_process_loses_nothing_that_it_acknowledged(
    path: Path, start: Callable[[str], Awaitable[Process]]
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    for n in range(KILLS):
        assert await lost(path, start, "append", seed + n) == set()


async def test_a_process_that_acknowledges_before_the_commit_does(
    path: Path, start: Callable[[str], Awaitable[Process]]
) -> None:
    """The control: the same kills find it out."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    for n in range(KILLS):
        if await lost(path, start, "append-early", seed + n):
            return
    raise AssertionError("nothing was lost")


async def test_the_writer_syncs_every_commit(database: SqliteDatabase) -> None:
    """A killed process can't tell whether the disk was asked: the settings say so."""
    writer = database._writer
    assert writer is not None
    asked = {"synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1, "journal_mode": "wal"}
    for name, value in asked.items():
        row = await asyncio.wait_for(writer.run(lambda raw, _, n=name: raw.execute(f"PRAGMA {n}").fetchone()), 10)
        assert row == (value,), name
