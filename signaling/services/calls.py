"""Leaving: the client's hang-up, the caregiver's end of the session, and a page's farewell (SPEC §5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from signaling.domain.access import Action
from signaling.domain.presence import Leg, Presence
from signaling.domain.session import Event, IllegalStep, Role, State, step
from signaling.domain.visit import Visit
from signaling.errors import Code, Refused
from signaling.ports import Clock, Database, EventRecord, Fact, Notifier, Session, Unit
from signaling.protocol.resources import EndedView
from signaling.services.asker import Asker
from signaling.services.viewing import require, require_visit, state_of


@dataclass(frozen=True, slots=True)
class LegRef:
    """The leg that a command comes from; an older generation can do nothing (DESIGN §3.5)."""

    id: str
    generation: int


class Calls:
    """Commands of people who are in a call."""

    def __init__(self, db: Database, clock: Clock, notifier: Notifier) -> None:
        self._db = db
        self._clock = clock
        self._notifier = notifier

    async def hang_up(self, asker: Asker, visit_id: str, command_id: str, leg: LegRef) -> EndedView:
        """The client hangs up; they can come back. A repeat answers as the first time.

        Raises Refused(LEG_REPLACED, NOT_IN_CALL, NO_SESSION, SESSION_OVER, NOT_FOUND).
        """
        return await self._end(asker, visit_id, command_id, leg, _CLIENT)

    async def end_session(self, asker: Asker, visit_id: str, command_id: str, leg: LegRef | None) -> EndedView:
        """The caregiver ends the session for good; `leg` is None from the visit's page.

        An ended session answers `alreadyOver`. Raises Refused(LEG_REPLACED, NO_SESSION, FORBIDDEN, NOT_FOUND).
        """
        return await self._end(asker, visit_id, command_id, leg, _CAREGIVER)

    async def _end(
        self, asker: Asker, visit_id: str, command_id: str, leg: LegRef | None, ending: _Ending
    ) -> EndedView:
        now = self._clock.now()

        def work(unit: Unit) -> tuple[EndedView, tuple[Fact, ...]]:
            visit = require_visit(unit, visit_id).value
            session = unit.sessions.session(visit_id)
            scope = f"{ending.kind} {asker.actor_at(visit)} {visit_id}"
            repeated = unit.sessions.command_result(scope, command_id)
            if repeated is not None and session is not None:
                return _ended(repeated), ()
            require(asker, ending.action, visit, state_of(session))
            if session is None:
                raise Refused(Code.NO_SESSION)
            _require_current(unit, visit_id, ending.role, leg, session.state)
            result, facts = _take(unit, asker, visit, session, ending, now)
            unit.sessions.remember_command(scope, command_id, result, now)
            return _ended(result), facts

        view, facts = await self._db.write(work)
        self._notifier.publish(facts)
        return view

    async def farewell(self, asker: Asker, visit_id: str, role: Role, leg: LegRef, why: Presence) -> None:
        """A page goes, for now: `why` is CLOSED or LEFT. The state stays; a stale leg's farewell is nothing."""
        now = self._clock.now()

        def work(unit: Unit) -> tuple[Fact, ...]:
            visit = require_visit(unit, visit_id).value
            require(asker, _ENDINGS[role].action, visit, State.JOINED)
            current = unit.sessions.leg(visit_id, role)
            if current is None or (current.id, current.generation) != (leg.id, leg.generation):
                return ()
            if current.ended is not None:
                return ()
            unit.sessions.put_leg(visit_id, role, replace(current, ended=why), now)
            return (leg_ended(visit, role, current, why),)

        self._notifier.publish(await self._db.write(work))


@dataclass(frozen=True, slots=True)
class _Ending:
    role: Role
    action: Action
    event: Event
    kind: str


_CLIENT = _Ending(Role.CLIENT, Action.HANG_UP_AS_CLIENT, Event.CLIENT_HANGS_UP, "client_hung_up")
_CAREGIVER = _Ending(Role.CAREGIVER, Action.END_SESSION, Event.CAREGIVER_HANGS_UP, "session_ended")
_ENDINGS = {Role.CLIENT: _CLIENT, Role.CAREGIVER: _CAREGIVER}


def _require_current(unit: Unit, visit: str, role: Role, leg: LegRef | None, state: State) -> None:
    if leg is None or state is State.TERMINATED:
        return
    current = unit.sessions.leg(visit, role)
    if current is None or (current.id, current.generation) != (leg.id, leg.generation):
        raise Refused(Code.LEG_REPLACED)


def _take(
    unit: Unit, asker: Asker, visit: Visit, session: Session, ending: _Ending, now: datetime
) -> tuple[dict[str, Any], tuple[Fact, ...]]:
    """Take the step. Somebody who pressed at the same moment gets the same answer, and there is one event."""
    try:
        after = step(session.state, ending.event, ending.role).state
    except IllegalStep:
        return _result(session, already_over=session.state is State.TERMINATED), ()
    session = replace(session, state=after, rev=session.rev + 1)
    unit.sessions.put_session(session)
    unit.sessions.append(EventRecord(visit.id, now, ending.kind, asker.actor_at(visit), asker.connection))
    data = {"rev": session.rev, "state": after.value}
    facts = [Fact("session_changed", visit.id, (visit.employee,), data)]
    gone = (Role.CAREGIVER, Role.CLIENT) if after is State.TERMINATED else (ending.role,)
    for role in gone:
        leg = unit.sessions.leg(visit.id, role)
        # A page may say farewell before its hang-up arrives: the hang-up says more.
        if leg is not None and leg.ended is not Presence.LEFT:
            unit.sessions.put_leg(visit.id, role, replace(leg, ended=Presence.LEFT), now)
            facts.append(leg_ended(visit, role, leg, Presence.LEFT))
    return _result(session, already_over=False), tuple(facts)


def leg_ended(visit: Visit, role: Role, leg: Leg, why: Presence) -> Fact:
    """That a leg was left; `why` is CLOSED or LEFT."""
    data = {"role": role.value, "generation": leg.generation, "why": why.value}
    return Fact("leg_ended", visit.id, (visit.employee,), data)


def _result(session: Session, *, already_over: bool) -> dict[str, Any]:
    return {"state": session.state.value, "rev": session.rev, "alreadyOver": already_over}


def _ended(result: Any) -> EndedView:
    return EndedView(state=State(result["state"]), rev=result["rev"], already_over=result["alreadyOver"])
