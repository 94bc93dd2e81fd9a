"""The start, the end or the client's email changes while a session exists (SPEC §5, schedule changes)."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from signaling.domain.invite import Standing
from signaling.domain.presence import Leg
from signaling.domain.session import State
from signaling.errors import Code
from signaling.protocol.resources import ClientPut
from tests.services.house import (
    ANNA,
    CORA,
    DAY,
    EMIL,
    HOUR,
    ROSA,
    START,
    VISIT,
    House,
    staff,
)

LATER: dict[str, Any] = {"startsAt": START + 2 * HOUR, "endsAt": START + 3 * HOUR}


# The start moved.


@pytest.mark.parametrize(
    ("state", "clocked_in"),
    list(product([State.INVITED, State.JOINED, State.CLIENT_HUNG_UP, State.TERMINATED], [False, True])),
)
async def test_moved(house: House, state: State, clocked_in: bool) -> None:
    await house.bring_to(state)
    if clocked_in:
        await house.clock_in()
    [invite] = await house.invites()
    token = house.links.token(invite.seed)
    await house.put(startsAt=START - HOUR / 2)

    stops = state is State.INVITED and not clocked_in
    [invite] = await house.invites()
    assert invite.standing is (Standing.MOVED if stops else Standing.LIVE)
    assert await house.state() is state
    assert ("links_moved employee:cora" in await house.log()) is stops
    assert "visit_moved employee:cora" in await house.log()
    if stops:
        await house.refuses(Code.LINK_MOVED, house.joining.preview(token))
        await house.refuses(Code.LINK_MOVED, house.joining.exchange(token))
    elif state is not State.TERMINATED:
        await house.joining.exchange(token)


async def test_clocked_out_again_is_not_clocked_in(house: House) -> None:
    token = await house.link()
    await house.clock_in()
    await house.clock_out(confirm=True)
    await house.put(**LATER)
    await house.refuses(Code.LINK_MOVED, house.joining.preview(token))


async def test_a_cookie_got_before_the_move_does_not_admit_either(house: House) -> None:
    entrant = await house.entrant(await house.link())
    await house.put(startsAt=START - HOUR / 2)
    await house.refuses(Code.LINK_MOVED, house.client_joins(entrant))


async def test_after_a_move_the_page_asks_to_resend_and_a_new_link_admits(house: House) -> None:
    await house.invite()
    await house.settle_mail()
    view = await house.put(**LATER)
    assert view.moved_since_invite
    await house.invite()
    view = (await house.scheduling.visit(staff(ANNA), VISIT)).view
    assert not view.moved_since_invite
    assert len(await house.mails()) == 2
    house.clock.time = START + HOUR
    await house.joining.exchange(await house.link())


async def test_moving_back_does_not_revive_links(house: House) -> None:
    token = await house.link()
    await house.put(**LATER)
    await house.put(startsAt=START, endsAt=START + HOUR)
    await house.refuses(Code.LINK_MOVED, house.joining.preview(token))


# Only the end, or the zone.


@pytest.mark.parametrize("state", [State.INVITED, State.JOINED, State.CLIENT_HUNG_UP])
async def test_the_end_alone_is_never_a_move(house: House, state: State) -> None:
    await house.bring_to(state)
    token = house.links.token((await house.invites())[0].seed)
    view = await house.put(endsAt=START + 5 * HOUR, timeZone="Asia/Tokyo")
    assert not view.moved_since_invite
    assert {invite.standing for invite in await house.invites()} == {Standing.LIVE}
    assert "visit_moved employee:cora" not in await house.log()
    # The expiry follows.
    house.clock.time = START + 5 * HOUR + DAY - timedelta(seconds=1)
    assert (await house.joining.preview(token)).time_zone == "Asia/Tokyo"
    house.clock.time = START + 5 * HOUR + DAY
    await house.refuses(Code.LINK_EXPIRED, house.joining.preview(token))


async def test_a_shorter_visit_expires_earlier(house: House) -> None:
    token = await house.link()
    await house.put(endsAt=START + HOUR / 2)
    house.clock.time = START + HOUR / 2 + DAY
    await house.refuses(Code.LINK_EXPIRED, house.joining.preview(token))


@pytest.mark.parametrize(
    ("changed", "rises"),
    [(LATER, True), ({"endsAt": START + 2 * HOUR}, True), ({"employee": "ben"}, False), ({"client": "emil"}, False)],
)
async def test_the_calendar_entry_follows_the_times(house: House, changed: dict[str, Any], rises: bool) -> None:
    await house.put(**changed)
    assert (await house.visit()).sequence == int(rises)


# The client's email.


async def change_email(house: House, email: str | None) -> None:
    body = ClientPut(name=ROSA.name, language=ROSA.language, phone=ROSA.phone, email=email)
    await house.registers.put_client(staff(CORA), ROSA.id, body)


async def test_a_new_email_replaces_links_while_a_leg_in_the_call_stays(house: House) -> None:
    token = await house.link()
    entrant = await house.entrant(token)
    await house.client_joins(entrant)
    await change_email(house, "new@home.example")
    assert await house.state() is State.JOINED
    await house.refuses(Code.LINK_REPLACED, house.joining.preview(token))
    # The leg stays, also over a reload; no other leg comes in by the old link.
    assert (await house.client_joins(entrant, resume=True)).resumed
    await house.refuses(Code.LINK_REPLACED, house.client_joins(entrant, "tablet"))
    await house.client_hangs_up(entrant, Leg("phone", 1))
    await house.refuses(Code.LINK_REPLACED, house.client_joins(entrant, resume=True))


async def test_replacing_is_logged_once_and_the_visit_is_shown_anew(house: House) -> None:
    await house.link()
    house.told.facts.clear()
    await change_email(house, None)
    assert "links_replaced employee:cora" in await house.log()
    assert [(fact.kind, fact.visit) for fact in house.told.facts] == [("visit_changed", VISIT)]
    await house.changes_nothing(change_email(house, None))


async def test_a_new_link_admits_after_the_email_changed(house: House) -> None:
    await house.link()
    await change_email(house, "new@home.example")
    await house.joining.exchange(await house.link())


@pytest.mark.parametrize("field", ["name", "phone", "language"])
async def test_other_changes_of_the_client_leave_links_alone(house: House, field: str) -> None:
    token = await house.link()
    body = ClientPut(
        name="Rosa M." if field == "name" else ROSA.name,
        language=EMIL.language if field == "language" else ROSA.language,
        phone=None if field == "phone" else ROSA.phone,
        email=ROSA.email,
    )
    await house.registers.put_client(staff(CORA), ROSA.id, body)
    await house.joining.exchange(token)


async def test_a_first_email_leaves_copied_links_alone(house: House) -> None:
    await change_email(house, None)
    token = await house.link()
    await change_email(house, "first@home.example")
    await house.joining.exchange(token)
