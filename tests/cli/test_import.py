"""`import`: good files are written whole, faulty ones are reported row by row and change nothing."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from signaling.domain.visit import Task
from storage.database import open_database

Command = Callable[..., "subprocess.CompletedProcess[str]"]

GOOD = {
    "codes.csv": "id,name,allowsVirtualCare\nvideo,Video check-in,true\ncare,Personal care,FALSE\n",
    "employees.csv": (
        "id,name,email,role,mayInitiateVirtualVisits,language,active,shownName\n"
        "anna,Anna Martin,anna@willow.example,caregiver,yes,en,1,\n"
        '"ben","Novak, Ben",ben@willow.example,coordinator,no,fr,0,Ben\n'
    ),
    "clients.csv": "id;name;email;phone;language\nrose;Rosé Miller;rose@home.example;+33 1;en\nwalter;Walter;;;fr\n",
    "visits.csv": (
        "id,serviceCode,employee,client,startsAt,endsAt,timeZone,tasks\n"
        "v1,video,anna,rose,2026-03-01T09:00:00+01:00,2026-03-01T10:00:00+01:00,Europe/Paris,t1:Greet|t2:Ask: how\n"
        "v2,care,anna,walter,2026-03-01T11:00:00Z,2026-03-01T12:00:00Z,Europe/Paris,\n"
    ),
}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[dict[str, str | bytes]], list[str]]:
    """Writes files and gives their names; the command runs in the same folder."""

    def files(contents: dict[str, str | bytes]) -> list[str]:
        for name, content in contents.items():
            (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(contents)

    return files


Write = Callable[[Any], list[str]]


async def registers(config: Path) -> dict[str, Any]:
    """Everything that an import writes, by id."""
    async with open_database(config.parent / "visits.sqlite3", wait=0) as db:
        return await db.read(
            lambda unit: {
                kept.value.id: kept
                for found in (
                    unit.people.service_codes(),
                    unit.people.employees(),
                    unit.people.clients(),
                    unit.visits.between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
                )
                for kept in found
            }
        )


async def test_all_kinds_in_any_order(command: Command, config: Path, write: Write) -> None:
    names = write(GOOD)
    done = command("import", *reversed(names), "--config", config)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "service codes: 2 new",
        "employees: 2 new",
        "clients: 2 new",
        "visits: 2 new",
    ]
    found = await registers(config)
    assert found["rose"].value.name == "Rosé Miller"
    assert found["walter"].value.email is None
    assert found["ben"].value.name == "Novak, Ben"
    assert (found["anna"].value.shown_name, found["anna"].value.active) == ("Anna", True)
    assert not found["care"].value.allows_virtual_care
    assert found["v1"].value.starts_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert found["v1"].value.tasks == (Task("t1", "Greet"), Task("t2", "Ask: how"))


async def test_again_changes_nothing_and_a_change_changes_one(command: Command, config: Path, write: Write) -> None:
    names = write(GOOD)
    assert command("import", *names, "--config", config).returncode == 0
    before = await registers(config)
    assert "visits: 2 as before" in command("import", *names, "--config", config).stdout
    assert await registers(config) == before
    write({"clients.csv": GOOD["clients.csv"].replace("Walter", "Walter B.")})
    assert command("import", "clients.csv", "--config", config).stdout == "clients: 1 changed, 1 as before\n"
    assert (await registers(config))["walter"].rev == before["walter"].rev + 1


def test_byte_order_marks_and_line_ends(command: Command, config: Path, write: Write) -> None:
    """Each file has the same two clients under other ids."""
    forms = [(encoding, newline) for encoding in ("utf-8", "utf-8-sig") for newline in ("\n", "\r\n")]
    names = write(
        {
            f"c{n}.csv": f"id,name,language\nc{n},Rosé,en\n\nd{n},Walter,en".replace("\n", newline).encode(encoding)
            for n, (encoding, newline) in enumerate(forms)
        }
    )
    done = command("import", *names, "--config", config)
    assert (done.returncode, done.stdout, done.stderr) == (0, "clients: 8 new\n", "")


FAULTY: list[tuple[str | bytes, list[str]]] = [
    ("id,name,language\nc1,A,en\nc1,B,en\n", ["3: id: is in FILE:2 too"]),
    ("id,name,language\nc 2,A,en\n", ["2: id: must be 1 to 64 letters, digits, dots, underscores or hyphens"]),
    ("id,name,language\nc3,,de\n", ["2: name: must not be empty", "2: language: must be one of en, fr"]),
    ("id,name,language\nc4,=?utf-8?q?x?=,en\n", ["2: name: must not contain =?"]),
    (
        'id,name,language\nc5,"A\nB",en\nc6,B,de\n',
        ["2: name: must not contain control or text-direction characters", "4: language: must be one of en, fr"],
    ),
    ("id,name,language\nc7,A\n", ["2: row: has 2 cells, the header 3"]),
    ("id,name,language,email\nc8,A,en,a@@b\n", ["2: email: must be one email address"]),
    ("id,name,email\nc9,A,a@b.example\n", ["1: language: is missing in the header of clients"]),
    (
        "id,name,language,colour\nc10,A,en,red\n",
        ["1: colour: is not a column of clients: id, name, language, email, phone"],
    ),
    ("id,name,name,language\n", ["1: name: is there twice"]),
    ("", ["1: row: is missing: the first row must be the header"]),
    ('id,name,language\nc11,"A,en\n', ["2: row: is not CSV: unexpected end of data"]),
    (b"id,name,language\nc12,\xff,en\n", ["2: row: is not UTF-8"]),
    ("id,name,allowsVirtualCare\ns1,A,maybe\n", ["2: allowsVirtualCare: must be true or false"]),
    (
        "id,name,email,role,mayInitiateVirtualVisits,language,active\ne1,A,a@b.example,queen,1,en,1\n",
        ["2: role: must be one of caregiver, coordinator, administrator"],
    ),
    (
        "id,name,email,role,mayInitiateVirtualVisits,language,active\ne2,A,anna@willow.example,caregiver,1,en,1\n",
        ["2: email: Another employee has this email"],
    ),
]
NINE, TEN = "2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z"
FAULTY_VISITS = [
    (f"nope,anna,rose,{NINE},{TEN},UTC,", "serviceCode: is not known here"),
    (f"video,nope,rose,{NINE},{TEN},UTC,", "employee: is not known here"),
    (f"video,anna,nope,{NINE},{TEN},UTC,", "client: is not known here"),
    (
        f"video,anna,rose,2026-03-01 09:00,{TEN},UTC,",
        "startsAt: must be a time with an offset, like 2026-03-01T09:00:00+01:00",
    ),
    (f"video,anna,rose,2026-02-30T09:00:00Z,{TEN},UTC,", "startsAt: is not a time of the calendar"),
    (f"video,anna,rose,{NINE},{NINE},UTC,", "endsAt: must be after the start, by 24 hours at most"),
    (f"video,anna,rose,{NINE},2026-03-03T09:00:00Z,UTC,", "endsAt: must be after the start, by 24 hours at most"),
    (f"video,anna,rose,{NINE},{TEN},Mars/X,", "timeZone: must be a known IANA time zone, like Europe/Paris"),
    (f"video,anna,rose,{NINE},{TEN},UTC,Greet", "tasks: must be tasks like id:title|id:title"),
    (f"video,anna,rose,{NINE},{TEN},UTC,a:A|a:B", "tasks: must be tasks with different ids"),
]


async def test_every_kind_of_fault_is_named_and_nothing_is_written(
    command: Command, config: Path, write: Write
) -> None:
    header = GOOD["visits.csv"].partition("\n")[0]
    visits = [(f"{header}\nv{n + 9},{row}\n", [f"2: {why}"]) for n, (row, why) in enumerate(FAULTY_VISITS)]
    faulty = {f"f{n:02}.csv": case for n, case in enumerate([*FAULTY, *visits])}
    names = write(GOOD | {name: content for name, (content, _) in faulty.items()})
    done = command("import", *names, "--config", config)
    assert (done.returncode, done.stdout) == (2, "")
    expected = [f"{name}:{why.replace('FILE', name)}" for name, (_, whys) in faulty.items() for why in whys]
    assert done.stderr.splitlines() == [f"virtual-visits: {line}" for line in [*expected, "Nothing was imported."]]
    assert await registers(config) == {}


def test_every_faulty_row_of_every_file_is_reported(command: Command, config: Path, write: Write) -> None:
    names = write(
        GOOD
        | {
            "clients.csv": "id,name,language,email\nrose,Rose,en,x\nwalter,,xx,\n",
            "codes.csv": GOOD["codes.csv"].replace("video", "vid/eo"),
            "visits.csv": GOOD["visits.csv"].replace("v1,video", "v1,other").replace("v2,care", "v2,none"),
        }
    )
    lines = command("import", *names, "--config", config).stderr.splitlines()
    assert [line.removeprefix("virtual-visits: ").split(": ")[:2] for line in lines[:-1]] == [
        ["clients.csv:2", "email"],
        ["clients.csv:3", "name"],
        ["clients.csv:3", "language"],
        ["codes.csv:2", "id"],
    ], "a reference to a faulty row is not one more fault"


def test_references_into_the_database(command: Command, config: Path, write: Write) -> None:
    names = write(GOOD)
    assert command("import", *names[:3], "--config", config).returncode == 0
    assert command("import", "visits.csv", "--config", config).stdout == "visits: 2 new\n"


def test_a_file_that_is_not_there(command: Command, config: Path) -> None:
    done = command("import", "none.csv", "--config", config)
    assert (done.returncode, done.stderr) == (2, "virtual-visits: none.csv can't be read: No such file or directory.\n")
