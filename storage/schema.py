"""Numbered migrations: files `migrations/NNNN_words.sql`, each applied once, in order, in a transaction of its own.

What was applied is recorded with the file's checksum, so that a file changed afterwards is noticed.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from storage import DatabaseAltered, DatabaseTooNew

FOLDER = Path(__file__).with_name("migrations")

_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql", re.ASCII)
_CREATE_RECORD = """
    CREATE TABLE IF NOT EXISTS migrations (
        number     INTEGER NOT NULL PRIMARY KEY,
        name       TEXT NOT NULL,
        checksum   TEXT NOT NULL,
        applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
    )"""
_APPLIED = "SELECT number, checksum FROM migrations ORDER BY number"
_RECORD = "INSERT INTO migrations (number, name, checksum) VALUES (?, ?, ?)"


class Migration(NamedTuple):
    """One numbered file."""

    number: int
    name: str
    script: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the script, in hexadecimal."""
        return hashlib.sha256(self.script.encode()).hexdigest()


def migrations(folder: Path = FOLDER) -> Sequence[Migration]:
    """Every migration of this version, in order. Raises ValueError if the numbers are not 1, 2, 3, ….

    Synchronous: it reads files.
    """
    found: list[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        name = _NAME.fullmatch(path.name)
        if name is None or int(name[1]) != len(found) + 1:
            raise ValueError(f"{path.name} is not the next migration's name")
        found.append(Migration(len(found) + 1, path.stem, path.read_text(encoding="utf-8")))
    return found


def statements(script: str) -> Iterator[str]:
    """The statements of a script one by one; a trigger's body belongs to its statement."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if any(line.strip() and not line.lstrip().startswith("--") for line in statement.splitlines()):
        raise ValueError("the script's last statement has no end")


def migrate(connection: sqlite3.Connection, known: Sequence[Migration]) -> None:
    """Bring the database to the last of the known migrations.

    Raises DatabaseTooNew if it is beyond that, DatabaseAltered if a file changed after it was applied, and
    sqlite3.Error, with that migration undone, if a statement fails.
    """
    connection.execute(_CREATE_RECORD)
    applied = dict(connection.execute(_APPLIED).fetchall())
    if max(applied, default=0) > len(known):
        raise DatabaseTooNew(
            f"The database is of a newer version (migration {max(applied)}; this version knows {len(known)})."
        )
    for migration in known:
        if migration.number in applied:
            if applied[migration.number] != migration.checksum:
                raise DatabaseAltered(f"The database was made by another form of migration {migration.name}.")
            continue
        _apply(connection, migration)


def _apply(connection: sqlite3.Connection, migration: Migration) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements(migration.script):
            connection.execute(statement)
        connection.execute(_RECORD, (migration.number, migration.name, migration.checksum))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
