"""The demo agency: people who are always there, and a schedule that is always around now."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from signaling.domain.session import State
from signaling.domain.values import rfc3339, zone
from signaling.domain.visit import Language, Position, Visit
from signaling.errors import Refused
from signaling.ports import CallWatch, Clock, Database, Fact, Notifier, Unit
from signaling.protocol.resources import ClientPut, EmployeePut, ServiceCodePut, TaskPut, VisitPut
from signaling.services.administering import COMMAND_LINE
from signaling.services.passwords import hash_password
from signaling.services.registers import apply_client, apply_employee, apply_service_code
from signaling.services.scheduling import apply_visit

PASSWORD: Final = "willow-visits"  # noqa: S105 - it is printed at every start
QUARTER = timedelta(minutes=15)
_LENGTH = timedelta(minutes=30)
_DAY = timedelta(days=1)
_EVERY_SECONDS = 60.0

_log = logging.getLogger("signaling.demo")


def _employee(name: str, account: str, role: Position) -> EmployeePut:
    return EmployeePut(
        name=name,
        email=f"{account}@willow.example",
        role=role,
        may_initiate_virtual_visits=True,
        language=Language.EN,
        active=True,
    )


SERVICE_CODES: Final = {
    "check-in": ServiceCodePut(name="Video check-in", allows_virtual_care=True),
    "personal-care": ServiceCodePut(name="Personal care", allows_virtual_care=False),
}
EMPLOYEES: Final = {
    "anna": _employee("Anna Martin", "caregiver", Position.CAREGIVER),
    "ben": _employee("Ben Novak", "colleague", Position.CAREGIVER),
    "carla": _employee("Carla Jensen", "coordinator", Position.COORDINATOR),
    "david": _employee("David Stone", "admin", Position.ADMINISTRATOR),
}
CLIENTS: Final = {
    "rose": ClientPut(
        name="Rose Miller", email="rose.miller@home.example", phone="+33 1 99 00 20 01", language=Language.EN
    ),
    "walter": ClientPut(name="Walter Brown", phone="+33 1 99 00 20 02", language=Language.EN),
    "jeanne": ClientPut(
        name="Jeanne Petit", email="jeanne.petit@maison.example", phone="+33 1 99 00 20 03", language=Language.FR
    ),
    "edith": ClientPut(
        name="Edith Clarke", email="edith.clarke@home.example", phone="+33 1 99 00 20 04", language=Language.EN
    ),
}
_TASKS: Final = {
    "check-in": ("Ask how the night was", "Check that the medicine was taken", "Agree on the next visit"),
    "personal-care": ("Help with washing", "Prepare breakfast"),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """One visit of the demo's schedule; `offset` is from the quarter hour that comes next."""

    id: str
    service_code: str
    employee: str
    client: str
    offset: timedelta
    tomorrow: bool = False


SLOTS: Final = (
    Slot("soon", "check-in", "anna", "rose", timedelta(0)),
    Slot("no-email", "check-in", "anna", "walter", 3 * QUARTER),
    Slot("french", "check-in", "anna", "jeanne", 6 * QUARTER),
    Slot("ordinary", "personal-care", "anna", "edith", 9 * QUARTER),
    Slot("tomorrow", "check-in", "anna", "rose", timedelta(0), tomorrow=True),
    Slot("colleague", "check-in", "ben", "edith", QUARTER),
)


async def seed(db: Database, now: datetime, time_zone: str, calls: CallWatch) -> list[Fact]:
    """Add what is missing and bring the schedule up to `now`; what has happened. What people did is left as it is."""
    missing = await db.read(lambda unit: [key for key in EMPLOYEES if unit.people.employee(key) is None])
    hashes = {key: await asyncio.to_thread(hash_password, PASSWORD) for key in missing}

    def work(unit: Unit) -> list[Fact]:
        _people(unit, hashes, now)
        return [fact for slot in SLOTS for fact in _refresh(unit, slot, now, time_zone, calls)]

    return await db.write(work)


@asynccontextmanager
async def kept_current(
    db: Database, clock: Clock, time_zone: str, calls: CallWatch, notifier: Notifier, every: float = _EVERY_SECONDS
) -> AsyncIterator[None]:
    """Seed now and, while the context is open, again `every` so many seconds: a demo left running is not outdated."""

    async def keep() -> None:
        while True:
            await asyncio.sleep(every)
            try:
                notifier.publish(await seed(db, clock.now(), time_zone, calls))
            except Refused as refused:
                _log.warning("the demo's schedule could not be brought up to date: %s", refused.code)

    notifier.publish(await seed(db, clock.now(), time_zone, calls))
    keeper = asyncio.create_task(keep(), name="demo")
    try:
        yield
    finally:
        keeper.cancel()
        await asyncio.wait([keeper])


