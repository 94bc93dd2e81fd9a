"""The schedule: visits read, upserted, moved, reassigned, cancelled; what that does to sessions and links (SPEC §5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from signaling.domain import access, values
from signaling.domain import visit as rules
from signaling.domain.access import Action, Register
from signaling.domain.invite import Delivery, Standing
from signaling.domain.presence import Presence
from signaling.domain.session import Role
from signaling.domain.values import BadValue
from signaling.domain.visit import Change, LinkEffect, Task, Visit
from signaling.errors import Code, Refused
from signaling.ports import (
    CallWatch,
    Clock,
    Database,
    EventRecord,
    Fact,
    Ids,
    Kept,
    Mail,
    MailKind,
    MailQueue,
    Notifier,
    Unit,
)
from signaling.protocol.resources import EventView, TaskPut, VisitPut, VisitView
from signaling.services.asker import Asker
from signaling.services.calls import leg_ended
from signaling.services.registers import Saved, checked, require_rev, require_writer
from signaling.services.viewing import require, require_visit, state_of, visit_view

SPAN_MAX = timedelta(days=62)


def _tasks(body: list[TaskPut]) -> tuple[Task, ...]:
    tasks = tuple(Task(task.id, checked("tasks", values.check_text, task.title)) for task in body)
    if len({task.id for task in tasks}) != len(tasks):
        raise Refused(Code.VALIDATION_FAILED, "tasks must have different ids.", field="tasks")
    return tasks


def _wanted(unit: Unit, id: str, body: VisitPut, before: Visit | None) -> Visit:
    """The visit as the body wants it, keeping what the body does not speak of."""
    starts_at = checked("startsAt", values.check_time, body.starts_at)
    ends_at = checked("endsAt", values.check_time, body.ends_at)
    try:
        values.check_span(starts_at, ends_at)
    except BadValue as why:
        raise Refused(Code.VALIDATION_FAILED, f"endsAt {why}.", field="endsAt") from None
    references = (
        ("serviceCode", unit.people.service_code(body.service_code)),
        ("employee", unit.people.employee(body.employee)),
        ("client", unit.people.client(body.client)),
    )
    for field, found in references:
        if found is None:
            raise Refused(Code.VALIDATION_FAILED, f"{field} is not known here.", field=field)
    kept = before or Visit(checked("id", values.check_id, id), "", "", "", starts_at, ends_at, "")
    return replace(
        kept,
        service_code=body.service_code,
        employee=body.employee,
        client=body.client,
        starts_at=starts_at,
        ends_at=ends_at,
        time_zone=checked("timeZone", values.check_zone, body.time_zone),
        tasks=_tasks(body.tasks),
    )


def in_call(calls: CallWatch, visit: str) -> bool:
    """Whether the caregiver's page is in the call; after a start of the server, whether it may be."""
    return calls.presence(visit, Role.CAREGIVER) in {Presence.PRESENT, Presence.UNKNOWN}


def _require_documented_kept(unit: Unit, before: Visit, after: Visit) -> None:
    """A task that is documented is never dropped (DESIGN §5)."""
    dropped = {task.id for task in before.tasks} - {task.id for task in after.tasks}
    documented = {o.task for o in unit.visits.documentation(before.id).tasks if o.done is not None or o.reason}
    if dropped & documented:
        raise Refused(Code.CONFLICT, "A task that is documented can't be dropped.", field="tasks")


def apply_visit(
    unit: Unit, asker: Asker, id: str, body: VisitPut, now: datetime, calls: CallWatch, if_match: int | None = None
) -> Saved[VisitView]:
    """Insert or change a visit, by the rules of SPEC §5."""
    require_writer(asker, Register.VISITS)
    kept = unit.visits.visit(id)
    require_rev(kept, if_match)
    after = _wanted(unit, id, body, None if kept is None else kept.value)
    if kept is None:
        rev = unit.visits.put_visit(after)
        fact = Fact("visit_changed", id, (after.employee,))
        return Saved(rev, visit_view(unit, asker, Kept(rev, after), calls), True, (fact,))
    if after == kept.value:
        return Saved(kept.rev, visit_view(unit, asker, kept, calls))
    if kept.value.cancelled_at is not None:
        raise Refused(Code.VISIT_CANCELLED)
    return _change(unit, asker, kept.value, after, now, calls)


