"""Group commit on the writer's thread: many units of work, one transaction, a savepoint for each. Synchronous."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from signaling.ports import Unit

U = TypeVar("U", bound=Unit)

# What means that the storage failed, not the unit. SQLite itself rolls the whole transaction back on some of these,
# savepoints or not, so that the only safe answer to any of them is to give the whole batch up.
_FAILURES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_NOTADB,
    }
)
# After these the connection is as good as before; after any other a new one is opened.
_PASSING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL})


class StorageFailed(Exception):
    """The storage can't do it now: nothing of the batch was kept. `name` is SQLite's for the reason."""

    def __init__(self, name: str, *, passing: bool) -> None:
        super().__init__(name)
        self.name = name
        self.passing = passing


class Outcome(NamedTuple):
    """What became of one unit of work: its result, or what it raised."""

    result: Any = None
    error: BaseException | None = None

    def unwrap(self) -> Any:
        """The result; raises what the unit raised."""
        if self.error is not None:
            raise self.error
        return self.result


def storage_failure(error: BaseException) -> StorageFailed | None:
    """The failure of the storage that an exception tells of; None if it tells of a fault in the unit."""
    if isinstance(error, MemoryError):
        return StorageFailed("SQLITE_NOMEM", passing=False)
    # An extended code has the primary one in its low byte (sqlite.org/rescode.html).
    primary = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    if not isinstance(error, sqlite3.Error) or primary not in _FAILURES:
        return None
    return StorageFailed(error.sqlite_errorname, passing=primary in _PASSING)


def commit_together(connection: sqlite3.Connection, unit: U, works: Sequence[Callable[[U], Any]]) -> list[Outcome]:
    """Run units of work in one transaction and commit it; what one raises undoes that one only.

    Raises StorageFailed, with nothing kept, if the storage can't make it durable.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        outcomes = [_run(connection, unit, work) for work in works]
        connection.execute("COMMIT")
    except BaseException as error:
        failure = error if isinstance(error, StorageFailed) else storage_failure(error)
        if not _rolled_back(connection) and failure is not None:
            failure.passing = False
        if failure is None:
            raise
        raise failure from error
    return outcomes


def _run(connection: sqlite3.Connection, unit: U, work: Callable[[U], Any]) -> Outcome:
    connection.execute("SAVEPOINT unit")
    try:
        outcome = Outcome(work(unit))
    except BaseException as error:
        failure = storage_failure(error)
        if failure is not None:
            raise failure from error
        outcome = Outcome(error=error)
    if not connection.in_transaction:
        raise StorageFailed("rolled back", passing=False)
    if outcome.error is not None:
        connection.execute("ROLLBACK TO unit")
    connection.execute("RELEASE unit")
    return outcome


def _rolled_back(connection: sqlite3.Connection) -> bool:
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    except sqlite3.Error:
        return False
    return True


def look(connection: sqlite3.Connection, unit: U, work: Callable[[U], Any]) -> Outcome:
    """Run `work` on one consistent snapshot. Raises StorageFailed if the storage can't be read."""
    try:
        connection.execute("BEGIN")
        return Outcome(work(unit))
    except BaseException as error:
        failure = storage_failure(error)
        # A reader is read-only: a unit that tries to write is at fault, not the storage.
        if failure is None or failure.name == "SQLITE_READONLY":
            return Outcome(error=error)
        raise failure from error
    finally:
        _rolled_back(connection)
