"""The agency's registers: service codes, employees and clients, by the agency's own ids (SPEC §9)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

from signaling.domain import values
from signaling.domain.access import MAY_READ_REGISTERS, MAY_WRITE, Party, Register
from signaling.domain.session import State
from signaling.domain.values import BadValue
from signaling.domain.visit import Client, Employee, Position, ServiceCode
from signaling.errors import Code, Refused
from signaling.ports import Clock, Database, DuplicateEmail, EventRecord, Fact, Kept, Notifier, Unit
from signaling.protocol.resources import (
    ClientPut,
    ClientView,
    EmployeePut,
    EmployeeView,
    ServiceCodePut,
    ServiceCodeView,
)
from signaling.services.asker import Asker

V = TypeVar("V")
T = TypeVar("T")
A = TypeVar("A")

DAY = timedelta(days=1)


class Saved(NamedTuple, Generic[V]):
    """A resource with its revision; `facts` are to be published once it is durable."""

    rev: int
    view: V
    created: bool = False
    facts: tuple[Fact, ...] = ()


def checked(field: str, check: Callable[[A], T], value: A) -> T:
    """The value as its check returns it; Refused(VALIDATION_FAILED) naming the field."""
    try:
        return check(value)
    except BadValue as why:
        raise Refused(Code.VALIDATION_FAILED, f"{field} {why}.", field=field) from None


def require_rev(kept: Kept[T] | None, if_match: int | None) -> None:
    """Refused(STALE) unless the stored revision is the one that the asker saw; None asks nothing."""
    if if_match is not None and (kept is None or kept.rev != if_match):
        raise Refused(Code.STALE)


def require_writer(asker: Asker, register: Register) -> None:
    """Refused(FORBIDDEN) unless the asker's office or key may write the register."""
    if not MAY_WRITE[register] & set(asker.office()):
        raise Refused(Code.FORBIDDEN)


def require_reader(asker: Asker) -> None:
    """Refused(FORBIDDEN) unless the asker may read the registers."""
    if not MAY_READ_REGISTERS & set(asker.office()):
        raise Refused(Code.FORBIDDEN)


def _service_code_view(value: ServiceCode) -> ServiceCodeView:
    return ServiceCodeView(id=value.id, name=value.name, allows_virtual_care=value.allows_virtual_care)


def _employee_view(value: Employee) -> EmployeeView:
    return EmployeeView(
        id=value.id,
        name=value.name,
        email=value.email,
        role=value.position,
        may_initiate_virtual_visits=value.may_initiate_virtual_visits,
        language=value.language,
        active=value.active,
        shown_name=value.shown_name,
    )


def _client_view(value: Client) -> ClientView:
    return ClientView(id=value.id, name=value.name, email=value.email, phone=value.phone, language=value.language)


def apply_service_code(
    unit: Unit, asker: Asker, id: str, body: ServiceCodePut, if_match: int | None = None
) -> Saved[ServiceCodeView]:
    """Insert or change a service code."""
    require_writer(asker, Register.SERVICE_CODES)
    value = ServiceCode(
        checked("id", values.check_id, id), checked("name", values.check_name, body.name), body.allows_virtual_care
    )
    before = unit.people.service_code(id)
    require_rev(before, if_match)
    if before is not None and before.value == value:
        return Saved(before.rev, _service_code_view(value))
    return Saved(unit.people.put_service_code(value), _service_code_view(value), before is None)


def apply_employee(
    unit: Unit, asker: Asker, id: str, body: EmployeePut, if_match: int | None = None
) -> Saved[EmployeeView]:
    """Insert or change an employee; one who is switched off is signed out everywhere.

    A `schedule` key may write only employees who are and stay caregivers.
    """
    require_writer(asker, Register.EMPLOYEES)
    name = checked("name", values.check_name, body.name)
    shown = name.split()[0] if body.shown_name is None else checked("shownName", values.check_name, body.shown_name)
    value = Employee(
        id=checked("id", values.check_id, id),
        name=name,
        email=checked("email", values.check_email, body.email),
        position=body.role,
        may_initiate_virtual_visits=body.may_initiate_virtual_visits,
        language=body.language,
        shown_name=shown,
        active=body.active,
    )
    before = unit.people.employee(id)
    positions = {value.position} | ({before.value.position} if before else set())
    if Party.SCHEDULE_KEY in asker.office() and positions != {Position.CAREGIVER}:
        raise Refused(Code.FORBIDDEN, "This key can't touch roles.", field="role")
    require_rev(before, if_match)
    if before is not None and before.value == value:
        return Saved(before.rev, _employee_view(value))
    try:
        rev = unit.people.put_employee(value)
    except DuplicateEmail:
        raise Refused(Code.CONFLICT, "Another employee has this email.", field="email") from None
    facts: tuple[Fact, ...] = ()
    if before is not None and (
        (before.value.active and not value.active) or before.value.position is not value.position
    ):
        unit.people.remove_sign_ins_of(id)
        facts = (Fact("employee_switched_off", employees=(id,)),)
    return Saved(rev, _employee_view(value), before is None, facts)


