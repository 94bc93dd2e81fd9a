"""Migrations, the triggers that keep the log append-only, and the use of indexes."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

from signaling.ports import Documentation, Unit
from storage import DatabaseAltered, DatabaseTooNew, DatabaseUnusable, invites, outbox, people, sessions, unit, visits
from storage.database import SqliteDatabase, open_database
from storage.schema import Migration, migrate, migrations, statements
from tests.storage import agency

STORES: tuple[ModuleType, ...] = (invites, outbox, people, sessions, unit, visits)
# A register is read whole, for the office's edit forms; what is outdated is looked for once, when the server starts.
WHOLE = {"SERVICE_CODES", "EMPLOYEES", "CLIENTS", "API_KEYS", "FORGET_SIGN_INS", "FORGET_COMMANDS", "FORGET_PASSES"}
# What is read to its end because all of it is wanted: the sessions that are open, the first of the waiting mails.
NO_SEARCH = re.compile(r"USING (COVERING )?INDEX (sessions_open|mails_waiting)$")
# The plan of an upsert names the table that refers to it; it would be read only to mend a deferred foreign key.
NEVER_RUN = {"storage.people.PUT_SERVICE_CODE": ["SCAN visits"]}


def queries() -> Mapping[str, str]:
    return {
        f"{store.__name__}.{name}": value
        for store in STORES
        for name, value in vars(store).items()
        if re.fullmatch("[A-Z][A-Z_]+", name) and isinstance(value, str)
    }


@pytest.fixture
def raw() -> Iterator[sqlite3.Connection]:
    """A bare connection to a migrated database, with the writer's promises."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("PRAGMA recursive_triggers = ON")
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection, migrations())
        yield connection


def read(path: Path) -> bytes:
    return path.read_bytes()


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


async def test_from_nothing_to_the_present_and_again(path: Path) -> None:
    nested = path.parent / "made" / "for it" / "100% #1?.db"
    for _ in range(2):
        async with open_database(nested, wait=0) as database:
            await database.write(agency.found)
    assert nested.stat().st_mode & 0o777 == 0o600
    assert {file.name for file in nested.parent.iterdir()} == {nested.name, f"{nested.name}.lock"}
    with closing(sqlite3.connect(nested)) as connection:
        recorded = connection.execute("SELECT number, name, checksum FROM migrations").fetchall()
        assert recorded == [(m.number, m.name, m.checksum) for m in migrations()]
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("SELECT rev FROM service_codes").fetchone() == (2,)


async def test_a_newer_database_is_refused_untouched(path: Path) -> None:
    async with open_database(path, wait=0):
        pass
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO migrations (number, name, checksum) VALUES (9000, '9000_x', 'x')")
    before = read(path)
    with pytest.raises(DatabaseTooNew, match="newer version"):
        async with open_database(path, wait=0):
            pytest.fail("it opened")
    assert read(path) == before


async def test_a_database_of_other_migrations_is_refused(path: Path) -> None:
    async with open_database(path, wait=0):
        pass
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE migrations SET checksum = 'other' WHERE number = 1")
    with pytest.raises(DatabaseAltered, match="0001_visits"):
        async with open_database(path, wait=0):
            pytest.fail("it opened")


async def test_what_is_no_database_is_refused_with_a_sentence(path: Path) -> None:
    write(path, b"a letter to the agency\n" * 100)
    with pytest.raises(DatabaseUnusable, match="can't be opened"):
        async with open_database(path, wait=0):
            pytest.fail("it opened")
    with pytest.raises(DatabaseUnusable, match="folder"):
        async with open_database(path / "visits.db", wait=0):
            pytest.fail("it opened")


def test_a_migration_that_fails_leaves_nothing(raw: sqlite3.Connection) -> None:
    number = len(migrations()) + 1
    broken = Migration(number, "x", "CREATE TABLE half (a INTEGER);\nINSERT INTO nowhere VALUES (1);\n")
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        migrate(raw, [*migrations(), broken])
    assert raw.execute("SELECT 1 FROM sqlite_schema WHERE name = 'half'").fetchone() is None
    mended = broken._replace(script="CREATE TABLE half (a INTEGER);\n")
    migrate(raw, [*migrations(), mended])
    assert raw.execute("SELECT name FROM migrations WHERE number = ?", (number,)).fetchone() == ("x",)