def _change(unit: Unit, asker: Asker, before: Visit, after: Visit, now: datetime, calls: CallWatch) -> Saved[VisitView]:
    state = state_of(unit.sessions.session(before.id))
    made = rules.changes(before, after)
    for change in sorted(made):
        if not rules.is_allowed(change, state, clocked_in=before.clocked_in, in_call=in_call(calls, before.id)):
            raise Refused(Code.CONFLICT, _WHY_NOT[change], field=_FIELD[change])
    _require_documented_kept(unit, before, after)
    if (before.starts_at, before.ends_at) != (after.starts_at, after.ends_at):
        after = replace(after, sequence=before.sequence + 1)
    if Change.REASSIGNED in made:
        # Clock times are the caregiver's who clocked; the new one begins anew. The log keeps the old ones.
        after = replace(after, clocked_in_at=None, clocked_out_at=None)
    rev = unit.visits.put_visit(after)
    employees = tuple({before.employee, after.employee})
    facts = [Fact("visit_changed", before.id, employees)]
    if Change.REASSIGNED in made:
        facts += _end_leg(unit, before, now)
    for change in sorted(made):
        data = {"from": before.employee, "to": after.employee} if change is Change.REASSIGNED else {}
        unit.sessions.append(EventRecord(before.id, now, _KIND[change], asker.actor, asker.connection, data))
        effect = rules.effect_on_links(change, state, clocked_in=before.clocked_in)
        if effect is LinkEffect.MOVED and unit.invites.end_live(before.id, Standing.MOVED):
            unit.sessions.append(EventRecord(before.id, now, "links_moved", asker.actor, asker.connection))
        elif effect is LinkEffect.REVOKED:
            facts += _revoke(unit, asker, after, now)
    return Saved(rev, visit_view(unit, asker, Kept(rev, after), calls), False, tuple(facts))


def _end_leg(unit: Unit, visit: Visit, now: datetime) -> list[Fact]:
    """The earlier caregiver's leg is not the new one's to resume, not even in the same tab of a shared tablet."""
    leg = unit.sessions.leg(visit.id, Role.CAREGIVER)
    if leg is None or leg.ended is Presence.LEFT:
        return []
    unit.sessions.put_leg(visit.id, Role.CAREGIVER, replace(leg, ended=Presence.LEFT), now)
    return [leg_ended(visit, Role.CAREGIVER, leg, Presence.LEFT)]


_WHY_NOT = {
    Change.CLIENT_CHANGED: "The client has already joined the session of this visit.",
    Change.REASSIGNED: "The caregiver is clocked in or in the call. Clock out first.",
}
_FIELD = {Change.CLIENT_CHANGED: "client", Change.REASSIGNED: "employee"}
_KIND = {
    Change.MOVED: "visit_moved",
    Change.CLIENT_CHANGED: "client_changed",
    Change.REASSIGNED: "visit_reassigned",
}


def _revoke(unit: Unit, asker: Asker, visit: Visit, now: datetime) -> list[Fact]:
    if not unit.invites.revoke_all(visit.id):
        return []
    unit.sessions.append(EventRecord(visit.id, now, "links_revoked", asker.actor, asker.connection))
    leg = unit.sessions.leg(visit.id, Role.CLIENT)
    if leg is not None and leg.ended is None:
        # After a restart, too, the caregiver's page neither waits for that page nor goes on with it.
        unit.sessions.put_leg(visit.id, Role.CLIENT, replace(leg, ended=Presence.CLOSED), now)
    return [Fact("links_revoked", visit.id, (visit.employee,)), Fact("visit_changed", visit.id, (visit.employee,))]