def _people(unit: Unit, hashes: dict[str, str], now: datetime) -> None:
    for key, service_code in SERVICE_CODES.items():
        if unit.people.service_code(key) is None:
            apply_service_code(unit, COMMAND_LINE, key, service_code)
    for key, hashed in hashes.items():
        apply_employee(unit, COMMAND_LINE, key, EMPLOYEES[key])
        unit.people.set_password_hash(key, hashed)
    for key, client in CLIENTS.items():
        if unit.people.client(key) is None:
            apply_client(unit, COMMAND_LINE, key, client, now)


def _refresh(unit: Unit, slot: Slot, now: datetime, time_zone: str, calls: CallWatch) -> tuple[Fact, ...]:
    """Keep the slot's visit while it can be tried out; else move it, or add another one if people have used it."""
    number = 1
    latest: Visit | None = None
    while (kept := unit.visits.visit(f"{slot.id}-{number}")) is not None:
        latest, number = kept.value, number + 1
    if latest is not None and _is_current(unit, latest, slot, now, time_zone):
        return ()
    chosen = f"{slot.id}-{number}" if latest is None or _was_used(unit, latest) else latest.id
    starts_at = start_of(slot, now, time_zone)
    body = VisitPut(
        service_code=slot.service_code,
        employee=slot.employee,
        client=slot.client,
        starts_at=rfc3339(starts_at),
        ends_at=rfc3339(starts_at + _LENGTH),
        time_zone=time_zone,
        tasks=[TaskPut(id=f"task-{n}", title=title) for n, title in enumerate(_TASKS[slot.service_code], 1)],
    )
    return apply_visit(unit, COMMAND_LINE, chosen, body, now, calls).facts


def start_of(slot: Slot, now: datetime, time_zone: str) -> datetime:
    """When the slot's visit is to start: on the quarter, on today's (or tomorrow's) page of the schedule."""
    here = zone(time_zone)
    today = now.astimezone(here).date()
    quarter = datetime.fromtimestamp(-(-now.timestamp() // 900) * 900, UTC)
    if quarter.astimezone(here).date() != today:
        quarter -= QUARTER
    start = quarter + slot.offset
    if start.astimezone(here).date() != today:
        start = quarter - slot.offset
    return start + _DAY if slot.tomorrow else start


def _is_current(unit: Unit, visit: Visit, slot: Slot, now: datetime, time_zone: str) -> bool:
    here = zone(time_zone)
    wanted = (now + _DAY if slot.tomorrow else now).astimezone(here).date()
    session = unit.sessions.session(visit.id)
    over = (session is not None and session.state is State.TERMINATED) or visit.clocked_out_at is not None
    at_hand = slot.tomorrow or visit.starts_at <= start_of(slot, now, time_zone)
    past = visit.ends_at <= now and not visit.clocked_in
    return (
        visit.starts_at.astimezone(here).date() == wanted
        and not (over or past or visit.cancelled_at is not None)
        and (at_hand or _was_used(unit, visit))
    )


def _was_used(unit: Unit, visit: Visit) -> bool:
    return (
        visit.clocked_in_at is not None
        or visit.cancelled_at is not None
        or unit.sessions.session(visit.id) is not None
        or unit.visits.documentation(visit.id).version > 0
    )


def greeting(public_url: str) -> list[str]:
    """What the demo prints when it is ready."""
    accounts = [f"  {body.email:<28} {body.name}, {body.role.value}" for body in EMPLOYEES.values()]
    return [
        f"Virtual Visits, the demo agency: {public_url}  (stop it with Ctrl+C)",
        f"Sign in with the password {PASSWORD} as",
        *accounts,
        f"Mails to the clients are caught at {public_url}/demo/mail",
        "Try it: as Anna, open Rose Miller's visit, send the invite, clock in and join. Open the mail's link in",
        "another browser or a private window: that is Rose. Talk, document, hang up, clock out. Walter Brown has no",
        "email, Jeanne Petit reads French, Edith Clarke's visit is an ordinary one; the coordinator sees everybody's.",
    ]
