"""Writers that are killed while they commit. They are forked from a process that has loaded everything already."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sqlite3
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from storage.database import open_database
from tests.storage import agency
from tests.storage.writer_process import act

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.storage.writer_process", "tests.faults.mail_worker"])


class Kill(NamedTuple):
    """What one kill did: acknowledged transitions, those of them that are gone, and whether the file is sound."""

    acknowledged: int
    lost: int
    sound: bool


def _write(what: str, path: Path, output: Connection) -> None:
    os.dup2(output.fileno(), 1)
    asyncio.run(act(what, path))


def kill(path: Path, what: str, lines: int) -> Kill:
    """Start `what` of writer_process.py on a fresh database, and kill it after so many acknowledgements."""
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    asyncio.run(_found(path))
    ours, theirs = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=_write, args=(what, path, theirs), daemon=True)
    process.start()
    theirs.close()
    with ours:
        said = b""
        while said.count(b"\n") < lines:
            part = os.read(ours.fileno(), 65536)
            assert part, "the writer ended by itself"
            said += part
        process.kill()
        while part := os.read(ours.fileno(), 65536):
            said += part
    process.join()
    process.close()
    acknowledged = {int(line) for line in said.splitlines()}
    found = asyncio.run(_numbers(path))
    assert len(found) == len(set(found))
    return Kill(len(acknowledged), len(acknowledged - set(found)), is_sound(path))


async def _found(path: Path) -> None:
    async with open_database(path, wait=0) as database:
        await database.write(agency.found)


async def _numbers(path: Path) -> list[int]:
    async with open_database(path, wait=5) as database:
        events = await database.read(lambda unit: unit.sessions.events("v1"))
    return [int(event.data["number"]) for event in events]


def is_sound(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("PRAGMA integrity_check").fetchall()
        return bool(rows == [("ok",)] and not connection.execute("PRAGMA foreign_key_check").fetchall())
