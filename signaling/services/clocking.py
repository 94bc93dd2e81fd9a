"""Clocking in and out of a visit (SPEC §4). It never changes the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from signaling.domain.access import Action
from signaling.domain.session import State
from signaling.domain.visit import Visit
from signaling.errors import Code, Refused
from signaling.ports import CallWatch, Clock, Database, EventRecord, Fact, Kept, Notifier, Unit
from signaling.protocol.resources import ClockInCommand, ClockOutCommand, VisitView
from signaling.services.asker import Asker
from signaling.services.viewing import require, require_visit, state_of, visit_view


class Clocking:
    """Records when a caregiver is at a visit."""

    def __init__(self, db: Database, clock: Clock, notifier: Notifier, calls: CallWatch) -> None:
        self._db = db
        self._clock = clock
        self._notifier = notifier
        self._calls = calls

    async def clock_in(self, asker: Asker, visit_id: str, command: ClockInCommand) -> VisitView:
        """Clock in; again while clocked in changes nothing.

        Raises Refused(CONFIRMATION_NEEDED) whose `confirmations` are the questions to ask: `otherDay` for a visit of
        another day, `again` after clocking out. Raises Refused(VISIT_CANCELLED).
        """
        now = self._clock.now()

        def change(visit: Visit, _: State | None) -> Visit:
            if visit.cancelled_at is not None:
                raise Refused(Code.VISIT_CANCELLED)
            if visit.clocked_in:
                return visit
            questions = {"otherDay": not visit.is_on_day_of(now), "again": visit.clocked_in_at is not None}
            open_ = [name for name, asked in questions.items() if asked and name not in command.confirm]
            if open_:
                raise Refused(Code.CONFIRMATION_NEEDED, confirmations=open_)
            return replace(visit, clocked_in_at=now, clocked_out_at=None)

        return await self._clock_visit(asker, visit_id, Action.CLOCK_IN, "clocked_in", change)

    async def clock_out(self, asker: Asker, visit_id: str, command: ClockOutCommand) -> VisitView:
        """Clock out; again changes nothing.

        Raises Refused(SESSION_STILL_ACTIVE) unless confirmed, Refused(NOT_CLOCKED_IN) before the first clocking in.
        """
        now = self._clock.now()

        def change(visit: Visit, state: State | None) -> Visit:
            if visit.clocked_in_at is None:
                raise Refused(Code.NOT_CLOCKED_IN)
            if not visit.clocked_in:
                return visit
            if state not in {None, State.TERMINATED} and not command.confirm_active_session:
                raise Refused(Code.SESSION_STILL_ACTIVE)
            return replace(visit, clocked_out_at=now)

        return await self._clock_visit(asker, visit_id, Action.CLOCK_OUT, "clocked_out", change)

    async def _clock_visit(
        self, asker: Asker, visit_id: str, action: Action, kind: str, change: Callable[[Visit, State | None], Visit]
    ) -> VisitView:
        now = self._clock.now()

        def work(unit: Unit) -> tuple[VisitView, tuple[Fact, ...]]:
            kept = require_visit(unit, visit_id)
            before = kept.value
            state = state_of(unit.sessions.session(visit_id))
            require(asker, action, before, state)
            after = change(before, state)
            if after == before:
                return visit_view(unit, asker, kept, self._calls), ()
            kept = Kept(unit.visits.put_visit(after), after)
            unit.sessions.append(EventRecord(visit_id, now, kind, asker.actor, asker.connection))
            facts = (Fact("visit_changed", visit_id, (after.employee,)),)
            return visit_view(unit, asker, kept, self._calls), facts

        view, facts = await self._db.write(work)
        self._notifier.publish(facts)
        return view
