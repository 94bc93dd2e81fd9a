"""The caregiver coming in: legs, generations, coming back, other devices (SPEC §4, §5, §7; DESIGN §3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from signaling.domain.invite import How
from signaling.domain.presence import Leg, Presence
from signaling.domain.session import Role, State
from signaling.errors import Code
from signaling.protocol.messages import PROTOCOL, Join
from signaling.services.calls import LegRef
from signaling.services.joining import Entrant
from tests.services.house import (
    ANNA,
    CORA,
    VISIT,
    House,
    at_once,
    staff,
)


async def ready(house: House) -> None:
    """The client is invited, the caregiver clocked in."""
    await house.invite(how=How.LINK)
    await house.clock_in()


async def test_the_caregiver_needs_a_session(house: House) -> None:
    await house.clock_in()
    await house.refuses(Code.NO_SESSION, house.caregiver_joins())


async def test_the_caregiver_needs_to_be_clocked_in(house: House) -> None:
    await house.invite(how=How.LINK)
    refused = await house.refuses(Code.CLOCK_IN_REQUIRED, house.caregiver_joins())
    assert refused.sentence == "Clock in to join the video session."
    await house.refuses(Code.CLOCK_IN_REQUIRED, house.caregiver_joins(takeover=True, resume=True))
    await house.clock_in()
    await house.caregiver_joins()


async def test_the_caregiver_comes_in_without_a_change_of_state(house: House) -> None:
    await ready(house)
    rev = await house.rev()
    joined = await house.caregiver_joins("desk")
    assert joined.leg == Leg("desk", 1)
    assert (joined.resumed, joined.other_leg, joined.session.rev) == (False, None, rev)
    assert (joined.own_name, joined.peer_name) == ("Anna", "Rosa Marin")
    assert joined.visit.phone == "+1 555 0100"
    assert joined.visit.clocked_in
    assert joined.visit.last_invite is not None
    assert await house.state() is State.INVITED
    assert (await house.log())[-1] == "caregiver_joined employee:anna"


@pytest.mark.parametrize(
    ("employee", "code"), [("ben", Code.NOT_FOUND), ("cora", Code.FORBIDDEN), ("nobody", Code.NOT_SIGNED_IN)]
)
async def test_nobody_else_enters_as_the_caregiver(house: House, employee: str, code: Code) -> None:
    await ready(house)
    await house.refuses(code, house.caregiver_joins(employee=employee))


async def test_who_was_switched_off_does_not_enter(house: House) -> None:
    await ready(house)
    await house.db.write(lambda unit: unit.people.put_employee(replace(ANNA, active=False)))
    await house.refuses(Code.NOT_SIGNED_IN, house.caregiver_joins())


async def test_an_assigned_coordinator_is_the_caregiver(house: House) -> None:
    await house.put(employee="cora")
    await house.invite(how=How.LINK, who=staff(CORA))
    await house.clock_in(who=staff(CORA))
    assert (await house.caregiver_joins(employee="cora")).own_name == "Cora"


async def test_a_ticket_is_for_one_visit(house: House) -> None:
    await ready(house)
    message = Join(protocol=PROTOCOL, visit_id="v2", leg_id="desk")
    entrant = Entrant(Role.CAREGIVER, VISIT, employee="anna")
    await house.refuses(Code.NOT_FOUND, house.joining.join(entrant, message, "socket"))


async def test_the_same_leg_resumes(house: House) -> None:
    await ready(house)
    first = await house.caregiver_joins()
    again = await house.changes_nothing(house.caregiver_joins(resume=True))
    assert again.resumed
    assert again.leg == first.leg


async def test_after_clocking_out_the_open_call_goes_on_but_another_does_not_begin(house: House) -> None:
    await ready(house)
    await house.caregiver_joins("desk")
    await house.clock_out(confirm=True)
    assert (await house.caregiver_joins("desk", resume=True)).resumed
    await house.refuses(Code.CLOCK_IN_REQUIRED, house.caregiver_joins("phone", takeover=True))
    await house.clock_in("again")
    assert not (await house.caregiver_joins("phone", takeover=True)).resumed


async def farewell(house: House, leg: Leg, why: Presence) -> None:
    await house.calls.farewell(staff(ANNA), VISIT, Role.CAREGIVER, LegRef(leg.id, leg.generation), why)


async def test_a_reloaded_page_resumes_without_a_clock_in(house: House) -> None:
    await ready(house)
    first = await house.caregiver_joins()
    await house.clock_out(confirm=True)
    await farewell(house, first.leg, Presence.CLOSED)
    again = await house.caregiver_joins(resume=True)
    assert (again.resumed, again.leg) == (True, first.leg)


async def test_who_left_for_now_comes_in_anew(house: House) -> None:
    await ready(house)
    first = await house.caregiver_joins()
    await farewell(house, first.leg, Presence.LEFT)
    await house.clock_out(confirm=True)
    await house.refuses(Code.CLOCK_IN_REQUIRED, house.caregiver_joins(resume=True))
    await house.clock_in("again")
    again = await house.caregiver_joins(resume=True)
    assert (again.resumed, again.leg) == (False, Leg("desk", 2))


@pytest.mark.parametrize("there", [Presence.PRESENT, Presence.UNKNOWN])
async def test_open_elsewhere_the_caregiver_is_asked(house: House, there: Presence) -> None:
    await ready(house)
    await house.caregiver_joins("desk")
    house.watch.seen[Role.CAREGIVER] = there
    await house.refuses(Code.CALL_OPEN_ELSEWHERE, house.caregiver_joins("phone"))
    joined = await house.caregiver_joins("phone", takeover=True)
    assert joined.leg == Leg("phone", 2)
    assert (await house.log())[-1] == "leg_taken_over employee:anna"


@pytest.mark.parametrize("gone", [Presence.LOST, Presence.CLOSED, Presence.LEFT])
async def test_a_page_that_is_gone_is_no_question(house: House, gone: Presence) -> None:
    await ready(house)
    first = await house.caregiver_joins("desk")
    house.watch.seen[Role.CAREGIVER] = gone
    if gone is not Presence.LOST:
        await farewell(house, first.leg, gone)
    assert (await house.caregiver_joins("phone")).leg == Leg("phone", 2)


async def test_a_page_whose_call_was_moved_does_not_take_it_back_by_itself(house: House) -> None:
    await ready(house)
    await house.caregiver_joins("desk")
    await house.caregiver_joins("phone", takeover=True)
    await house.refuses(Code.LEG_REPLACED, house.caregiver_joins("desk", resume=True))
    # Asked for anew by the person it may.
    joined = await house.caregiver_joins("desk", takeover=True)
    assert joined.leg == Leg("desk", 3)


async def test_two_pages_at_once_one_is_in_and_the_other_asks(house: House) -> None:
    await ready(house)
    house.watch.seen[Role.CAREGIVER] = Presence.PRESENT
    answers = await at_once(house.caregiver_joins("desk"), house.caregiver_joins("phone"))
    codes = [getattr(answer, "code", None) for answer in answers]
    assert sorted(codes, key=str) == sorted([None, Code.CALL_OPEN_ELSEWHERE], key=str)


async def test_an_ended_session_lets_nobody_in(house: House) -> None:
    await ready(house)
    entrant = await house.client_in_call()
    await house.caregiver_joins()
    await house.end()
    await house.refuses(Code.SESSION_OVER, house.caregiver_joins(resume=True))
    await house.refuses(Code.SESSION_OVER, house.client_joins(entrant, resume=True))
    await house.refuses(Code.SESSION_OVER, house.client_joins(entrant, "tablet"))
