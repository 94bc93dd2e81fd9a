"""Leaving: hang-ups, the end of the session, farewells; pressed twice, retried, from pages that are stale (SPEC §5)."""

from __future__ import annotations

import pytest

from signaling.domain.invite import How
from signaling.domain.presence import Leg, Presence
from signaling.domain.session import Role, State
from signaling.errors import Code
from signaling.services.asker import Asker
from signaling.services.calls import LegRef
from tests.services.house import ADAM, ADMIN_KEY, ANNA, BEN, CORA, SCHEDULE_KEY, VISIT, House, at_once, staff

PHONE = Leg("phone", 1)


async def test_the_client_hangs_up(house: House) -> None:
    entrant = await house.client_in_call()
    rev = await house.rev()
    house.told.facts.clear()
    view = await house.client_hangs_up(entrant, PHONE)
    assert (view.state, view.rev, view.already_over) == (State.CLIENT_HUNG_UP, rev + 1, False)
    assert (await house.log())[-1] == "client_hung_up client:rosa"
    assert house.told.kinds() == ["session_changed", "leg_ended"]
    assert house.told.facts[1].data == {"role": "client", "generation": 1, "why": "left"}
    leg = await house.leg(Role.CLIENT)
    assert leg == Leg("phone", 1, Presence.LEFT)


async def test_a_repeated_hang_up_gets_the_first_answer(house: House) -> None:
    entrant = await house.client_in_call()
    first = await house.client_hangs_up(entrant, PHONE, "c1")
    assert await house.changes_nothing(house.client_hangs_up(entrant, PHONE, "c1")) == first
    # Even when the client has come back meanwhile: the retry does not throw them out.
    await house.client_joins(entrant)
    assert await house.changes_nothing(house.client_hangs_up(entrant, PHONE, "c1")) == first
    assert await house.state() is State.JOINED


async def test_two_hang_ups_at_once_are_one(house: House) -> None:
    entrant = await house.client_in_call()
    first, second = await at_once(
        house.client_hangs_up(entrant, PHONE, "c1"), house.client_hangs_up(entrant, PHONE, "c2")
    )
    assert first == second
    assert (await house.log()).count("client_hung_up client:rosa") == 1


async def test_a_stale_page_of_the_client_ends_nothing(house: House) -> None:
    token = await house.link()
    phone = await house.entrant(token)
    await house.client_joins(phone, "phone")
    await house.client_joins(await house.entrant(token), "tablet")
    await house.refuses(Code.LEG_REPLACED, house.client_hangs_up(phone, PHONE))
    await house.refuses(Code.LEG_REPLACED, house.client_hangs_up(phone, Leg("tablet", 1)))
    await house.refuses(Code.LEG_REPLACED, house.client_hangs_up(phone, Leg("phone", 2)))


async def test_who_is_not_in_the_call_does_not_hang_up(house: House) -> None:
    entrant = await house.entrant(await house.link())
    await house.refuses(Code.NOT_IN_CALL, house.client_hangs_up(entrant, PHONE))
    await house.client_joins(entrant)
    await house.end()
    await house.refuses(Code.SESSION_OVER, house.client_hangs_up(entrant, PHONE))


async def test_staff_do_not_hang_up_for_the_client(house: House) -> None:
    await house.client_in_call()
    for who, code in ((ANNA, Code.FORBIDDEN), (BEN, Code.NOT_FOUND), (CORA, Code.FORBIDDEN)):
        await house.refuses(code, house.calls.hang_up(staff(who), VISIT, "c1", LegRef("phone", 1)))


@pytest.mark.parametrize("state", [State.INVITED, State.JOINED, State.CLIENT_HUNG_UP])
@pytest.mark.parametrize("clocked_in", [False, True])
async def test_the_caregiver_ends_it_for_good(house: House, state: State, clocked_in: bool) -> None:
    if clocked_in:
        await house.clock_in()
    await house.bring_to(state)
    rev = await house.rev()
    view = await house.end()
    assert (view.state, view.rev, view.already_over) == (State.TERMINATED, rev + 1, False)
    assert (await house.log())[-1] == "session_ended employee:anna"


async def test_ending_what_was_never_begun(house: House) -> None:
    await house.refuses(Code.NO_SESSION, house.end())


async def test_ending_again_answers_already_over(house: House) -> None:
    await house.invite(how=How.LINK)
    first = await house.end()
    events = await house.log()
    again = await house.end()
    assert (again.state, again.rev, again.already_over) == (State.TERMINATED, first.rev, True)
    assert await house.log() == events


async def test_a_retry_of_the_end_gets_the_first_answer(house: House) -> None:
    await house.invite(how=How.LINK)
    first = await house.end("c1")
    again = await house.changes_nothing(house.end("c1"))
    assert again == first
    assert not again.already_over


async def test_two_ends_at_once_are_one(house: House) -> None:
    await house.clock_in()
    await house.client_in_call()
    desk = (await house.caregiver_joins()).leg
    answers = await at_once(house.end("c1"), house.end("c2", desk), house.end("c1"))
    assert {(answer.state, answer.rev) for answer in answers} == {(State.TERMINATED, await house.rev())}
    assert answers[0] == answers[2]
    assert (await house.log()).count("session_ended employee:anna") == 1
    assert [fact.kind for fact in house.told.facts].count("leg_ended") == 2


