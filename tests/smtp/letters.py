"""A small agency, its client and its visit, as letters and as rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from signaling.domain.invite import Delivery, How, Invite, Standing
from signaling.domain.session import State
from signaling.domain.visit import Client, Employee, Language, Position, ServiceCode, Visit
from signaling.mail.render import Agency, Letter
from signaling.ports import Mail, MailKind, Session, Unit

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TOKEN = "Ab-_" * 10 + "xyz"
LINK = f"https://visits.agency.example/v#{TOKEN}"

AGENCY = Agency(
    "Soins « Été », SARL",
    "+33 1 99 00 12 34",
    "office@agency.example",
    "visits@agency.example",
    "visits.agency.example",
)
VISIT = Visit("v1", "bath", "anna", "marie", NOON + 2 * HOUR, NOON + 3 * HOUR, "Europe/Paris")
CLIENT = Client("marie", "Marie Dupont", "marie@client.example", "+33 6 99", Language.FR)
CAREGIVER = Employee("anna", "Anna Adams", "anna@agency.example", Position.CAREGIVER, True, Language.EN, "Anna", True)
INVITE = Invite("i1", VISIT.id, How.EMAIL, CLIENT.email, NOON, "anna", VISIT.starts_at, Standing.LIVE, b"\x01" * 32)
MAIL = Mail(
    id="m1",
    kind=MailKind.INVITE,
    visit=VISIT.id,
    invite=INVITE.id,
    address="marie@client.example",
    language=Language.FR,
    message_id="first",
    state=Delivery.SENDING,
    attempts=0,
    next_try_at=NOON,
    created_at=NOON,
)
CANCELLATION = replace(MAIL, id="m2", kind=MailKind.CANCELLATION, invite=None, message_id="second")
LETTER = Letter(
    kind=MailKind.INVITE,
    visit=VISIT,
    client=CLIENT.name,
    caregiver=CAREGIVER.shown_name,
    address="marie@client.example",
    language=Language.EN,
    link=LINK,
    message_id="first",
    written_at=NOON,
)


def found(unit: Unit) -> None:
    """The agency with one visit whose client was just invited by mail."""
    unit.people.put_service_code(ServiceCode("bath", "Assisted bathing", True))
    unit.people.put_employee(CAREGIVER)
    unit.people.put_client(CLIENT)
    unit.visits.put_visit(VISIT)
    unit.sessions.put_session(Session(VISIT.id, State.INVITED, 1, NOON))
    unit.invites.add(INVITE, b"digest of i1")
    unit.outbox.add(MAIL)
