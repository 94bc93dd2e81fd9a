"""The SQLite database: one writer with group commit, a few readers. The only module that knows aiosqlite.

Every call into SQLite runs on a connection's own thread. The writer's thread is given whole batches through
`aiosqlite.Connection._execute`, which is private: tests/storage fails when it changes.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

import aiosqlite

from signaling.errors import Code, Refused
from signaling.ports import Unit
from storage import DatabaseUnusable
from storage.commit import Outcome, StorageFailed, commit_together, look, storage_failure
from storage.lock import writer_lock
from storage.schema import migrate, migrations
from storage.unit import SqliteUnit

T = TypeVar("T")

_log = logging.getLogger(__name__)

READERS = 3
# How long a statement waits for a lock of a foreign process, in seconds.
BUSY_WAIT = 2.0
# Prepared statements kept per connection: more than there are in the stores.
STATEMENTS = 256
# A batch is bounded so that the first unit in it never waits for thousands of others.
BATCH_MAX = 512
_OLDEST_SQLITE = (3, 35, 0)

_PRAGMAS = "PRAGMA foreign_keys = ON", "PRAGMA temp_store = MEMORY"
# Without recursive_triggers REPLACE would go round the triggers that keep the log append-only. The limit shrinks a
# WAL file that a long read has let grow.
_WRITER_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA journal_size_limit = 67108864",
)


class _Link(NamedTuple):
    """A connection with its thread, and the stores over it."""

    connection: aiosqlite.Connection
    raw: sqlite3.Connection
    unit: SqliteUnit

    async def run(self, work: Callable[..., T], *arguments: Any) -> T:
        """Run `work(raw connection, unit, ...)` on the connection's thread."""
        batch = partial(work, self.raw, self.unit, *arguments)
        result: T = await self.connection._execute(batch)  # type: ignore[no-untyped-call]
        return result


class _Waiter(NamedTuple):
    work: Callable[[SqliteUnit], Any]
    answer: asyncio.Future[Outcome]


@asynccontextmanager
async def open_database(path: Path, *, wait: float | None = None) -> AsyncIterator[SqliteDatabase]:
    """Open the database as its only writer, made or migrated where needed, and close it afterwards.

    `wait` is for how many seconds to wait for another process that has it; None waits without end. Raises
    DatabaseInUse if it is not free by then, DatabaseTooNew, DatabaseAltered or DatabaseUnusable.
    """
    database = SqliteDatabase(path)
    async with database.opened(wait=wait):
        yield database