async def test_the_end_ends_both_legs(house: House) -> None:
    await house.clock_in()
    await house.client_in_call()
    desk = (await house.caregiver_joins()).leg
    house.told.facts.clear()
    await house.end(leg=desk)
    assert house.told.kinds() == ["session_changed", "leg_ended", "leg_ended"]
    for role in Role:
        leg = await house.leg(role)
        assert leg is not None
        assert leg.ended is Presence.LEFT


async def test_a_stale_page_of_the_caregiver_ends_nothing(house: House) -> None:
    await house.clock_in()
    await house.invite(how=How.LINK)
    desk = (await house.caregiver_joins("desk")).leg
    phone = (await house.caregiver_joins("phone", takeover=True)).leg
    await house.refuses(Code.LEG_REPLACED, house.end(leg=desk))
    await house.end(leg=phone)
    # What is over is over for a stale page too.
    assert (await house.end(leg=desk)).already_over


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (staff(BEN), Code.NOT_FOUND),
        (staff(CORA), Code.FORBIDDEN),
        (staff(ADAM), Code.FORBIDDEN),
        (SCHEDULE_KEY, Code.FORBIDDEN),
        (ADMIN_KEY, Code.FORBIDDEN),
    ],
)
async def test_nobody_else_ends_it(house: House, who: Asker, code: Code) -> None:
    await house.client_in_call()
    await house.refuses(code, house.end(who=who))


async def test_the_client_does_not_end_it(house: House) -> None:
    entrant = await house.client_in_call()
    await house.refuses(Code.NOT_FOUND, house.end(who=Asker(client_pass=entrant.client_pass)))


async def test_the_caregiver_of_a_cancelled_visit_may_still_end_it(house: House) -> None:
    await house.invite(how=How.LINK)
    await house.scheduling.cancel(staff(CORA), VISIT)
    assert (await house.end()).state is State.TERMINATED


@pytest.mark.parametrize("why", [Presence.CLOSED, Presence.LEFT])
async def test_a_farewell_changes_presence_and_not_the_state(house: House, why: Presence) -> None:
    await house.clock_in()
    entrant = await house.client_in_call()
    desk = (await house.caregiver_joins()).leg
    rev = await house.rev()
    house.told.facts.clear()
    client = Asker(client_pass=entrant.client_pass)
    await house.calls.farewell(client, VISIT, Role.CLIENT, LegRef("phone", 1), why)
    await house.calls.farewell(staff(ANNA), VISIT, Role.CAREGIVER, LegRef(desk.id, 1), why)
    assert (await house.state(), await house.rev()) == (State.JOINED, rev)
    assert [fact.data for fact in house.told.facts] == [
        {"role": role, "generation": 1, "why": why.value} for role in ("client", "caregiver")
    ]


@pytest.mark.parametrize("leg", [LegRef("phone", 2), LegRef("tablet", 1)])
async def test_a_stale_farewell_is_nothing(house: House, leg: LegRef) -> None:
    entrant = await house.client_in_call()
    client = Asker(client_pass=entrant.client_pass)
    await house.changes_nothing(house.calls.farewell(client, VISIT, Role.CLIENT, leg, Presence.CLOSED))


async def test_a_farewell_after_the_hang_up_is_nothing(house: House) -> None:
    entrant = await house.client_in_call()
    await house.client_hangs_up(entrant, PHONE)
    client = Asker(client_pass=entrant.client_pass)
    farewell = house.calls.farewell(client, VISIT, Role.CLIENT, LegRef("phone", 1), Presence.CLOSED)
    await house.changes_nothing(farewell)


async def test_nobody_says_farewell_for_another(house: House) -> None:
    entrant = await house.client_in_call()
    client = Asker(client_pass=entrant.client_pass)
    for who, role, code in (
        (client, Role.CAREGIVER, Code.NOT_FOUND),
        (staff(ANNA), Role.CLIENT, Code.FORBIDDEN),
        (staff(BEN), Role.CAREGIVER, Code.NOT_FOUND),
    ):
        farewell = house.calls.farewell(who, VISIT, role, LegRef("phone", 1), Presence.CLOSED)
        await house.refuses(code, farewell)


async def test_what_the_log_tells(house: House) -> None:
    await house.invite()
    await house.settle_mail()
    await house.clock_in()
    await house.caregiver_joins()
    entrant = await house.client_in_call()
    await house.client_hangs_up(entrant, PHONE)
    await house.client_joins(entrant)
    await house.end()
    await house.clock_out()
    events = await house.scheduling.events(staff(CORA), VISIT)
    assert [(event.seq, event.kind, event.connection) for event in events] == [
        (1, "invite_made", "request-anna"),
        (2, "clocked_in", "request-anna"),
        (3, "caregiver_joined", "socket-s"),
        (4, "link_copied", "request-anna"),
        (5, "client_joined", "socket-c"),
        (6, "client_hung_up", "socket-c"),
        (7, "client_joined", "socket-c"),
        (8, "session_ended", "request-anna"),
        (9, "clocked_out", "request-anna"),
    ]
    assert not any("Rosa" in str(event) or "@" in str(event) for event in events)