class Scheduling:
    """The schedule as employees, the office and the agency's own systems use it."""

    def __init__(
        self, db: Database, clock: Clock, ids: Ids, notifier: Notifier, calls: CallWatch, mail_queue: MailQueue
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._notifier = notifier
        self._calls = calls
        self._mail_queue = mail_queue

    async def _save(self, work: Callable[[Unit], Saved[VisitView]]) -> Saved[VisitView]:
        saved = await self._db.write(work)
        self._notifier.publish(saved.facts)
        return saved

    async def put_visit(self, asker: Asker, id: str, body: VisitPut, if_match: int | None = None) -> Saved[VisitView]:
        """Insert or change a visit. Raises Refused(FORBIDDEN, VALIDATION_FAILED, CONFLICT, VISIT_CANCELLED, STALE)."""
        now = self._clock.now()
        return await self._save(lambda unit: apply_visit(unit, asker, id, body, now, self._calls, if_match))

    async def visit(self, asker: Asker, id: str) -> Saved[VisitView]:
        """One visit as the asker may see it, or Refused(NOT_FOUND)."""

        def work(unit: Unit) -> Saved[VisitView]:
            kept = require_visit(unit, id)
            require(asker, Action.READ, kept.value, None)
            return Saved(kept.rev, visit_view(unit, asker, kept, self._calls))

        return await self._db.read(work)

    async def visits(
        self, asker: Asker, start: datetime, end: datetime, employee: str | None = None
    ) -> list[VisitView]:
        """The visits that overlap [start, end), oldest first; a caregiver's own only.

        Raises Refused(VALIDATION_FAILED) beyond 62 days, Refused(FORBIDDEN) for another's schedule.
        """
        if not timedelta(0) < end - start <= SPAN_MAX:
            raise Refused(Code.VALIDATION_FAILED, "to must be after from, by 62 days at most.", field="to")
        if not access.MAY_READ_REGISTERS & set(asker.office()):
            if asker.employee is None or employee not in {None, asker.employee.id}:
                raise Refused(Code.FORBIDDEN)
            employee = asker.employee.id

        def work(unit: Unit) -> list[VisitView]:
            return [visit_view(unit, asker, kept, self._calls) for kept in unit.visits.between(start, end, employee)]

        return await self._db.read(work)

    async def events(self, asker: Asker, id: str) -> list[EventView]:
        """The visit's log, oldest first. Raises Refused(NOT_FOUND, FORBIDDEN)."""

        def work(unit: Unit) -> list[EventView]:
            require(asker, Action.READ_EVENTS, require_visit(unit, id).value, None)
            return [
                EventView(
                    seq=event.seq,
                    at=values.rfc3339(event.at),
                    kind=event.kind,
                    actor=event.actor,
                    connection=event.connection,
                    data=dict(event.data),
                )
                for event in unit.sessions.events(id)
            ]

        return await self._db.read(work)

    async def cancel(self, asker: Asker, id: str) -> VisitView:
        """Cancel a visit; again changes nothing. Raises Refused(NOT_FOUND, FORBIDDEN, CONFLICT)."""
        now = self._clock.now()
        saved = await self._save(lambda unit: self._cancel(unit, asker, id, now))
        self._mail_queue.wake()
        return saved.view

    def _cancel(self, unit: Unit, asker: Asker, id: str, now: datetime) -> Saved[VisitView]:
        kept = require_visit(unit, id)
        visit = kept.value
        require(asker, Action.CANCEL, visit, None)
        if visit.cancelled_at is not None:
            return Saved(kept.rev, visit_view(unit, asker, kept, self._calls))
        if not rules.may_cancel(clocked_in=visit.clocked_in, in_call=in_call(self._calls, id)):
            raise Refused(Code.CONFLICT, _WHY_NOT[Change.REASSIGNED])
        visit = replace(visit, cancelled_at=now, sequence=visit.sequence + 1)
        rev = unit.visits.put_visit(visit)
        unit.sessions.append(EventRecord(id, now, "visit_cancelled", asker.actor, asker.connection))
        self._queue_cancellation(unit, visit, now)
        facts = (Fact("visit_cancelled", id, (visit.employee,)), Fact("visit_changed", id, (visit.employee,)))
        return Saved(rev, visit_view(unit, asker, Kept(rev, visit), self._calls), False, facts)

    def _queue_cancellation(self, unit: Unit, visit: Visit, now: datetime) -> None:
        """One mail to the client's present address, if an invite was accepted there."""
        client = unit.people.client(visit.client)
        address = None if client is None else client.value.email
        accepted = {m.address for m in unit.outbox.of_visit(visit.id) if m.accepted_at is not None}
        if client is None or address is None or address not in accepted:
            return
        unit.outbox.add(
            Mail(
                id=self._ids.id(),
                kind=MailKind.CANCELLATION,
                visit=visit.id,
                invite=None,
                address=address,
                language=client.value.language,
                message_id=self._ids.id(),
                state=Delivery.SENDING,
                attempts=0,
                next_try_at=now,
                created_at=now,
            )
        )

    async def revoke_links(self, asker: Asker, id: str) -> VisitView:
        """Revoke every link of the visit. Raises Refused(NOT_FOUND, FORBIDDEN)."""
        now = self._clock.now()

        def work(unit: Unit) -> Saved[VisitView]:
            kept = require_visit(unit, id)
            require(asker, Action.REVOKE_LINKS, kept.value, None)
            facts = _revoke(unit, asker, kept.value, now)
            return Saved(kept.rev, visit_view(unit, asker, kept, self._calls), False, tuple(facts))

        return (await self._save(work)).view
