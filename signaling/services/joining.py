"""Coming in: what a link shows and admits, its exchange for a cookie, and the join of either person (SPEC §5, §6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from signaling.domain.access import Action
from signaling.domain.invite import WRONG_HANDS, Invite, Refusal, Standing, looks_complete, opens_at, refusal
from signaling.domain.presence import Leg, Presence
from signaling.domain.session import Event, Role, step
from signaling.domain.values import rfc3339
from signaling.domain.visit import Client, Employee, Visit
from signaling.errors import Code, Refused
from signaling.ports import CallWatch, ClientPass, Clock, Database, EventRecord, Fact, Ids, Notifier, Session, Unit
from signaling.protocol.messages import Join, VisitInfo
from signaling.protocol.resources import ExchangeView, PreviewView
from signaling.services.asker import Asker
from signaling.services.tokens import digest
from signaling.services.viewing import last_invite, require, require_visit


@dataclass(frozen=True, slots=True)
class Agency:
    """What clients are told of the agency."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Entrant:
    """Whom a ticket lets in: an employee by id, or a client by their pass."""

    role: Role
    visit: str
    employee: str | None = None
    client_pass: ClientPass | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """A leg that is in. `resumed`: it was in before; `other_leg` is the latest leg of the other person."""

    session: Session
    leg: Leg
    other_leg: Leg | None
    resumed: bool
    own_name: str
    peer_name: str
    visit: VisitInfo


@dataclass(frozen=True, slots=True)
class _Scene:
    """Everything about a visit that entering asks for."""

    visit: Visit
    session: Session
    employee: Employee
    client: Client


def _scene(unit: Unit, visit: Visit) -> _Scene:
    session = unit.sessions.session(visit.id)
    employee = unit.people.employee(visit.employee)
    client = unit.people.client(visit.client)
    if session is None:
        raise Refused(Code.NO_SESSION)
    if employee is None or client is None:
        raise LookupError("a visit refers to somebody who is not stored")
    return _Scene(visit, session, employee.value, client.value)


def _require_not_revoked(unit: Unit, client_pass: ClientPass) -> None:
    """The cookie dies with its link, and so does a ticket that was fetched with it a moment before."""
    invite = unit.invites.invite(client_pass.invite)
    if invite is None or invite.standing is Standing.REVOKED:
        raise Refused(Code.LINK_REVOKED)


