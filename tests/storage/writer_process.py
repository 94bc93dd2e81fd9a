"""A process of its own, for the tests that kill, starve or lock a database. What it does is its first argument.

append        append events for ever, and print each one's number once it is durable
append-early  the same, but print each number before it is durable: the control
starve        fill the largest file that is allowed, go on until refused, then mend that and go on until kept
open          open the database, say so, and close it when the input ends
lock          hold SQLite's own write lock until the input ends
"""

from __future__ import annotations

import asyncio
import itertools
import os
import resource
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from signaling.errors import Refused
from signaling.ports import EventRecord, Unit
from storage.database import SqliteDatabase, open_database
from tests.storage import agency

# As many as arrive together in a busy moment; they share commits.
TOGETHER = 8


def say(*words: object) -> None:
    """One write, so that a reader never sees half a line."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def append(number: int, text: str = "") -> Callable[[Unit], None]:
    event = EventRecord("v1", agency.NOON, "k", "system", None, {"number": number, "text": text})
    return lambda unit: unit.sessions.append(event)


async def append_for_ever(database: SqliteDatabase, *, early: bool) -> None:
    numbers = itertools.count()

    async def one_after_another() -> None:
        for number in numbers:
            if early:
                say(number)
            await database.write(append(number))
            if not early:
                say(number)

    await asyncio.gather(*(one_after_another() for _ in range(TOGETHER)))


async def starve(database: SqliteDatabase) -> None:
    numbers = itertools.count()

    async def ask() -> bool:
        number = next(numbers)
        try:
            await database.write(append(number, "x" * 2000))
        except Refused as why:
            say(why.code.value, number)
            return False
        say("kept", number)
        return True

    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    for _ in range(3):
        while all(await asyncio.gather(*(ask() for _ in range(TOGETHER)))):
            pass
    # Now not even a small row fits.
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        await database.ready()
    except Refused as why:
        say("ready", why.code.value)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    while not await ask():
        pass
    await database.ready()
    say("ready", "yes")


async def act(what: str, path: Path) -> None:
    async with open_database(path) as database:
        if what == "open":
            say("open")
            await asyncio.to_thread(sys.stdin.read)
        elif what == "starve":
            await starve(database)
        else:
            await append_for_ever(database, early=what == "append-early")


def lock(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        say("locked")
        sys.stdin.read()


if __name__ == "__main__":
    if sys.argv[1] == "lock":
        lock(Path(sys.argv[2]))
    else:
        asyncio.run(act(sys.argv[1], Path(sys.argv[2])))
