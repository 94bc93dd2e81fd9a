"""The services over the real storage, with a settable clock, counted ids, and everything that is told written down."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signaling.domain.invite import Delivery, How, Invite
from signaling.domain.presence import Leg, Presence
from signaling.domain.session import Role, State
from signaling.domain.visit import Client, Employee, Language, Position, ServiceCode, Visit
from signaling.errors import Code, Refused
from signaling.ports import ApiKey, Database, Mail, Unit
from signaling.protocol import codec
from signaling.protocol.messages import PROTOCOL, Join
from signaling.protocol.resources import (
    ClockInCommand,
    ClockOutCommand,
    DocumentationPut,
    EndedView,
    InviteCommand,
    InviteView,
    TaskOutcomePut,
    VisitPut,
    VisitView,
)
from signaling.services.asker import Asker
from signaling.services.calls import Calls, LegRef
from signaling.services.clocking import Clocking
from signaling.services.documenting import Documenting
from signaling.services.inviting import Inviting
from signaling.services.joining import Agency, Entrant, Joined, Joining
from signaling.services.registers import Registers
from signaling.services.scheduling import Scheduling
from signaling.services.tokens import Links
from tests.services.fakes import CountedIds, SetClock, SetWatch, Told

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
START = datetime(2026, 3, 2, 14, tzinfo=UTC)
# Half an hour before the visit begins.
NOW = START - timedelta(minutes=30)

NURSING = ServiceCode("nursing", "Nursing", True)
CLEANING = ServiceCode("cleaning", "Cleaning", False)
ANNA = Employee("anna", "Anna Moreau", "anna@agency.example", Position.CAREGIVER, True, Language.FR, "Anna", True)
BEN = Employee("ben", "Ben Ross", "ben@agency.example", Position.CAREGIVER, True, Language.EN, "Benny", True)
CORA = Employee("cora", "Cora Lind", "cora@agency.example", Position.COORDINATOR, True, Language.EN, "Cora", True)
ADAM = Employee("adam", "Adam Okri", "adam@agency.example", Position.ADMINISTRATOR, True, Language.EN, "Adam", True)
ROSA = Client("rosa", "Rosa Marin", "rosa@home.example", "+1 555 0100", Language.EN)
EMIL = Client("emil", "Emil Novak", "emil@home.example", None, Language.FR)
SCHEDULE_KEY = Asker(key=ApiKey("k1", "Planner", "schedule", NOW), connection="request-k")
ADMIN_KEY = Asker(key=ApiKey("k2", "Office", "admin", NOW), connection="request-k")
VISIT = "v1"


def staff(employee: Employee, **changed: Any) -> Asker:
    """An employee who is signed in, perhaps with other rights than usual."""
    return Asker(employee=replace(employee, **changed), connection=f"request-{employee.id}")


class House:
    """One agency with its services. Anna is to visit Rosa from 14:00 to 15:00 UTC, and it is 13:30."""

    def __init__(self, db: Database, path: Path) -> None:
        self.db = db
        self._path = path
        self.clock, self.ids, self.told, self.watch = SetClock(NOW), CountedIds(), Told(), SetWatch()
        self.links = Links(b"k" * 32, "https://visits.example")
        agency = Agency("Sunrise Care", "+1 555 0199")
        self.registers = Registers(db, self.clock, self.told)
        self.scheduling = Scheduling(db, self.clock, self.ids, self.told, self.watch, self.told)
        self.inviting = Inviting(db, self.clock, self.ids, self.told, self.told, self.links)
        self.joining = Joining(db, self.clock, self.ids, self.told, self.watch, agency, HOUR)
        self.calls = Calls(db, self.clock, self.told)
        self.clocking = Clocking(db, self.clock, self.told, self.watch)
        self.documenting = Documenting(db, self.clock)

    @staticmethod
    def found(unit: Unit) -> None:
        """The registers and the visit, as they are before a test."""
        for code in (NURSING, CLEANING):
            unit.people.put_service_code(code)
        for employee in (ANNA, BEN, CORA, ADAM):
            unit.people.put_employee(employee)
        for client in (ROSA, EMIL):
            unit.people.put_client(client)
        unit.visits.put_visit(Visit(VISIT, "nursing", "anna", "rosa", START, START + HOUR, "Europe/Paris"))

    # What is stored.

    def dump(self) -> list[str]:
        """Everything that is stored, as text."""
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as connection:
            return list(connection.iterdump())

    async def refuses(self, code: Code, request: Awaitable[object]) -> Refused:
        """The refusal of a request, which has changed nothing and told nobody."""
        before, told = self.dump(), (list(self.told.facts), self.told.rings)
        with pytest.raises(Refused) as caught:
            await request
        assert caught.value.code is code
        assert self.dump() == before
        assert (self.told.facts, self.told.rings) == told
        return caught.value

    async def changes_nothing(self, request: Awaitable[Any]) -> Any:
        """The answer to a request, which has changed nothing and told nobody."""
        before, told = self.dump(), list(self.told.facts)
        answer = await request
        assert self.dump() == before
        assert self.told.facts == told
        return answer

    async def state(self, visit: str = VISIT) -> State | None:
        session = await self.db.read(lambda unit: unit.sessions.session(visit))
        return None if session is None else session.state

    async def rev(self) -> int:
        session = await self.db.read(lambda unit: unit.sessions.session(VISIT))
        return 0 if session is None else session.rev

    async def visit(self) -> Visit:
        kept = await self.db.read(lambda unit: unit.visits.visit(VISIT))
        assert kept is not None
        return kept.value

    async def mails(self) -> list[Mail]:
        return list(await self.db.read(lambda unit: unit.outbox.of_visit(VISIT)))

    async def invites(self) -> list[Invite]:
        return list(await self.db.read(lambda unit: unit.invites.of_visit(VISIT)))

    async def leg(self, role: Role) -> Leg | None:
        return await self.db.read(lambda unit: unit.sessions.leg(VISIT, role))

    async def log(self) -> list[str]:
        """The visit's log as `kind actor`."""
        events = await self.db.read(lambda unit: unit.sessions.events(VISIT))
        return [f"{event.kind} {event.actor}" for event in events]

    async def settle_mail(self, state: Delivery = Delivery.SENT) -> None:
        """What the mail worker does with the latest mail."""
        mail = (await self.mails())[-1]
        accepted_at = self.clock.now() if state is Delivery.SENT else None
        settled = replace(mail, state=state, accepted_at=accepted_at, attempts=1)
        await self.db.write(lambda unit: unit.outbox.update(settled))

    # What people do.

    async def invite(self, command: str | None = None, how: How = How.EMAIL, who: Asker | None = None) -> InviteView:
        wanted = InviteCommand(delivery=how, command_id=command or self.ids.id())
        return await self.inviting.invite(who or staff(ANNA), VISIT, wanted)

    async def link(self) -> str:
        """The token of a copied link."""
        view = await self.invite(how=How.LINK)
        assert view.link is not None
        return view.link.partition("#")[2]

    async def clock_in(self, *confirm: Any, who: Asker | None = None) -> VisitView:
        return await self.clocking.clock_in(who or staff(ANNA), VISIT, ClockInCommand(confirm=list(confirm)))

    async def clock_out(self, *, confirm: bool = False, who: Asker | None = None) -> VisitView:
        command = ClockOutCommand(confirm_active_session=confirm)
        return await self.clocking.clock_out(who or staff(ANNA), VISIT, command)

    async def caregiver_joins(self, leg: str = "desk", employee: str = "anna", **more: bool) -> Joined:
        entrant = Entrant(Role.CAREGIVER, VISIT, employee=employee)
        joined = await self.joining.join(entrant, join(leg, **more), "socket-s")
        self.watch.seen[Role.CAREGIVER] = Presence.PRESENT
        return joined

    async def entrant(self, token: str) -> Entrant:
        """The client behind a link, with their cookie."""
        secret, _ = await self.joining.exchange(token)
        client_pass = await self.joining.client_pass(secret)
        assert client_pass is not None
        return Entrant(Role.CLIENT, VISIT, client_pass=client_pass)

    async def client_joins(self, entrant: Entrant, leg: str = "phone", **more: bool) -> Joined:
        joined = await self.joining.join(entrant, join(leg, **more), "socket-c")
        self.watch.seen[Role.CLIENT] = Presence.PRESENT
        return joined

    async def bring_to(self, state: State | None) -> Entrant | None:
        """Bring the session to a state; the client, if they have a link."""
        if state is None:
            return None
        entrant = await self.entrant(await self.link())
        if state in {State.JOINED, State.CLIENT_HUNG_UP}:
            await self.client_joins(entrant)
        if state is State.CLIENT_HUNG_UP:
            await self.client_hangs_up(entrant, Leg("phone", 1))
        if state is State.TERMINATED:
            await self.end()
        return entrant

    async def client_in_call(self) -> Entrant:
        """Rosa has come in by a copied link."""
        entrant = await self.entrant(await self.link())
        await self.client_joins(entrant)
        return entrant

    async def client_hangs_up(self, entrant: Entrant, leg: Leg, command: str | None = None) -> EndedView:
        asker = Asker(client_pass=entrant.client_pass, connection="socket-c")
        ref = LegRef(leg.id, leg.generation)
        return await self.calls.hang_up(asker, VISIT, command or self.ids.id(), ref)

    async def end(self, command: str | None = None, leg: Leg | None = None, who: Asker | None = None) -> EndedView:
        ref = None if leg is None else LegRef(leg.id, leg.generation)
        return await self.calls.end_session(who or staff(ANNA), VISIT, command or self.ids.id(), ref)

    async def put(self, who: Asker | None = None, if_match: int | None = None, **changed: Any) -> VisitView:
        """Change the visit as the office would, starting from how it is."""
        body = await self.body(**changed)
        return (await self.scheduling.put_visit(who or staff(CORA), VISIT, body, if_match)).view

    async def body(self, **changed: Any) -> VisitPut:
        now = await self.visit()
        body: dict[str, Any] = {
            "serviceCode": now.service_code,
            "employee": now.employee,
            "client": now.client,
            "startsAt": now.starts_at,
            "endsAt": now.ends_at,
            "timeZone": now.time_zone,
            "tasks": [{"id": task.id, "title": task.title} for task in now.tasks],
        }
        texts = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in (body | changed).items()}
        return codec.convert(texts, VisitPut)

    async def document(self, version: int, notes: str, *tasks: TaskOutcomePut, who: Asker | None = None) -> Any:
        body = DocumentationPut(version=version, notes=notes, tasks=list(tasks))
        return await self.documenting.save(who or staff(ANNA), VISIT, body)


def join(leg: str, *, resume: bool = False, takeover: bool = False) -> Join:
    """The message that a call page sends first."""
    return Join(protocol=PROTOCOL, visit_id=VISIT, leg_id=leg, resume=resume, takeover=takeover)


async def at_once(*requests: Awaitable[Any]) -> list[Any]:
    """The answers to requests that are made at the same moment; exceptions are answers too."""
    return list(await asyncio.gather(*requests, return_exceptions=True))
