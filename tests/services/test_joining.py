"""Both people coming in: legs, generations, coming back, other devices (SPEC §5, §7; DESIGN §3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from signaling.domain.invite import How
from signaling.domain.presence import Leg, Presence
from signaling.domain.session import Role, State
from signaling.errors import Code
from signaling.ports import ClientPass
from signaling.protocol.messages import PROTOCOL, Join
from signaling.services.asker import Asker
from signaling.services.calls import LegRef
from signaling.services.joining import Entrant
from tests.services.house import (
    ANNA,
    CORA,
    DAY,
    HOUR,
    START,
    VISIT,
    House,
    at_once,
    join,
    staff,
)

# The caregiver.


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


# The client.


async def test_the_client_comes_in(house: House) -> None:
    entrant = await house.entrant(await house.link())
    assert await house.state() is State.INVITED
    rev = await house.rev()
    joined = await house.client_joins(entrant)
    assert joined.leg == Leg("phone", 1)
    assert (joined.session.state, joined.session.rev) == (State.JOINED, rev + 1)
    assert (joined.own_name, joined.peer_name, joined.visit.phone) == ("Rosa Marin", "Anna", "+1 555 0199")
    assert joined.visit.last_invite is None
    assert (await house.log())[-1] == "client_joined client:rosa"
    fact = house.told.facts[-1]
    assert (fact.kind, fact.data) == ("session_changed", {"rev": rev + 1, "state": "joined"})


async def test_the_client_may_come_before_the_caregiver_and_both_see_each_other(house: House) -> None:
    await ready(house)
    entrant = await house.client_in_call()
    caregiver = await house.caregiver_joins()
    assert caregiver.other_leg == Leg("phone", 1)
    again = await house.client_joins(entrant, resume=True)
    assert again.other_leg == caregiver.leg


async def test_coming_in_again_is_no_new_event(house: House) -> None:
    entrant = await house.client_in_call()
    before, rev = await house.log(), await house.rev()
    await house.client_joins(entrant, resume=True)
    assert (await house.log(), await house.rev()) == (before, rev)


async def test_a_reload_is_no_new_leg(house: House) -> None:
    entrant = await house.client_in_call()
    leg = await house.leg(Role.CLIENT)
    assert leg is not None
    asker = Asker(client_pass=entrant.client_pass)
    await house.calls.farewell(asker, VISIT, Role.CLIENT, LegRef(leg.id, leg.generation), Presence.CLOSED)
    assert await house.state() is State.JOINED
    again = await house.client_joins(entrant, resume=True)
    assert (again.resumed, again.leg) == (True, Leg("phone", 1))


async def test_the_clients_newest_device_takes_over_without_a_question(house: House) -> None:
    token = await house.link()
    await house.client_joins(await house.entrant(token), "phone")
    joined = await house.client_joins(await house.entrant(token), "tablet")
    assert joined.leg == Leg("tablet", 2)
    assert joined.session.state is State.JOINED
    assert (await house.log())[-1] == "leg_taken_over client:rosa"


async def test_the_clients_older_device_does_not_take_it_back_by_itself(house: House) -> None:
    token = await house.link()
    phone = await house.entrant(token)
    await house.client_joins(phone, "phone")
    await house.client_joins(await house.entrant(token), "tablet")
    await house.refuses(Code.LEG_REPLACED, house.client_joins(phone, "phone", resume=True))
    assert (await house.client_joins(phone, "phone")).leg == Leg("phone", 3)


async def test_hanging_up_and_rejoining(house: House) -> None:
    entrant = await house.client_in_call()
    await house.client_hangs_up(entrant, Leg("phone", 1))
    assert await house.state() is State.CLIENT_HUNG_UP
    again = await house.client_joins(entrant, resume=True)
    assert (again.resumed, again.leg, again.session.state) == (False, Leg("phone", 2), State.JOINED)
    assert (await house.log())[-3:] == [
        "client_joined client:rosa",
        "client_hung_up client:rosa",
        "client_joined client:rosa",
    ]


async def test_two_devices_at_once_one_event(house: House) -> None:
    token = await house.link()
    phone, tablet = await house.entrant(token), await house.entrant(token)
    answers = await at_once(house.client_joins(phone, "phone"), house.client_joins(tablet, "tablet"))
    assert sorted(answer.leg.generation for answer in answers) == [1, 2]
    assert (await house.log()).count("client_joined client:rosa") == 1


@pytest.mark.parametrize("later", [timedelta(0), DAY, 10 * DAY])
async def test_expiry_does_not_hit_a_leg_that_resumes(house: House, later: timedelta) -> None:
    entrant = await house.client_in_call()
    house.clock.time = START + HOUR + DAY + later
    assert (await house.client_joins(entrant, resume=True)).resumed
    await house.refuses(Code.LINK_EXPIRED, house.client_joins(entrant, "tablet"))


async def test_who_hung_up_needs_a_link_that_is_valid(house: House) -> None:
    entrant = await house.client_in_call()
    await house.client_hangs_up(entrant, Leg("phone", 1))
    house.clock.time = START + HOUR + DAY
    await house.refuses(Code.LINK_EXPIRED, house.client_joins(entrant, resume=True))


async def test_who_closed_the_page_and_then_hung_up_has_hung_up(house: House) -> None:
    """The hang-up was queued in the page and arrives after its farewell."""
    entrant = await house.client_in_call()
    asker = Asker(client_pass=entrant.client_pass)
    await house.calls.farewell(asker, VISIT, Role.CLIENT, LegRef("phone", 1), Presence.CLOSED)
    await house.client_hangs_up(entrant, Leg("phone", 1))
    leg = await house.leg(Role.CLIENT)
    assert leg is not None
    assert leg.ended is Presence.LEFT
    house.clock.time = START + HOUR + DAY
    await house.refuses(Code.LINK_EXPIRED, house.client_joins(entrant, resume=True))


async def test_a_cookie_of_another_visit_is_no_cookie(house: House) -> None:
    await house.client_in_call()
    stranger = Entrant(Role.CLIENT, VISIT, client_pass=ClientPass("id-1", "v2"))
    await house.refuses(Code.NOT_FOUND, house.joining.join(stranger, join("phone"), "socket"))


async def test_generations_are_counted_for_each_role_and_never_fall(house: House) -> None:
    await ready(house)
    token = await house.link()
    for number in range(1, 4):
        client = await house.client_joins(await house.entrant(token), f"device-{number}")
        caregiver = await house.caregiver_joins(f"desk-{number}", takeover=True)
        assert client.leg.generation == caregiver.leg.generation == number
