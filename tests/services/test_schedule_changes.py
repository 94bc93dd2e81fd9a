"""The schedule changes while a session exists: every row of SPEC §5's table."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from signaling.domain.invite import Delivery, How, Standing
from signaling.domain.presence import Leg, Presence
from signaling.domain.session import Role, State
from signaling.domain.visit import Status
from signaling.errors import Code
from signaling.ports import MailKind
from signaling.protocol.resources import ClientPut
from signaling.services.asker import Asker
from signaling.services.joining import Entrant
from tests.services.house import (
    ADMIN_KEY,
    ANNA,
    BEN,
    CORA,
    DAY,
    EMIL,
    HOUR,
    ROSA,
    SCHEDULE_KEY,
    START,
    VISIT,
    House,
    staff,
)

LATER: dict[str, Any] = {"startsAt": START + 2 * HOUR, "endsAt": START + 3 * HOUR}


async def bring_to(house: House, state: State | None) -> Entrant | None:
    """Bring the session to a state; the client, if they have a link."""
    if state is None:
        return None
    entrant = await house.entrant(await house.link())
    if state in {State.JOINED, State.CLIENT_HUNG_UP}:
        await house.client_joins(entrant)
    if state is State.CLIENT_HUNG_UP:
        await house.client_hangs_up(entrant, Leg("phone", 1))
    if state is State.TERMINATED:
        await house.end()
    return entrant


# The start moved.


@pytest.mark.parametrize(
    ("state", "clocked_in"),
    list(product([State.INVITED, State.JOINED, State.CLIENT_HUNG_UP, State.TERMINATED], [False, True])),
)
async def test_moved(house: House, state: State, clocked_in: bool) -> None:
    await bring_to(house, state)
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
    await bring_to(house, state)
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


# Another client.


@pytest.mark.parametrize("state", [None, *State])
async def test_another_client(house: House, state: State | None) -> None:
    entrant = await bring_to(house, state)
    if state not in {None, State.INVITED}:
        await house.refuses(Code.CONFLICT, house.put(client="emil"))
        return
    view = await house.put(client="emil")
    assert view.person.name == "Emil Novak"
    assert await house.state() is state
    assert "client_changed employee:cora" in await house.log()
    if entrant is not None:
        [invite] = await house.invites()
        assert invite.standing is Standing.REVOKED
        await house.refuses(Code.LINK_REVOKED, house.joining.preview(house.links.token(invite.seed)))
        await house.refuses(Code.LINK_REVOKED, house.client_joins(entrant))
        assert "links_revoked" in house.told.kinds()


async def test_the_new_client_is_invited_anew(house: House) -> None:
    await house.invite()
    await house.put(client="emil")
    await house.invite()
    assert [mail.address for mail in await house.mails()] == ["rosa@home.example", "emil@home.example"]
    joined = await house.client_joins(await house.entrant(await house.link()))
    assert joined.own_name == "Emil Novak"
    assert (await house.log())[-1] == "client_joined client:emil"


# Another caregiver.


@pytest.mark.parametrize(
    ("clocked_in", "presence"),
    list(product([False, True], Presence)),
)
async def test_reassigned(house: House, clocked_in: bool, presence: Presence) -> None:
    if clocked_in:
        await house.clock_in()
    house.watch.seen[Role.CAREGIVER] = presence
    if clocked_in or presence in {Presence.PRESENT, Presence.UNKNOWN}:
        refused = await house.refuses(Code.CONFLICT, house.put(employee="ben"))
        assert "Clock out first" in refused.sentence
    else:
        assert (await house.put(employee="ben")).assigned.name == "Ben Ross"


async def test_after_clocking_out_it_can_be_reassigned(house: House) -> None:
    token = await house.link()
    await house.clock_in()
    await house.clock_out(confirm=True)
    house.told.facts.clear()
    view = await house.put(employee="ben")
    assert (view.status, view.clocked_in_at, view.clocked_out_at) == (Status.SCHEDULED, None, None)
    assert set(house.told.facts[0].employees) == {"anna", "ben"}
    assert (await house.log())[-1] == "visit_reassigned employee:cora"
    # Links stay; the client reads the new caregiver's name.
    assert (await house.joining.preview(token)).caregiver_name == "Benny"


async def test_the_new_caregiver_clocks_in_and_joins_and_the_old_one_sees_nothing(house: House) -> None:
    await house.client_in_call()
    await house.clock_in()
    desk = (await house.caregiver_joins("desk")).leg
    await house.clock_out(confirm=True)
    house.watch.seen[Role.CAREGIVER] = Presence.LOST
    await house.put(employee="ben")

    await house.refuses(Code.NOT_FOUND, house.caregiver_joins("desk", resume=True))
    await house.refuses(Code.NOT_FOUND, house.scheduling.visit(staff(ANNA), VISIT))
    await house.refuses(Code.NOT_FOUND, house.clock_in())
    await house.refuses(Code.NOT_FOUND, house.end(leg=desk))
    await house.refuses(Code.CLOCK_IN_REQUIRED, house.caregiver_joins("phone", employee="ben"))
    await house.clock_in(who=staff(BEN))
    joined = await house.caregiver_joins("phone", employee="ben")
    assert (joined.leg.generation, joined.own_name) == (2, "Benny")
    assert (await house.end(who=staff(BEN))).state is State.TERMINATED


async def test_a_leg_is_not_inherited(house: House) -> None:
    """Two caregivers may share a tablet: the page still holds the leg of the one before."""
    await house.link()
    await house.clock_in()
    await house.caregiver_joins("tablet")
    await house.clock_out(confirm=True)
    house.watch.seen[Role.CAREGIVER] = Presence.LOST
    await house.put(employee="ben")
    await house.refuses(Code.CLOCK_IN_REQUIRED, house.caregiver_joins("tablet", employee="ben", resume=True))
    await house.clock_in(who=staff(BEN))
    joined = await house.caregiver_joins("tablet", employee="ben", resume=True)
    assert (joined.resumed, joined.leg) == (False, Leg("tablet", 2))


# Cancelled.


@pytest.mark.parametrize(("clocked_in", "presence"), list(product([False, True], Presence)))
async def test_cancelling(house: House, clocked_in: bool, presence: Presence) -> None:
    if clocked_in:
        await house.clock_in()
    house.watch.seen[Role.CAREGIVER] = presence
    cancel = house.scheduling.cancel(staff(CORA), VISIT)
    if clocked_in or presence in {Presence.PRESENT, Presence.UNKNOWN}:
        await house.refuses(Code.CONFLICT, cancel)
    else:
        assert (await cancel).status is Status.CANCELLED
        assert (await house.log())[-1] == "visit_cancelled employee:cora"
        assert house.told.kinds()[-2:] == ["visit_cancelled", "visit_changed"]


@pytest.mark.parametrize("state", [State.INVITED, State.JOINED, State.CLIENT_HUNG_UP])
async def test_a_cancelled_visit_admits_nobody(house: House, state: State) -> None:
    entrant = await bring_to(house, state)
    assert entrant is not None
    token = house.links.token((await house.invites())[0].seed)
    await house.scheduling.cancel(staff(CORA), VISIT)
    assert await house.state() is state
    await house.refuses(Code.LINK_CANCELLED, house.joining.preview(token))
    await house.refuses(Code.LINK_CANCELLED, house.joining.exchange(token))
    for more in (False, True):
        await house.refuses(Code.VISIT_CANCELLED, house.client_joins(entrant, resume=more))
        await house.refuses(Code.VISIT_CANCELLED, house.caregiver_joins(resume=more))
    await house.refuses(Code.VISIT_CANCELLED, house.invite())


async def cancellations(house: House) -> list[str]:
    return [mail.address for mail in await house.mails() if mail.kind is MailKind.CANCELLATION]


async def test_one_cancellation_mail_where_an_invite_was_accepted(house: House) -> None:
    await house.invite()
    await house.settle_mail()
    house.clock.forward(HOUR / 2)
    await house.invite()
    await house.settle_mail()
    rings = house.told.rings
    await house.scheduling.cancel(staff(CORA), VISIT)
    assert await cancellations(house) == ["rosa@home.example"]
    assert house.told.rings == rings + 1
    await house.scheduling.cancel(staff(CORA), VISIT)
    await house.scheduling.cancel(ADMIN_KEY, VISIT)
    assert await cancellations(house) == ["rosa@home.example"]
    assert (await house.log()).count("visit_cancelled employee:cora") == 1
    assert (await house.visit()).sequence == 1


@pytest.mark.parametrize("state", [Delivery.SENDING, Delivery.DELAYED, Delivery.FAILED])
async def test_no_cancellation_mail_where_none_was_accepted(house: House, state: Delivery) -> None:
    await house.invite()
    await house.settle_mail(state)
    await house.scheduling.cancel(staff(CORA), VISIT)
    assert await cancellations(house) == []


async def test_no_cancellation_mail_for_a_copied_link(house: House) -> None:
    await house.invite(how=How.LINK)
    await house.scheduling.cancel(staff(CORA), VISIT)
    assert await house.mails() == []


@pytest.mark.parametrize("email", [None, "new@home.example"])
async def test_no_cancellation_mail_to_an_address_that_never_got_an_invite(house: House, email: str | None) -> None:
    await house.invite()
    await house.settle_mail()
    await change_email(house, email)
    await house.scheduling.cancel(staff(CORA), VISIT)
    assert await cancellations(house) == []


async def test_back_at_an_address_that_did_get_one(house: House) -> None:
    await house.invite()
    await house.settle_mail()
    await change_email(house, "new@home.example")
    await change_email(house, ROSA.email)
    await house.scheduling.cancel(staff(CORA), VISIT)
    assert await cancellations(house) == ["rosa@home.example"]


@pytest.mark.parametrize(
    ("who", "code"), [(staff(ANNA), Code.FORBIDDEN), (staff(BEN), Code.NOT_FOUND), (SCHEDULE_KEY, None)]
)
async def test_who_cancels_and_who_revokes(house: House, who: Asker, code: Code | None) -> None:
    await house.link()
    for ask in (house.scheduling.revoke_links, house.scheduling.cancel):
        if code is None:
            await ask(who, VISIT)
        else:
            await house.refuses(code, ask(who, VISIT))


async def test_what_is_cancelled_is_edited_no_more(house: House) -> None:
    await house.scheduling.cancel(staff(CORA), VISIT)
    await house.refuses(Code.VISIT_CANCELLED, house.put(**LATER))
    assert (await house.changes_nothing(house.put())).status is Status.CANCELLED


# Revoked.


async def test_revoked_links_admit_nobody_not_even_who_was_in(house: House) -> None:
    token = await house.link()
    secret, _ = await house.joining.exchange(token)
    entrant = await house.entrant(token)
    await house.client_joins(entrant)
    house.told.facts.clear()
    await house.scheduling.revoke_links(staff(CORA), VISIT)

    assert house.told.kinds() == ["links_revoked", "visit_changed"]
    assert (await house.log())[-1] == "links_revoked employee:cora"
    assert await house.state() is State.JOINED
    assert await house.joining.client_pass(secret) is None
    await house.refuses(Code.LINK_REVOKED, house.joining.preview(token))
    # With a ticket that was fetched a moment before.
    await house.refuses(Code.LINK_REVOKED, house.client_joins(entrant, resume=True))
    await house.refuses(Code.LINK_REVOKED, house.client_joins(entrant, "tablet"))


async def test_after_revoking_a_new_link_admits(house: House) -> None:
    await house.client_in_call()
    await house.scheduling.revoke_links(staff(CORA), VISIT)
    await house.client_joins(await house.entrant(await house.link()))


async def test_revoking_again_changes_nothing(house: House) -> None:
    await house.changes_nothing(house.scheduling.revoke_links(staff(CORA), VISIT))
    await house.link()
    await house.scheduling.revoke_links(staff(CORA), VISIT)
    await house.changes_nothing(house.scheduling.revoke_links(staff(CORA), VISIT))


# Several at once, and who is told nothing.


async def test_a_refused_part_refuses_the_whole_change(house: House) -> None:
    await house.client_in_call()
    await house.refuses(Code.CONFLICT, house.put(client="emil", **LATER))
    house.watch.seen[Role.CAREGIVER] = Presence.PRESENT
    await house.refuses(Code.CONFLICT, house.put(employee="ben", **LATER))


async def test_all_at_once_while_invited(house: House) -> None:
    token = await house.link()
    await house.put(client="emil", employee="ben", **LATER)
    await house.refuses(Code.LINK_REVOKED, house.joining.preview(token))
    assert {"visit_moved", "client_changed", "visit_reassigned", "links_revoked"} <= {
        line.split()[0] for line in await house.log()
    }
