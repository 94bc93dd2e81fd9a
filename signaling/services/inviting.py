"""Invites: the four gates, the session that the first one creates, and the mail in the same transaction (SPEC §4)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from signaling.domain.invite import (
    RESEND_PAUSE,
    RESENDS_PER_HOUR,
    Delivery,
    How,
    Invite,
    Standing,
    is_for_another_time,
)
from signaling.domain.session import Event, Role, step
from signaling.domain.visit import Client, Visit
from signaling.errors import Code, Refused
from signaling.ports import Clock, Database, EventRecord, Fact, Ids, Mail, MailKind, MailQueue, Notifier, Session, Unit
from signaling.protocol.resources import InviteCommand, InviteView
from signaling.services.asker import Asker
from signaling.services.tokens import Links, digest
from signaling.services.viewing import gate, require_visit, session_view, state_of

HOUR = timedelta(hours=1)
_UNSENT = frozenset({Delivery.SENDING, Delivery.DELAYED})


@dataclass(frozen=True, slots=True)
class _Made:
    view: InviteView
    facts: tuple[Fact, ...] = ()
    mailed: bool = False


class Inviting:
    """Makes invites, by mail or as a link to copy."""

    def __init__(
        self, db: Database, clock: Clock, ids: Ids, notifier: Notifier, mail_queue: MailQueue, links: Links
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._notifier = notifier
        self._mail_queue = mail_queue
        self._links = links

    async def invite(self, asker: Asker, visit_id: str, command: InviteCommand) -> InviteView:
        """Invite the client, creating the session if there is none.

        A repeated command answers as it did the first time. Raises Refused with the code of the first gate that is
        shut (SPEC §2), CLIENT_HAS_NO_EMAIL, or TOO_MANY_REQUESTS with `retryAfter` in seconds.
        """
        now = self._clock.now()
        made = await self._db.write(lambda unit: self._invite(unit, asker, visit_id, command, now))
        self._notifier.publish(made.facts)
        if made.mailed:
            self._mail_queue.wake()
        return made.view

    def _invite(self, unit: Unit, asker: Asker, visit_id: str, command: InviteCommand, now: datetime) -> _Made:
        visit = require_visit(unit, visit_id).value
        scope = f"invite {asker.actor_at(visit)} {visit_id}"
        repeated = unit.sessions.command_result(scope, command.command_id)
        session = unit.sessions.session(visit_id)
        if repeated is not None and session is not None:
            invite = unit.invites.invite(str(repeated["invite"]))
            # What was asked for then: a repeat must not turn a mailed link into one that is shown.
            return _Made(self._view(unit, session, invite, command.delivery if invite is None else invite.how))
        service = unit.people.service_code(visit.service_code)
        person = unit.people.client(visit.client)
        if service is None or person is None:
            raise LookupError("a visit refers to something that is not stored")
        shut = gate(asker, service.value, visit, state_of(session))
        if shut is not None:
            raise Refused(shut)
        if command.delivery is How.EMAIL:
            pending = self._pending(unit, visit, person.value, now)
            if pending is not None and session is not None:
                unit.sessions.remember_command(scope, command.command_id, {"invite": pending.id}, now)
                hurried = _hurry(unit, pending, now)
                return _Made(self._view(unit, session, pending, How.EMAIL), mailed=hurried)
        invite = self._make(unit, asker, visit, person.value, command.delivery, now)
        session = self._advance(unit, asker, visit, session, command.delivery, now)
        unit.sessions.remember_command(scope, command.command_id, {"invite": invite.id}, now)
        facts = (
            Fact("session_changed", visit_id, (visit.employee,), {"rev": session.rev, "state": session.state.value}),
            Fact("invite_changed", visit_id, (visit.employee,)),
        )
        return _Made(self._view(unit, session, invite, command.delivery), facts, command.delivery is How.EMAIL)

    def _pending(self, unit: Unit, visit: Visit, client: Client, now: datetime) -> Invite | None:
        """The invite whose mail already answers this press: unsent, or younger than 30 s, to the same address.

        Raises Refused(CLIENT_HAS_NO_EMAIL), and Refused(TOO_MANY_REQUESTS) beyond 10 an hour.
        """
        if client.email is None:
            raise Refused(Code.CLIENT_HAS_NO_EMAIL)
        mails = [mail for mail in unit.outbox.of_visit(visit.id) if mail.kind is MailKind.INVITE]
        for mail in reversed(mails):
            invite = None if mail.invite is None else unit.invites.invite(mail.invite)
            if invite is None or invite.standing is not Standing.LIVE or is_for_another_time(invite, visit):
                continue
            recent = mail.state is Delivery.SENT and now < (mail.accepted_at or mail.created_at) + RESEND_PAUSE
            if mail.address == client.email and (mail.state in _UNSENT or recent):
                return invite
        of_hour = [mail.created_at for mail in mails if now - mail.created_at < HOUR]
        if len(of_hour) >= RESENDS_PER_HOUR:
            wait = of_hour[-RESENDS_PER_HOUR] + HOUR - now
            raise Refused(Code.TOO_MANY_REQUESTS, retryAfter=math.ceil(wait.total_seconds()))
        return None

    def _make(self, unit: Unit, asker: Asker, visit: Visit, client: Client, how: How, now: datetime) -> Invite:
        invite = Invite(
            id=self._ids.id(),
            visit=visit.id,
            how=how,
            address=client.email if how is How.EMAIL else None,
            made_at=now,
            made_by=asker.actor,
            starts_at=visit.starts_at,
            standing=Standing.LIVE,
            seed=self._ids.bytes(32),
        )
        unit.invites.add(invite, digest(self._links.token(invite.seed)))
        if invite.address is not None:
            unit.outbox.add(
                Mail(
                    id=self._ids.id(),
                    kind=MailKind.INVITE,
                    visit=visit.id,
                    invite=invite.id,
                    address=invite.address,
                    language=client.language,
                    message_id=self._ids.id(),
                    state=Delivery.SENDING,
                    attempts=0,
                    next_try_at=now,
                    created_at=now,
                )
            )
        return invite

    def _advance(
        self, unit: Unit, asker: Asker, visit: Visit, session: Session | None, how: How, now: datetime
    ) -> Session:
        first = session is None
        after = step(state_of(session), Event.INVITE_MADE, Role.CAREGIVER).state
        session = Session(visit.id, after, 0, now) if session is None else replace(session, state=after)
        session = replace(session, rev=session.rev + 1)
        unit.sessions.put_session(session)
        kind = "link_copied" if how is How.LINK else "invite_made" if first else "invite_resent"
        unit.sessions.append(EventRecord(visit.id, now, kind, asker.actor, asker.connection))
        return session

    def _view(self, unit: Unit, session: Session, invite: Invite | None, how: How) -> InviteView:
        link = self._links.link(invite) if invite is not None and how is How.LINK else None
        return InviteView(delivery=how.value, link=link, session=session_view(unit, session))


def _hurry(unit: Unit, invite: Invite, now: datetime) -> bool:
    """Somebody waits for a mail that is delayed: try it now, not after its pause. Whether there is one to try."""
    mail = next((mail for mail in unit.outbox.of_visit(invite.visit) if mail.invite == invite.id), None)
    if mail is None or mail.state is not Delivery.DELAYED:
        return False
    unit.outbox.update(replace(mail, next_try_at=now))
    return True
