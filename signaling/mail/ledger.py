"""What the outbox reads and writes in one transaction: taking a mail in hand, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from signaling.domain.invite import Delivery, Invite
from signaling.domain.visit import Employee, Language, Visit
from signaling.mail.policy import UNSENT, deadline, is_wanted, pause_after
from signaling.mail.render import Letter
from signaling.mail.smtp import Accepted, Outcome, TryLater
from signaling.mail.texts import text
from signaling.ports import EventRecord, Mail, MailKind, Unit

LinkOf = Callable[[Invite], str]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A mail that was not wanted any more; it was not sent."""

    visit: Visit


@dataclass(frozen=True, slots=True)
class Follow:
    """What a cancellation mail that follows an invite is called."""

    id: str
    message_id: str


def take(unit: Unit, id: str, now: datetime, link_of: LinkOf) -> Letter | Dropped | None:
    """The letter of a mail that is due and still wanted; None if it is not due (any more).

    A mail that is not wanted any more is marked as dropped. The link's token exists in the letter only.
    """
    mail = unit.outbox.mail(id)
    if mail is None or mail.state not in UNSENT or mail.next_try_at > now:
        return None
    visit = _visit(unit, mail)
    invite = None if mail.invite is None else unit.invites.invite(mail.invite)
    client = unit.people.client(visit.client)
    session = unit.sessions.session(mail.visit)
    state = None if session is None else session.state
    if client is None or not is_wanted(mail, visit, client.value, invite, state, now):
        unit.outbox.update(replace(mail, state=Delivery.DROPPED, reason=None))
        return Dropped(visit)
    return Letter(
        kind=mail.kind,
        visit=visit,
        client=client.value.name,
        caregiver=_employee(unit, visit).shown_name,
        address=mail.address,
        language=mail.language,
        link=None if invite is None else link_of(invite),
        message_id=mail.message_id,
        written_at=mail.created_at,
    )


def record(unit: Unit, id: str, outcome: Outcome, now: datetime, chance: float, follow: Follow) -> Visit | None:
    """Write down what the server said at `now`, and give the visit; None if the mail was settled meanwhile.

    `chance` is a random number from 0 to 1. An invite that was on the wire while its visit was cancelled is
    followed by a cancellation, called as in `follow`.
    """
    mail = unit.outbox.mail(id)
    if mail is None or (mail.state not in UNSENT and not isinstance(outcome, Accepted)):
        return None
    visit = _visit(unit, mail)
    after = _after(unit, mail, visit, outcome, now, chance)
    unit.outbox.update(after)
    if after.state is Delivery.DELAYED:
        return visit
    kind = "mail_accepted" if after.state is Delivery.SENT else "mail_failed"
    data = {"mail": mail.id, "mailKind": mail.kind.value, "attempts": after.attempts}
    if mail.invite is not None:
        data["invite"] = mail.invite
    unit.sessions.append(EventRecord(mail.visit, now, kind, "system", data=data))
    if after.state is Delivery.SENT and mail.kind is MailKind.INVITE and visit.cancelled_at is not None:
        _cancel_after_all(unit, mail, visit, now, follow)
    return visit


def _after(unit: Unit, mail: Mail, visit: Visit, outcome: Outcome, now: datetime, chance: float) -> Mail:
    attempts = mail.attempts + 1
    if isinstance(outcome, Accepted):
        return replace(mail, state=Delivery.SENT, attempts=attempts, accepted_at=now, reason=None)
    reason = _reason(_employee(unit, visit).language, outcome.trouble.value, outcome.words)
    again_at = now + pause_after(attempts, chance)
    invite = None if mail.invite is None else unit.invites.invite(mail.invite)
    if isinstance(outcome, TryLater) and again_at < deadline(mail, visit, invite):
        return replace(mail, state=Delivery.DELAYED, attempts=attempts, next_try_at=again_at, reason=reason)
    return replace(mail, state=Delivery.FAILED, attempts=attempts, reason=reason)


def _cancel_after_all(unit: Unit, mail: Mail, visit: Visit, now: datetime, follow: Follow) -> None:
    kept = unit.people.client(visit.client)
    known = any(
        other.kind is MailKind.CANCELLATION and other.address == mail.address
        for other in unit.outbox.of_visit(visit.id)
    )
    if known or kept is None or kept.value.email != mail.address:
        return
    unit.outbox.add(
        Mail(
            id=follow.id,
            kind=MailKind.CANCELLATION,
            visit=visit.id,
            invite=None,
            address=mail.address,
            language=kept.value.language,
            message_id=follow.message_id,
            state=Delivery.SENDING,
            attempts=0,
            next_try_at=now,
            created_at=now,
        )
    )


def _reason(language: Language, trouble: str, words: str) -> str:
    return text(language, f"trouble.{trouble}", words=words).strip()


def _visit(unit: Unit, mail: Mail) -> Visit:
    kept = unit.visits.visit(mail.visit)
    if kept is None:
        raise LookupError("a mail without its visit")
    return kept.value


def _employee(unit: Unit, visit: Visit) -> Employee:
    kept = unit.people.employee(visit.employee)
    if kept is None:
        raise LookupError("a visit without its employee")
    return kept.value