class SqliteDatabase:
    """`ports.Database`. It can be handed out before it is open; it is used only while it is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: _Link | None = None
        self._readers: asyncio.LifoQueue[_Link | None] = asyncio.LifoQueue()
        self._waiting: deque[_Waiter] = deque()
        self._arrived = asyncio.Event()
        self._committer: asyncio.Task[None] | None = None
        self._closing = False
        self._failing = False

    @asynccontextmanager
    async def opened(self, *, wait: float | None = None) -> AsyncIterator[None]:
        """Hold the writer's lock, and be open, while the context lasts; see `open_database`."""
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise DatabaseUnusable(f"SQLite 3.35 or newer is needed; this is {sqlite3.sqlite_version}.")
        async with writer_lock(self._path, wait):
            try:
                await self._open()
                yield
            finally:
                await self._close()

    async def _open(self) -> None:
        """Open all connections. Raises DatabaseUnusable; `_close` is due in any case."""
        try:
            await asyncio.to_thread(_create, self._path)
            self._writer = await self._open_writer()
            await self._writer.run(_migrate)
            for _ in range(READERS):
                self._readers.put_nowait(await self._open_reader())
        except (StorageFailed, sqlite3.Error, OSError) as error:
            raise DatabaseUnusable(f"The database can't be opened: {error.__cause__ or error}.") from error
        self._committer = asyncio.create_task(self._commit_arrivals(), name="committer")

    async def _close(self) -> None:
        """Finish what has been asked for, then close the readers and at last the writer."""
        self._closing = True
        self._arrived.set()
        if self._committer is not None:
            await asyncio.wait([self._committer])
        # Every read that is under way gives its reader back.
        for _ in range(READERS if self._committer is not None else self._readers.qsize()):
            await _close(await self._readers.get())
        await _close(self._writer)
        self._writer = None

    async def write(self, work: Callable[[Unit], T]) -> T:
        """See `ports.Database.write`."""
        return await self._save(work)

    async def _save(self, work: Callable[[SqliteUnit], T]) -> T:
        if self._closing:
            raise Refused(Code.UNAVAILABLE)
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiter(work, answer))
        self._arrived.set()
        result: T = (await answer).unwrap()
        return result

    async def read(self, work: Callable[[Unit], T]) -> T:
        """See `ports.Database.read`. Raises Refused(UNAVAILABLE) if the storage can't be read."""
        if self._closing:
            raise Refused(Code.UNAVAILABLE)
        reader = await self._readers.get()
        try:
            reader = reader or await self._open_reader()
            result: T = (await reader.run(look, work)).unwrap()
        except StorageFailed as failure:
            _log.error("the database can't be read: %s", failure.name)
            broken, reader = reader, None
            await _close(broken)
            raise Refused(Code.UNAVAILABLE) from failure
        finally:
            self._readers.put_nowait(reader)
        return result

    async def ready(self) -> None:
        """Write and commit one small row. Raises Refused(UNAVAILABLE) if that can't be made durable."""
        await self._save(SqliteUnit.beat)

    async def _commit_arrivals(self) -> None:
        """The committer: while one batch is under way the next one gathers."""
        while self._waiting or not self._closing:
            await self._arrived.wait()
            self._arrived.clear()
            while batch := self._next_batch():
                await self._commit(batch)

    def _next_batch(self) -> list[_Waiter]:
        batch: list[_Waiter] = []
        while self._waiting and len(batch) < BATCH_MAX:
            waiter = self._waiting.popleft()
            if not waiter.answer.done():
                batch.append(waiter)
        return batch

    async def _commit(self, batch: list[_Waiter]) -> None:
        try:
            self._writer = self._writer or await self._open_writer()
            outcomes = await self._writer.run(commit_together, [waiter.work for waiter in batch])
        except StorageFailed as failure:
            await self._has_failed(failure)
            outcomes = [Outcome(error=Refused(Code.UNAVAILABLE)) for _ in batch]
        except Exception:
            # Whatever it is: the next batch finds a new connection, and nobody waits for ever.
            _log.exception("a batch was lost")
            await self._drop_writer()
            outcomes = [Outcome(error=Refused(Code.UNAVAILABLE)) for _ in batch]
        else:
            if self._failing:
                _log.warning("the database saves again")
            self._failing = False
        for waiter, outcome in zip(batch, outcomes, strict=True):
            # Who was cancelled meanwhile waits no longer; what they asked for stands.
            if not waiter.answer.done():
                waiter.answer.set_result(outcome)

    async def _has_failed(self, failure: StorageFailed) -> None:
        if not self._failing:
            _log.error("the database can't save: %s", failure.name)
        self._failing = True
        if not failure.passing:
            await self._drop_writer()

    async def _drop_writer(self) -> None:
        writer, self._writer = self._writer, None
        await _close(writer)

    async def _open_writer(self) -> _Link:
        return await self._link("rw", _PRAGMAS + _WRITER_PRAGMAS)

    async def _open_reader(self) -> _Link:
        return await self._link("ro", _PRAGMAS)

    async def _link(self, mode: str, pragmas: tuple[str, ...]) -> _Link:
        """A new connection. Raises StorageFailed."""
        uri = f"file:{quote(str(self._path))}?mode={mode}"
        try:
            connection = await aiosqlite.connect(
                uri, uri=True, timeout=BUSY_WAIT, isolation_level=None, cached_statements=STATEMENTS
            )
        except sqlite3.Error as error:
            raise storage_failure(error) or StorageFailed(str(error), passing=False) from error
        raw = connection._conn
        link = _Link(connection, raw, SqliteUnit(raw))
        try:
            await link.run(_prepare, pragmas)
        except BaseException as error:
            await _close(link)
            if isinstance(error, sqlite3.Error):
                raise storage_failure(error) or StorageFailed(str(error), passing=False) from error
            raise
        return link


async def _close(link: _Link | None) -> None:
    if link is None:
        return
    try:
        await link.connection.close()
    except sqlite3.Error as error:
        _log.warning("a connection did not close properly: %s", error)


def _create(path: Path) -> None:
    """Make the file, readable by its owner only; SQLite gives the files beside it the same mode."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _prepare(raw: sqlite3.Connection, _: Unit, pragmas: tuple[str, ...]) -> None:
    for pragma in pragmas:
        raw.execute(pragma).fetchall()


def _migrate(raw: sqlite3.Connection, _: Unit) -> None:
    if raw.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
        raise DatabaseUnusable("The database's file system can't keep a write-ahead log.")
    migrate(raw, migrations())
