"""A small agency for the storage tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from signaling.domain.invite import Delivery, How, Invite, Standing
from signaling.domain.session import State
from signaling.domain.visit import Client, Employee, Language, Position, ServiceCode, Task, Visit
from signaling.ports import EventRecord, Mail, MailKind, Session, Unit

# Microseconds and all: what is stored must come back exactly.
NOON = datetime(2026, 3, 29, 12, 0, 0, 123457, tzinfo=UTC)
HOUR = timedelta(hours=1)

SERVICE = ServiceCode("nursing", "Soins à domicile", True)
CAREGIVER = Employee("e1", "Anna Moreau", "Anna@Example.org", Position.CAREGIVER, True, Language.FR, "Anna", True)
COORDINATOR = Employee("e2", "Ben Ross", "ben@example.org", Position.COORDINATOR, False, Language.EN, "Ben", False)
CLIENT = Client("c1", "Rosa Marín 🌻", "rosa@example.org", "+1 555 0100", Language.EN)
VISIT = Visit(
    "v1", "nursing", "e1", "c1", NOON, NOON + HOUR, "Europe/Paris", (Task("t1", "Pulse"), Task("t2", "Tea, “hot”"))
)
SESSION = Session("v1", State.INVITED, 1, NOON)
INVITE = Invite(
    "i1", "v1", How.EMAIL, "rosa@example.org", NOON, "employee:e1", NOON + HOUR, Standing.LIVE, bytes(range(32))
)
MAIL = Mail(
    "m1",
    MailKind.INVITE,
    "v1",
    "i1",
    "rosa@example.org",
    Language.EN,
    "<m1@example.org>",
    Delivery.SENDING,
    0,
    NOON,
    NOON,
)


def found(unit: Unit) -> None:
    """Put the agency's registers and one visit."""
    unit.people.put_service_code(SERVICE)
    unit.people.put_employee(CAREGIVER)
    unit.people.put_employee(COORDINATOR)
    unit.people.put_client(CLIENT)
    unit.visits.put_visit(VISIT)


def visit(id: str, starts_at: datetime, lasts: timedelta = HOUR, employee: str = "e1", client: str = "c1") -> Visit:
    """Another visit of the same service."""
    return replace(VISIT, id=id, starts_at=starts_at, ends_at=starts_at + lasts, employee=employee, client=client)


def event(kind: str = "clocked_in", visit: str = "v1") -> EventRecord:
    """A line of a visit's log."""
    return EventRecord(visit, NOON, kind, "employee:e1", "conn-1", {"leg": "l1", "n": 3})