def apply_client(
    unit: Unit, asker: Asker, id: str, body: ClientPut, now: datetime, if_match: int | None = None
) -> Saved[ClientView]:
    """Insert or change a client. A new email replaces every link that went to the old one (SPEC §5)."""
    require_writer(asker, Register.CLIENTS)
    value = Client(
        id=checked("id", values.check_id, id),
        name=checked("name", values.check_name, body.name),
        email=None if body.email is None else checked("email", values.check_email, body.email),
        phone=None if body.phone is None else checked("phone", values.check_phone, body.phone),
        language=body.language,
    )
    before = unit.people.client(id)
    require_rev(before, if_match)
    if before is not None and before.value == value:
        return Saved(before.rev, _client_view(value))
    rev = unit.people.put_client(value)
    facts: tuple[Fact, ...] = ()
    if before is not None:
        # Copied links count too: whoever reads the old mailbox may have been sent one.
        replaced = before.value.email is not None and before.value.email != value.email
        facts = tuple(_retell(unit, asker, id, now, replaced=replaced))
    return Saved(rev, _client_view(value), before is None, facts)


def _retell(unit: Unit, asker: Asker, client: str, now: datetime, *, replaced: bool) -> Sequence[Fact]:
    """Replace the links of the client's open sessions if asked to; their present and coming visits are shown anew."""
    facts = []
    for kept in unit.visits.of_client(client):
        visit = kept.value
        session = unit.sessions.session(visit.id)
        if replaced and session is not None and session.state is not State.TERMINATED:
            count = unit.invites.replace_all(visit.id)
            if count:
                unit.sessions.append(EventRecord(visit.id, now, "links_replaced", asker.actor, asker.connection))
        # A client has thousands over the years: pages that show a day long past find out when they are read again.
        if visit.ends_at > now - DAY:
            facts.append(Fact("visit_changed", visit.id, (visit.employee,)))
    return facts


class Registers:
    """Reads and writes the registers, one resource at a time."""

    def __init__(self, db: Database, clock: Clock, notifier: Notifier) -> None:
        self._db = db
        self._clock = clock
        self._notifier = notifier

    async def _save(self, work: Callable[[Unit], Saved[V]]) -> Saved[V]:
        saved = await self._db.write(work)
        self._notifier.publish(saved.facts)
        return saved

    async def put_service_code(
        self, asker: Asker, id: str, body: ServiceCodePut, if_match: int | None = None
    ) -> Saved[ServiceCodeView]:
        """Insert or change a service code. Raises Refused(FORBIDDEN, VALIDATION_FAILED, STALE)."""
        return await self._save(lambda unit: apply_service_code(unit, asker, id, body, if_match))

    async def put_employee(
        self, asker: Asker, id: str, body: EmployeePut, if_match: int | None = None
    ) -> Saved[EmployeeView]:
        """Insert or change an employee. Raises Refused(FORBIDDEN, VALIDATION_FAILED, CONFLICT, STALE)."""
        return await self._save(lambda unit: apply_employee(unit, asker, id, body, if_match))

    async def put_client(
        self, asker: Asker, id: str, body: ClientPut, if_match: int | None = None
    ) -> Saved[ClientView]:
        """Insert or change a client. Raises Refused(FORBIDDEN, VALIDATION_FAILED, STALE)."""
        now = self._clock.now()
        return await self._save(lambda unit: apply_client(unit, asker, id, body, now, if_match))

    async def _one(self, asker: Asker, find: Callable[[Unit], Kept[T] | None], view: Callable[[T], V]) -> Saved[V]:
        require_reader(asker)
        kept = await self._db.read(find)
        if kept is None:
            raise Refused(Code.NOT_FOUND)
        return Saved(kept.rev, view(kept.value))

    async def service_code(self, asker: Asker, id: str) -> Saved[ServiceCodeView]:
        """One service code, or Refused(NOT_FOUND)."""
        return await self._one(asker, lambda unit: unit.people.service_code(id), _service_code_view)

    async def employee(self, asker: Asker, id: str) -> Saved[EmployeeView]:
        """One employee, or Refused(NOT_FOUND)."""
        return await self._one(asker, lambda unit: unit.people.employee(id), _employee_view)

    async def client(self, asker: Asker, id: str) -> Saved[ClientView]:
        """One client, or Refused(NOT_FOUND)."""
        return await self._one(asker, lambda unit: unit.people.client(id), _client_view)

    async def _all(self, asker: Asker, find: Callable[[Unit], Sequence[Kept[T]]], view: Callable[[T], V]) -> list[V]:
        require_reader(asker)
        return [view(kept.value) for kept in await self._db.read(find)]

    async def service_codes(self, asker: Asker) -> list[ServiceCodeView]:
        """All service codes, in the order of their ids."""
        return await self._all(asker, lambda unit: unit.people.service_codes(), _service_code_view)

    async def employees(self, asker: Asker) -> list[EmployeeView]:
        """All employees, in the order of their ids."""
        return await self._all(asker, lambda unit: unit.people.employees(), _employee_view)

    async def clients(self, asker: Asker) -> list[ClientView]:
        """All clients, in the order of their ids."""
        return await self._all(asker, lambda unit: unit.people.clients(), _client_view)
