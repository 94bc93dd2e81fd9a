"""CSV tables as rows of the HTTP interface's own types (RFC 4180; UTF-8 with or without BOM, `,` or `;`).

A table's header row holds `id` and the field names of one of the `…Put` types; that is what tells its kind.
Tasks are written `id:title|id:title`, truth as true or false. An empty cell is a field left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec.structs import FieldInfo

from signaling.domain import values
from signaling.domain.access import Register
from signaling.domain.values import BadValue
from signaling.errors import Refused
from signaling.protocol import codec
from signaling.protocol.resources import ClientPut, EmployeePut, ServiceCodePut, TaskPut, VisitPut

Body = ServiceCodePut | EmployeePut | ClientPut | VisitPut
KINDS: Mapping[Register, type[Body]] = MappingProxyType(
    {
        Register.SERVICE_CODES: ServiceCodePut,
        Register.EMPLOYEES: EmployeePut,
        Register.CLIENTS: ClientPut,
        Register.VISITS: VisitPut,
    }
)
_CHECKS: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {
        "id": values.check_id,
        "name": values.check_name,
        "shownName": values.check_name,
        "email": values.check_email,
        "phone": values.check_phone,
        "serviceCode": values.check_id,
        "employee": values.check_id,
        "client": values.check_id,
        "startsAt": values.check_time,
        "endsAt": values.check_time,
        "timeZone": values.check_zone,
    }
)
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: the file's name and the line it begins at, the header being line 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row; `column` is a field name, or `row` for the row as a whole."""

    place: Place
    column: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place.file}:{self.place.line}: {self.column}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row that has the form of its kind."""

    place: Place
    register: Register
    id: str
    body: Body


@dataclass(frozen=True, slots=True)
class Tables:
    """What several files hold. `faulty` are the ids of rows with faults: a reference to one is not a fault itself."""

    rows: Sequence[Row]
    faults: Sequence[Fault]
    faulty: frozenset[tuple[Register, str]]


def read_tables(files: Iterable[tuple[str, bytes]]) -> Tables:
    """Read files, given as name and content, and check every cell on its own."""
    rows: list[Row] = []
    faults: list[Fault] = []
    faulty: set[tuple[Register, str]] = set()
    seen: dict[tuple[Register, str], Place] = {}
    for name, content in files:
        for found in _read(name, content):
            if isinstance(found, Fault):
                faults.append(found)
                continue
            place, register, cells = found
            row, wrong = _row(place, register, cells)
            key = (register, cells["id"])
            if key in seen:
                wrong.append(Fault(place, "id", f"is in {seen[key].file}:{seen[key].line} too"))
            seen.setdefault(key, place)
            if wrong or row is None:
                faults += wrong
                faulty.add(key)
            else:
                rows.append(row)
    return Tables(rows, faults, frozenset(faulty))


_Cells = tuple[Place, Register, dict[str, str]]


def _read(name: str, content: bytes) -> Iterator[Fault | _Cells]:
    """A file's rows as cells by column, or what keeps them from being read."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield Fault(Place(name, content.count(b"\n", 0, error.start) + 1), "row", "is not UTF-8")
        return
    first = text.lstrip().partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",", strict=True
    )
    line = 1
    header: list[str] = []
    register = Register.VISITS
    try:
        for cells in reader:
            place, line = Place(name, line), reader.line_num + 1
            stripped = [cell.strip() for cell in cells]
            if not any(stripped):
                continue
            if not header:
                header, register = stripped, _kind(stripped)
                wrong = list(_header_faults(place, header, register))
                yield from wrong
                if wrong:
                    return
            elif len(stripped) != len(header):
                yield Fault(place, "row", f"has {len(stripped)} cells, the header {len(header)}")
            else:
                yield place, register, dict(zip(header, stripped, strict=True))
    except csv.Error as error:
        yield Fault(Place(name, line), "row", f"is not CSV: {error}")
        return
    if not header:
        yield Fault(Place(name, 1), "row", "is missing: the first row must be the header")


def _fields(register: Register) -> dict[str, FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(KINDS[register])}


def _kind(header: Sequence[str]) -> Register:
    """The kind that the header fits, or comes closest to."""

    def distance(register: Register) -> int:
        fields = _fields(register)
        missing = sum(field.required and name not in header for name, field in fields.items())
        return missing + sum(name not in fields for name in header)

    return min(KINDS, key=distance)


def _header_faults(place: Place, header: Sequence[str], register: Register) -> Iterator[Fault]:
    fields = _fields(register)
    what = register.value.replace("_", " ")
    for name in dict.fromkeys(header):
        if name not in fields and name != "id":
            yield Fault(place, name or "row", f"is not a column of {what}: {', '.join(['id', *fields])}")
        if header.count(name) > 1:
            yield Fault(place, name or "row", "is there twice")
    for name in ("id", *(name for name, field in fields.items() if field.required)):
        if name not in header:
            yield Fault(place, name, f"is missing in the header of {what}")


def _row(place: Place, register: Register, cells: Mapping[str, str]) -> tuple[Row | None, list[Fault]]:
    faults: list[Fault] = []
    given: dict[str, Any] = {}
    try:
        values.check_id(cells["id"])
    except BadValue as why:
        faults.append(Fault(place, "id", str(why)))
    for name, field in _fields(register).items():
        text = cells.get(name, "")
        try:
            if text or field.required:
                given[field.name] = _value(field, text)
        except BadValue as why:
            faults.append(Fault(place, name, str(why)))
    if faults:
        return None, faults
    return Row(place, register, cells["id"], KINDS[register](**given)), []


def _value(field: FieldInfo, text: str) -> Any:
    """A cell as its field's type. Raises BadValue."""
    if not text:
        raise BadValue("must not be empty")
    if field.type is bool:
        return _truth(text)
    if field.encode_name == "tasks":
        return _tasks(text)
    if isinstance(field.type, type) and issubclass(field.type, Enum):
        words = [str(word.value) for word in field.type]
        if text not in words:
            raise BadValue(f"must be one of {', '.join(words)}")
    _CHECKS.get(field.encode_name, str)(text)
    try:
        return codec.convert(text, field.type)
    except Refused as refused:
        raise BadValue(refused.sentence) from None


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTH:
        raise BadValue("must be true or false")
    return _TRUTH[text.lower()]


def _tasks(text: str) -> list[TaskPut]:
    tasks = []
    for item in text.split("|"):
        task, colon, title = (part.strip() for part in item.partition(":"))
        if not colon:
            raise BadValue("must be tasks like id:title|id:title")
        tasks.append(TaskPut(id=values.check_id(task), title=values.check_text(title)))
    if len({task.id for task in tasks}) != len(tasks):
        raise BadValue("must be tasks with different ids")
    return tasks
