"""How visits are shown to an asker: one place builds the views of the pages and of the API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from signaling.domain import access
from signaling.domain.access import Action
from signaling.domain.invite import Delivery, How, Invite, Standing, is_for_another_time
from signaling.domain.presence import Presence
from signaling.domain.session import Role, State
from signaling.domain.values import rfc3339
from signaling.domain.visit import ServiceCode, Visit
from signaling.errors import Code, Refused
from signaling.ports import CallWatch, Kept, Mail, Session, Unit
from signaling.protocol.messages import LastInvite
from signaling.protocol.resources import ClientBrief, EmployeeBrief, ServiceView, SessionView, TaskPut, VisitView
from signaling.services.asker import Asker


def stamp(moment: datetime | None) -> str | None:
    """A time for a view, or null."""
    return None if moment is None else rfc3339(moment)


def require_visit(unit: Unit, visit: str) -> Kept[Visit]:
    """The visit, or Refused(NOT_FOUND)."""
    kept = unit.visits.visit(visit)
    if kept is None:
        raise Refused(Code.NOT_FOUND)
    return kept


def require(asker: Asker, action: Action, visit: Visit, state: State | None) -> None:
    """Refused with the access table's code unless the asker may do this now.

    Who may not even see the visit is told NOT_FOUND, whatever they asked for.
    """
    who = asker.parties(visit)
    for asked in (Action.READ, action):
        if not asker.client_pass or asked is action:
            why = access.denial(who, asked, state)
            if why is not None:
                raise Refused(Code(why))


def state_of(session: Session | None) -> State | None:
    """The session's state; None where there is no session."""
    return None if session is None else session.state


def last_invite(unit: Unit, visit: str) -> LastInvite | None:
    """The invite that the caregiver is told of: the last one mailed, or the last one copied if none was mailed.

    `sentAt` is when the SMTP server last accepted an invite for this visit (SPEC §8), even if a later mail is
    still on its way. Revoked ones do not count: they went to another client, or no link of theirs works.
    """
    invites = _standing(unit, visit)
    ids = {invite.id for invite in invites}
    mails = {mail.invite: mail for mail in unit.outbox.of_visit(visit) if mail.invite in ids}
    mailed = [invite for invite in invites if invite.how is How.EMAIL]
    if mailed:
        mail = mails.get(mailed[-1].id)
        accepted = max((m.accepted_at for m in mails.values() if m.accepted_at is not None), default=None)
        return _mailed(mailed[-1], mail, accepted)
    if not invites:
        return None
    made_at = rfc3339(invites[-1].made_at)
    return LastInvite(how="link", made_at=made_at, sent_at=made_at, to=None, delivery="copied", reason=None)


def _standing(unit: Unit, visit: str) -> list[Invite]:
    return [invite for invite in unit.invites.of_visit(visit) if invite.standing is not Standing.REVOKED]


def _mailed(invite: Invite, mail: Mail | None, accepted_at: datetime | None) -> LastInvite:
    return LastInvite(
        how="email",
        made_at=rfc3339(invite.made_at),
        sent_at=stamp(accepted_at),
        to=invite.address,
        delivery=(Delivery.DROPPED if mail is None else mail.state).value,
        reason=None if mail is None else mail.reason,
    )


def session_view(unit: Unit, session: Session) -> SessionView:
    """The session as the API shows it."""
    return SessionView(state=session.state, rev=session.rev, last_invite=last_invite(unit, session.visit))


def gate(asker: Asker, service: ServiceCode, visit: Visit, state: State | None) -> Code | None:
    """The first of SPEC §2's four gates that refuses an invite; None if all are open."""
    employee = asker.employee
    denied = access.denial(asker.parties(visit), Action.INVITE, None)
    if employee is None or denied is access.Denial.NOT_FOUND:
        return Code(denied or access.Denial.FORBIDDEN)
    rules = (
        (Code.NOT_VIRTUAL, not service.allows_virtual_care),
        (Code.FORBIDDEN, not employee.may_initiate_virtual_visits),
        (Code.NOT_ASSIGNED, denied is access.Denial.NOT_ASSIGNED),
        (Code.VISIT_CANCELLED, visit.cancelled_at is not None),
        (Code.SESSION_OVER, state is State.TERMINATED),
    )
    return next((code for code, shut in rules if shut), None)


_OFFERED: Sequence[Action] = (
    Action.CLOCK_IN,
    Action.CLOCK_OUT,
    Action.JOIN,
    Action.END_SESSION,
    Action.DOCUMENT,
    Action.EDIT,
    Action.CANCEL,
    Action.REVOKE_LINKS,
)


def _offered(asker: Asker, visit: Visit, session: Session | None, refusal: Code | None) -> list[str]:
    """The actions that would be carried out now."""
    state = state_of(session)
    alive = visit.cancelled_at is None
    open_session = session is not None and state is not State.TERMINATED
    fits = {
        Action.CLOCK_IN: alive and not visit.clocked_in,
        Action.CLOCK_OUT: visit.clocked_in,
        Action.JOIN: alive and visit.clocked_in,
        Action.END_SESSION: open_session,
        Action.CANCEL: alive,
        Action.EDIT: alive,
        Action.REVOKE_LINKS: open_session,
    }
    who = asker.parties(visit)
    offered = [a.value for a in _OFFERED if fits.get(a, True) and access.denial(who, a, state) is None]
    return (["invite", "copy_link"] if refusal is None else []) + offered


def visit_view(unit: Unit, asker: Asker, kept: Kept[Visit], calls: CallWatch) -> VisitView:
    """A visit as this asker sees it."""
    visit = kept.value
    session = unit.sessions.session(visit.id)
    service = unit.people.service_code(visit.service_code)
    employee = unit.people.employee(visit.employee)
    client = unit.people.client(visit.client)
    if service is None or employee is None or client is None:
        raise LookupError("a visit refers to something that is not stored")
    refusal = gate(asker, service.value, visit, state_of(session))
    mine = asker.employee is not None and asker.employee.id == visit.employee
    person = client.value
    latest = _standing(unit, visit.id)[-1:]
    return VisitView(
        id=visit.id,
        rev=kept.rev,
        service_code=visit.service_code,
        employee=visit.employee,
        client=visit.client,
        starts_at=rfc3339(visit.starts_at),
        ends_at=rfc3339(visit.ends_at),
        time_zone=visit.time_zone,
        tasks=[TaskPut(id=task.id, title=task.title) for task in visit.tasks],
        status=visit.status,
        cancelled_at=stamp(visit.cancelled_at),
        clocked_in_at=stamp(visit.clocked_in_at),
        clocked_out_at=stamp(visit.clocked_out_at),
        session=None if session is None else session_view(unit, session),
        service=ServiceView(
            id=service.value.id, name=service.value.name, allows_virtual_care=service.value.allows_virtual_care
        ),
        assigned=EmployeeBrief(id=employee.value.id, name=employee.value.name),
        person=ClientBrief(
            id=person.id, name=person.name, phone=person.phone, email=person.email, language=person.language
        ),
        client_presence=calls.presence(visit.id, Role.CLIENT).value,
        caregiver_in_call=calls.presence(visit.id, Role.CAREGIVER) is Presence.PRESENT,
        moved_since_invite=any(is_for_another_time(invite, visit) for invite in latest),
        actions=_offered(asker, visit, session, refusal),
        invite_refusal=None if refusal is None else refusal.value,
        video_actions=(session is not None and mine)
        or (service.value.allows_virtual_care and refusal is not Code.FORBIDDEN),
    )
