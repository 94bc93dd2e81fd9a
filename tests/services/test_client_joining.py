"""The client coming in: legs, generations, coming back, other devices (SPEC §5 to §7; DESIGN §3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from signaling.domain.invite import How
from signaling.domain.presence import Leg, Presence
from signaling.domain.session import Role, State
from signaling.errors import Code
from signaling.ports import ClientPass
from signaling.services.asker import Asker
from signaling.services.calls import LegRef
from signaling.services.joining import Entrant
from tests.services.house import (
    DAY,
    HOUR,
    START,
    VISIT,
    House,
    at_once,
    join,
)


async def ready(house: House) -> None:
    """The client is invited, the caregiver clocked in."""
    await house.invite(how=How.LINK)
    await house.clock_in()


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
