"""Inviting the client: gates, sessions, mails and copied links (SPEC §2, §4, §5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from signaling.domain.invite import Delivery, How
from signaling.domain.session import State
from signaling.errors import Code
from signaling.ports import MailKind
from signaling.protocol.resources import InviteCommand
from signaling.services.asker import Asker
from tests.services.house import (
    ADAM,
    ADMIN_KEY,
    ANNA,
    BEN,
    CORA,
    NOW,
    ROSA,
    SCHEDULE_KEY,
    VISIT,
    House,
    staff,
)


async def without_email(house: House) -> None:
    await house.db.write(lambda unit: unit.people.put_client(replace(ROSA, email=None)))


async def test_the_first_invite_creates_the_session_and_queues_the_mail(house: House) -> None:
    view = await house.invite()

    assert view.link is None
    assert (view.session.state, view.session.rev) == (State.INVITED, 1)
    assert view.session.last_invite is not None
    assert (view.session.last_invite.to, view.session.last_invite.delivery) == ("rosa@home.example", "sending")
    assert view.session.last_invite.sent_at is None
    assert await house.state() is State.INVITED
    [mail] = await house.mails()
    [invite] = await house.invites()
    assert (mail.kind, mail.address, mail.invite) == (MailKind.INVITE, "rosa@home.example", invite.id)
    assert (mail.state, mail.next_try_at, mail.language) == (Delivery.SENDING, NOW, ROSA.language)
    assert await house.log() == ["invite_made employee:anna"]
    assert house.told.kinds() == ["session_changed", "invite_changed"]
    assert all(fact.employees == ("anna",) for fact in house.told.facts)
    assert house.told.rings == 1


async def test_the_sent_time_is_when_the_server_accepted_the_mail(house: House) -> None:
    await house.invite()
    house.clock.forward(timedelta(minutes=7))
    await house.settle_mail()
    view = (await house.scheduling.visit(staff(ANNA), VISIT)).view
    assert view.session is not None
    assert view.session.last_invite is not None
    assert view.session.last_invite.sent_at == "2026-03-02T13:37:00.000Z"


@pytest.mark.parametrize("clocked_in", [False, True])
async def test_before_or_after_clocking_in(house: House, clocked_in: bool) -> None:
    if clocked_in:
        await house.clock_in()
    assert (await house.invite()).session.state is State.INVITED


async def test_no_email_no_session(house: House) -> None:
    await without_email(house)
    refused = await house.refuses(Code.CLIENT_HAS_NO_EMAIL, house.invite())
    assert refused.sentence == "Client has no email."
    assert await house.state() is None


async def test_a_link_can_be_copied_for_a_client_without_email(house: House) -> None:
    await without_email(house)
    view = await house.invite(how=How.LINK)

    assert view.link is not None
    assert view.link.startswith("https://visits.example/v#")
    assert view.session.state is State.INVITED
    assert view.session.last_invite is not None
    assert (view.session.last_invite.how, view.session.last_invite.delivery) == ("link", "copied")
    assert await house.mails() == []
    assert house.told.rings == 0
    assert await house.log() == ["link_copied employee:anna"]
    # The session is there now; the mail still can't be sent, and nothing changes.
    await house.refuses(Code.CLIENT_HAS_NO_EMAIL, house.invite())


async def test_copying_is_never_a_mail_and_makes_a_link_that_admits(house: House) -> None:
    token = await house.link()
    preview = await house.joining.preview(token)
    assert preview.visit_id == VISIT


# The four gates, in their order.


async def spoil(house: House, gates: tuple[bool, bool, bool, bool]) -> Asker:
    """Shut some gates; the asker who stands before them. The fourth is shut by cancelling."""
    not_virtual, not_permitted, not_assigned, cancelled = gates
    if not_virtual:
        await house.put(serviceCode="cleaning")
    if cancelled:
        await house.scheduling.cancel(staff(CORA), VISIT)
    return staff(CORA if not_assigned else ANNA, may_initiate_virtual_visits=not not_permitted)


@pytest.mark.parametrize(("gates", "how"), list(product(product((False, True), repeat=4), How)))
async def test_every_combination_of_gates(house: House, gates: tuple[bool, bool, bool, bool], how: How) -> None:
    asker = await spoil(house, gates)
    codes = (Code.NOT_VIRTUAL, Code.FORBIDDEN, Code.NOT_ASSIGNED, Code.VISIT_CANCELLED)
    first = next((code for code, shut in zip(codes, gates, strict=True) if shut), None)
    view = (await house.scheduling.visit(asker, VISIT)).view
    assert view.invite_refusal == (None if first is None else first.value)
    assert ("invite" in view.actions) is ("copy_link" in view.actions) is (first is None)
    if first is None:
        assert (await house.invite(how=how, who=asker)).session.state is State.INVITED
    else:
        await house.refuses(first, house.invite(how=how, who=asker))


@pytest.mark.parametrize("who", [staff(CORA), staff(ADAM)])
async def test_the_office_is_told_that_it_is_not_assigned(house: House, who: Asker) -> None:
    refused = await house.refuses(Code.NOT_ASSIGNED, house.invite(who=who))
    assert refused.sentence == "You need to be assigned to the visit to be able to send an invitation to the client."


async def test_an_assigned_coordinator_invites(house: House) -> None:
    await house.put(employee="cora")
    assert (await house.invite(who=staff(CORA))).session.state is State.INVITED


async def test_another_caregivers_visit_is_not_there(house: House) -> None:
    await house.refuses(Code.NOT_FOUND, house.invite(who=staff(BEN)))
    wanted = InviteCommand(delivery=How.EMAIL, command_id="c1")
    await house.refuses(Code.NOT_FOUND, house.inviting.invite(staff(ANNA), "nowhere", wanted))


@pytest.mark.parametrize("key", [SCHEDULE_KEY, ADMIN_KEY])
async def test_keys_do_not_invite(house: House, key: Asker) -> None:
    await house.refuses(Code.FORBIDDEN, house.invite(who=key))


@pytest.mark.parametrize("how", How)
async def test_a_terminated_session_is_over_for_good(house: House, how: How) -> None:
    await house.invite()
    await house.end()
    await house.refuses(Code.SESSION_OVER, house.invite(how=how))


async def test_gates_one_and_two_are_asked_only_when_an_invite_is_made(house: House) -> None:
    await house.invite()
    await house.clock_in()
    await house.put(serviceCode="cleaning")
    await house.db.write(lambda unit: unit.people.put_employee(replace(ANNA, may_initiate_virtual_visits=False)))
    asker = staff(ANNA, may_initiate_virtual_visits=False)
    view = (await house.scheduling.visit(asker, VISIT)).view
    assert {"join", "end_session"} <= set(view.actions)
    assert "invite" not in view.actions
    await house.caregiver_joins()
    assert (await house.end(who=asker)).state is State.TERMINATED


async def test_the_link_is_not_stored(house: House) -> None:
    token = await house.link()
    assert all(token not in line for line in house.dump())


async def test_clients_do_not_invite(house: House) -> None:
    entrant = await house.client_in_call()
    await house.refuses(Code.NOT_FOUND, house.invite(how=How.LINK, who=Asker(client_pass=entrant.client_pass)))
