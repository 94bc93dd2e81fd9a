"""`employee` and `api-key`, without a running server: what they write is in the database afterwards."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from signaling.domain.visit import Employee, Language, Position
from signaling.ports import Unit
from signaling.services.passwords import verify_password
from signaling.services.tokens import digest
from storage.database import open_database

Command = Callable[..., "subprocess.CompletedProcess[str]"]
T = TypeVar("T")
ADD = ("--name", "Anna Martin", "--email", "anna@willow.example", "--role", "caregiver", "--password-stdin", "--config")
PASSWORD = "four random words here"


async def stored(config: Path, look: Callable[[Unit], T]) -> T:
    """What is in the database now."""
    async with open_database(config.parent / "visits.sqlite3", wait=0) as db:
        return await db.read(look)


async def test_an_employee_who_can_sign_in(command: Command, config: Path) -> None:
    done = command("employee", "add", "anna", "--may-initiate", "--language", "fr", *ADD, config, stdin=f"{PASSWORD}\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Added caregiver anna, who can sign in now.\n"
    kept, hashed = await stored(config, lambda unit: (unit.people.employee("anna"), unit.people.password_hash("anna")))
    assert kept is not None
    assert kept.value == Employee(
        id="anna",
        name="Anna Martin",
        email="anna@willow.example",
        position=Position.CAREGIVER,
        may_initiate_virtual_visits=True,
        language=Language.FR,
        shown_name="Anna",
        active=True,
    )
    assert hashed is not None
    assert hashed.startswith("$argon2id$")
    assert verify_password(hashed, PASSWORD)
    assert not verify_password(hashed, PASSWORD + " ")


async def test_another_password(command: Command, config: Path) -> None:
    assert command("employee", "add", "anna", *ADD, config, stdin=PASSWORD).returncode == 0
    again = command(
        "employee", "password", "anna", "--password-stdin", "--config", config, stdin="another one of mine\n"
    )
    assert (again.returncode, again.stderr) == (0, "")
    hashed = await stored(config, lambda unit: unit.people.password_hash("anna"))
    assert hashed is not None
    assert verify_password(hashed, "another one of mine")


@pytest.mark.parametrize(
    ("id", "stdin", "reason"),
    [
        ("anna", "short", "password must have at least 12 characters"),
        ("anna", "", "password must have at least 12 characters"),
        ("anna", "aaaaaaaaaaaaaaaa", "password is too easy to guess"),
        ("anna", "Anna@Willow.example", "password is too easy to guess"),
        ("a/b", PASSWORD, "id must be 1 to 64 letters"),
    ],
)
async def test_refused_and_nothing_written(command: Command, config: Path, id: str, stdin: str, reason: str) -> None:
    done = command("employee", "add", id, *ADD, config, stdin=stdin)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert reason in done.stderr
    assert await stored(config, lambda unit: list(unit.people.employees())) == []


async def test_an_id_or_an_email_that_is_taken(command: Command, config: Path) -> None:
    assert command("employee", "add", "anna", *ADD, config, stdin=PASSWORD).returncode == 0
    same_id = command("employee", "add", "anna", *ADD, config, stdin=PASSWORD)
    assert (same_id.returncode, same_id.stderr) == (
        2,
        "virtual-visits: There is an employee with this id already.\n",
    )
    same_email = command("employee", "add", "ben", *ADD, config, stdin=PASSWORD)
    assert same_email.returncode == 2
    assert "email" in same_email.stderr
    assert len(await stored(config, lambda unit: list(unit.people.employees()))) == 1


def test_nobody_to_give_a_password_to(command: Command, config: Path) -> None:
    done = command("employee", "password", "nobody", "--password-stdin", "--config", config, stdin=PASSWORD)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_no_terminal_and_no_password_stdin(command: Command, config: Path) -> None:
    done = command("employee", "password", "anna", "--config", config)
    assert done.returncode == 2
    assert "use --password-stdin" in done.stderr


async def test_an_api_key_can_be_listed_and_revoked(command: Command, config: Path) -> None:
    assert command("api-key", "list", "--config", config).stdout == "There are no keys.\n"
    secret = command("api-key", "create", "payroll", "--scope", "admin", "--config", config).stdout.strip()
    listed = command("api-key", "list", "--config", config).stdout
    assert "admin" in listed
    assert listed.endswith("  payroll\n")
    assert secret not in listed
    id = listed.split()[0]
    assert command("api-key", "revoke", id, "--config", config).returncode == 0
    assert await stored(config, lambda unit: unit.people.api_key(digest(secret))) is None
    again = command("api-key", "revoke", id, "--config", config)
    assert again.returncode == 2
    assert again.stderr.endswith("There is no key with this id.\n")


@pytest.mark.parametrize("scope", ["schedule", "admin"])
async def test_an_api_key_is_printed_once_and_stored_as_its_digest(command: Command, config: Path, scope: str) -> None:
    done = command("api-key", "create", "payroll", "--scope", scope, "--config", config)
    assert (done.returncode, done.stderr) == (0, "")
    secret = done.stdout.strip()
    key = await stored(config, lambda unit: unit.people.api_key(digest(secret)))
    assert key is not None
    assert (key.name, key.scope) == ("payroll", scope)
    content = (config.parent / "visits.sqlite3").read_bytes()
    assert b"payroll" in content, "the control: a text that is stored is found"
    assert secret.encode() not in content


def test_a_database_that_is_none(command: Command, config: Path) -> None:
    (config.parent / "visits.sqlite3").write_text("this is not a database at all, but a text of some length" * 100)
    done = command("api-key", "create", "payroll", "--scope", "admin", "--config", config)
    assert done.returncode == 2
    assert done.stderr.startswith("virtual-visits: ")
    assert done.stderr.count("\n") == 1