def test_migrations_are_numbered_without_gaps(tmp_path: Path) -> None:
    (tmp_path / "0001_one.sql").write_text("SELECT 1;")
    assert [m.name for m in migrations(tmp_path)] == ["0001_one"]
    (tmp_path / "0003_three.sql").write_text("SELECT 3;")
    with pytest.raises(ValueError, match="0003_three"):
        migrations(tmp_path)


def test_a_script_is_cut_into_its_statements() -> None:
    trigger = "CREATE TRIGGER t BEFORE UPDATE ON a\nBEGIN SELECT 1; SELECT 2; END;\n"
    assert list(statements(f"-- Why; indeed.\nSELECT 1;\n{trigger}-- end\n")) == [
        "-- Why; indeed.\nSELECT 1;\n",
        trigger,
    ]
    with pytest.raises(ValueError, match="no end"):
        list(statements("SELECT 1;\nSELECT 2\n"))


def fill(unit: Unit) -> None:
    unit.sessions.put_session(agency.SESSION)
    unit.sessions.append(agency.event())
    unit.visits.save_documentation(Documentation("v1", 1, "notes", (), agency.NOON, "e1"))


REWRITES = (
    "UPDATE events SET kind = 'x'",
    "UPDATE events SET seq = 2",
    "DELETE FROM events",
    "REPLACE INTO events SELECT visit, seq, at, 'x', actor, connection, data FROM events",
    "INSERT OR REPLACE INTO events SELECT visit, seq, at, 'x', actor, connection, data FROM events",
    "INSERT INTO events SELECT * FROM events WHERE true ON CONFLICT DO UPDATE SET kind = 'x'",
    "UPDATE documentation SET notes = 'x'",
    "DELETE FROM documentation",
    "REPLACE INTO documentation SELECT visit, version, 'x', tasks, saved_at, saved_by FROM documentation",
    "DELETE FROM sessions",
)


@pytest.mark.parametrize("rewrite", REWRITES)
async def test_history_can_not_be_rewritten(database: SqliteDatabase, path: Path, rewrite: str) -> None:
    await database.write(fill)
    writer = database._writer
    assert writer is not None
    with pytest.raises(sqlite3.IntegrityError, match=r"append-only|one session"):
        await writer.run(lambda raw, _: raw.execute(rewrite).fetchall())
    assert [e.kind for e in await database.read(lambda unit: unit.sessions.events("v1"))] == ["clocked_in"]
    assert (await database.read(lambda unit: unit.visits.documentation("v1"))).notes == "notes"


def test_replace_would_rewrite_history_without_recursive_triggers(raw: sqlite3.Connection) -> None:
    """The control: what the writer's setting is for."""
    both = unit.SqliteUnit(raw)
    agency.found(both)
    fill(both)
    raw.execute("PRAGMA recursive_triggers = OFF")
    raw.execute(REWRITES[3])
    assert [e.kind for e in both.sessions.events("v1")] == ["x"]


def test_a_terminated_session_is_final(raw: sqlite3.Connection) -> None:
    both = unit.SqliteUnit(raw)
    agency.found(both)
    fill(both)
    raw.execute("UPDATE sessions SET state = 'terminated'")
    raw.execute("UPDATE sessions SET state = 'terminated', rev = rev + 1")
    with pytest.raises(sqlite3.IntegrityError, match="final"):
        raw.execute("UPDATE sessions SET state = 'joined'")


def scans(raw: sqlite3.Connection, query: str) -> list[str]:
    parameters = (0,) * query.count("?")
    plan = [str(row[3]) for row in raw.execute(f"EXPLAIN QUERY PLAN {query}", parameters)]
    return [step for step in plan if re.match("SCAN|USE TEMP B-TREE", step) and not NO_SEARCH.search(step)]


@pytest.mark.parametrize("name", [name for name in queries() if name.split(".")[-1] not in WHOLE])
def test_every_statement_finds_its_rows_by_an_index(raw: sqlite3.Connection, name: str) -> None:
    assert scans(raw, queries()[name]) == NEVER_RUN.get(name, [])


def test_the_plans_would_show_a_scan(raw: sqlite3.Connection) -> None:
    """The control: without its index a query scans, and sorts."""
    assert len(queries()) > 40
    raw.execute("DROP INDEX visits_by_start")
    assert len(scans(raw, visits.BETWEEN)) == 2
    raw.execute("DROP INDEX mails_waiting")
    assert len(scans(raw, outbox.DUE)) == 2