class Joining:
    """Lets people in. `opens_before` is how long before the start links admit."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        notifier: Notifier,
        calls: CallWatch,
        agency: Agency,
        opens_before: timedelta,
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._notifier = notifier
        self._calls = calls
        self._agency = agency
        self._opens_before = opens_before

    async def preview(self, token: str) -> PreviewView:
        """What the page shows before the button; changes nothing. Raises Refused with a `link_…` code."""
        now = self._clock.now()

        def work(unit: Unit) -> PreviewView:
            scene = self._admitted(unit, self._find(unit, token), now)
            return PreviewView(
                visit_id=scene.visit.id,
                agency_name=self._agency.name,
                agency_phone=self._agency.phone,
                caregiver_name=scene.employee.shown_name,
                starts_at=rfc3339(scene.visit.starts_at),
                ends_at=rfc3339(scene.visit.ends_at),
                time_zone=scene.visit.time_zone,
                language=scene.client.language,
                server_time=rfc3339(now),
            )

        return await self._db.read(work)

    async def exchange(self, token: str) -> tuple[str, ExchangeView]:
        """The link's token for a cookie's secret; the session does not change. Raises Refused with a `link_…` code."""
        now = self._clock.now()
        secret = self._ids.bytes(32).hex()

        def work(unit: Unit) -> ExchangeView:
            invite = self._find(unit, token)
            self._admitted(unit, invite, now)
            unit.invites.add_pass(digest(secret), ClientPass(invite.id, invite.visit), now)
            return ExchangeView(visit_id=invite.visit)

        return secret, await self._db.write(work)

    async def client_pass(self, secret: str) -> ClientPass | None:
        """What a client's cookie stands for; None if it is unknown or its link was revoked."""

        def work(unit: Unit) -> ClientPass | None:
            found = unit.invites.client_pass(digest(secret))
            invite = None if found is None else unit.invites.invite(found.invite)
            return found if invite is not None and invite.standing is not Standing.REVOKED else None

        return await self._db.read(work)

    def _find(self, unit: Unit, token: str) -> Invite:
        about = {"agencyName": self._agency.name, "agencyPhone": self._agency.phone}
        if not looks_complete(token):
            raise Refused(Code.LINK_INCOMPLETE, **about)
        invite = unit.invites.by_digest(digest(token))
        if invite is None:
            raise Refused(Code.LINK_UNKNOWN, **about)
        return invite

    def _admitted(self, unit: Unit, invite: Invite, now: datetime) -> _Scene:
        """The scene that the invite admits to now, or Refused with what its holder may be told."""
        scene = _scene(unit, require_visit(unit, invite.visit).value)
        why = refusal(invite, scene.visit, scene.session.state, now, self._opens_before)
        if why is not None:
            raise Refused(Code(why), **self._told(scene, why, now))
        return scene

    def _told(self, scene: _Scene, why: Refusal, now: datetime) -> dict[str, str]:
        told = {"agencyName": self._agency.name, "agencyPhone": self._agency.phone}
        if why in WRONG_HANDS:
            return told
        return told | {
            "language": scene.client.language,
            "caregiverName": scene.employee.shown_name,
            "startsAt": rfc3339(scene.visit.starts_at),
            "endsAt": rfc3339(scene.visit.ends_at),
            "timeZone": scene.visit.time_zone,
            "opensAt": rfc3339(opens_at(scene.visit, self._opens_before)),
            "serverTime": rfc3339(now),
        }

    async def join(self, entrant: Entrant, message: Join, connection: str) -> Joined:
        """Enter the call or come back to it; durable before it returns.

        Raises Refused: NOT_FOUND, NO_SESSION, SESSION_OVER, VISIT_CANCELLED for both; CLOCK_IN_REQUIRED and
        CALL_OPEN_ELSEWHERE for the caregiver; a `link_…` code for the client; LEG_REPLACED for a page that wants to
        resume a leg which is not the latest.
        """
        if message.visit_id != entrant.visit:
            raise Refused(Code.NOT_FOUND)
        now = self._clock.now()
        joined, facts = await self._db.write(lambda unit: self._join(unit, entrant, message, connection, now))
        self._notifier.publish(facts)
        return joined

    def _join(
        self, unit: Unit, entrant: Entrant, message: Join, connection: str, now: datetime
    ) -> tuple[Joined, tuple[Fact, ...]]:
        visit = require_visit(unit, entrant.visit).value
        asker = self._asker(unit, entrant, connection)
        session = unit.sessions.session(visit.id)
        action = Action.JOIN if entrant.role is Role.CAREGIVER else Action.ENTER_AS_CLIENT
        require(asker, action, visit, None if session is None else session.state)
        if visit.cancelled_at is not None:
            raise Refused(Code.VISIT_CANCELLED)
        scene = _scene(unit, visit)
        current = unit.sessions.leg(visit.id, entrant.role)
        resumed = current is not None and current.id == message.leg_id and current.ended is not Presence.LEFT
        if entrant.client_pass is not None:
            _require_not_revoked(unit, entrant.client_pass)
        if not resumed:
            self._require_entry(unit, scene, entrant, message, current, now)
        generation = (current.generation if current else 0) + (0 if resumed else 1)
        leg = Leg(message.leg_id, generation)
        if leg != current:
            unit.sessions.put_leg(visit.id, entrant.role, leg, now)
        left_behind = current is not None and current.ended is None
        after = self._record(unit, scene, asker, entrant.role, now, left_behind=left_behind, resumed=resumed)
        facts: tuple[Fact, ...] = ()
        if after is not scene.session:
            data = {"rev": after.rev, "state": after.state.value}
            facts = (Fact("session_changed", visit.id, (visit.employee,), data),)
        return self._joined(unit, replace(scene, session=after), entrant.role, leg, resumed=resumed), facts

    def _asker(self, unit: Unit, entrant: Entrant, connection: str) -> Asker:
        if entrant.client_pass is not None:
            return Asker(client_pass=entrant.client_pass, connection=connection)
        kept = None if entrant.employee is None else unit.people.employee(entrant.employee)
        if kept is None or not kept.value.active:
            raise Refused(Code.NOT_SIGNED_IN)
        return Asker(employee=kept.value, connection=connection)

    def _require_entry(
        self, unit: Unit, scene: _Scene, entrant: Entrant, message: Join, current: Leg | None, now: datetime
    ) -> None:
        """The rules for a new leg; one that resumes needs none of them."""
        if message.resume and current is not None and current.id != message.leg_id:
            raise Refused(Code.LEG_REPLACED)
        if entrant.client_pass is not None:
            invite = unit.invites.invite(entrant.client_pass.invite)
            if invite is None:
                raise Refused(Code.LINK_UNKNOWN)
            self._admitted(unit, invite, now)
            return
        if not scene.visit.clocked_in:
            raise Refused(Code.CLOCK_IN_REQUIRED)
        elsewhere = current is not None and current.id != message.leg_id and current.ended is None
        there = self._calls.presence(scene.visit.id, Role.CAREGIVER) in {Presence.PRESENT, Presence.UNKNOWN}
        if elsewhere and there and not message.takeover:
            raise Refused(Code.CALL_OPEN_ELSEWHERE)

    def _record(
        self, unit: Unit, scene: _Scene, asker: Asker, role: Role, now: datetime, *, left_behind: bool, resumed: bool
    ) -> Session:
        """Take the client's step and write the log; the session as it is afterwards."""
        session = scene.session
        changed = False
        if role is Role.CLIENT:
            state, changed = step(session.state, Event.CLIENT_JOINS, role)
            if changed:
                session = replace(session, state=state, rev=session.rev + 1)
                unit.sessions.put_session(session)
        kind = None
        if changed:
            kind = "client_joined"
        elif not resumed and left_behind:
            kind = "leg_taken_over"
        elif not resumed and role is Role.CAREGIVER:
            kind = "caregiver_joined"
        if kind is not None:
            event = EventRecord(scene.visit.id, now, kind, asker.actor_at(scene.visit), asker.connection)
            unit.sessions.append(event)
        return session

    def _joined(self, unit: Unit, scene: _Scene, role: Role, leg: Leg, *, resumed: bool) -> Joined:
        caregiver = role is Role.CAREGIVER
        names = (scene.employee.shown_name, scene.client.name)
        visit = scene.visit
        return Joined(
            session=scene.session,
            leg=leg,
            other_leg=unit.sessions.leg(visit.id, role.other),
            resumed=resumed,
            own_name=names[0] if caregiver else names[1],
            peer_name=names[1] if caregiver else names[0],
            visit=VisitInfo(
                starts_at=rfc3339(visit.starts_at),
                ends_at=rfc3339(visit.ends_at),
                time_zone=visit.time_zone,
                language=scene.employee.language if caregiver else scene.client.language,
                agency_name=self._agency.name,
                phone=scene.client.phone if caregiver else self._agency.phone,
                clocked_in=visit.clocked_in,
                last_invite=last_invite(unit, visit.id) if caregiver else None,
            ),
        )
