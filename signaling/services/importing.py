"""The schedule from tables: all of it or nothing, in one transaction (SPEC §9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from signaling.domain.access import Register
from signaling.errors import Refused
from signaling.ports import CallWatch, Fact, Kept, Unit
from signaling.protocol.csv_tables import Fault, Row, Tables
from signaling.protocol.resources import ClientPut, EmployeePut, ServiceCodePut, VisitPut
from signaling.services.asker import Asker
from signaling.services.registers import Saved, apply_client, apply_employee, apply_service_code
from signaling.services.scheduling import apply_visit

# A visit refers to the three others.
_ORDER = (Register.SERVICE_CODES, Register.EMPLOYEES, Register.CLIENTS, Register.VISITS)
_SHOWN_MAX = 1000


class Faulty(Exception):
    """Some rows are faulty; nothing was written."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = sorted(faults, key=lambda fault: (fault.place.file, fault.place.line))


@dataclass
class Imported:
    """What an import did: how many rows of each register were new, changed, or as they were before."""

    new: Counter[Register] = field(default_factory=Counter)
    changed: Counter[Register] = field(default_factory=Counter)
    same: Counter[Register] = field(default_factory=Counter)
    facts: list[Fact] = field(default_factory=list)


def import_tables(unit: Unit, asker: Asker, tables: Tables, now: datetime, calls: CallWatch) -> Imported:
    """Write every row, or raise Faulty with the faults of all rows and leave the unit to be rolled back.

    Rows obey the same rules as the HTTP interface, by the same functions.
    """
    done = Imported()
    faults = list(tables.faults)
    faulty = set(tables.faulty)
    for row in sorted(tables.rows, key=lambda row: _ORDER.index(row.register)):
        if faulty & set(_references(row)):
            continue
        before = _stored(unit, row)
        try:
            saved = _apply(unit, asker, row, now, calls)
        except Refused as refused:
            faults.append(_fault(row, refused))
            faulty.add((row.register, row.id))
            continue
        counter = done.new if before is None else done.same if before.rev == saved.rev else done.changed
        counter[row.register] += 1
        done.facts += saved.facts
    if faults:
        raise Faulty(faults[:_SHOWN_MAX])
    return done


def _references(row: Row) -> list[tuple[Register, str]]:
    body = row.body
    if not isinstance(body, VisitPut):
        return []
    return [
        (Register.SERVICE_CODES, body.service_code),
        (Register.EMPLOYEES, body.employee),
        (Register.CLIENTS, body.client),
    ]


def _stored(unit: Unit, row: Row) -> Kept[Any] | None:
    match row.register:
        case Register.SERVICE_CODES:
            return unit.people.service_code(row.id)
        case Register.EMPLOYEES:
            return unit.people.employee(row.id)
        case Register.CLIENTS:
            return unit.people.client(row.id)
        case Register.VISITS:
            return unit.visits.visit(row.id)


def _apply(unit: Unit, asker: Asker, row: Row, now: datetime, calls: CallWatch) -> Saved[Any]:
    match row.body:
        case ServiceCodePut() as body:
            return apply_service_code(unit, asker, row.id, body)
        case EmployeePut() as body:
            return apply_employee(unit, asker, row.id, body)
        case ClientPut() as body:
            return apply_client(unit, asker, row.id, body, now)
        case VisitPut() as body:
            return apply_visit(unit, asker, row.id, body, now, calls)


def _fault(row: Row, refused: Refused) -> Fault:
    """A refusal of the HTTP interface as the fault of a row."""
    column = str(refused.extra.get("field") or "row")
    reason = refused.sentence.removeprefix(f"{column} ").removesuffix(".")
    return Fault(row.place, column, reason)
