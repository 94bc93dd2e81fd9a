"""Pressing twice, retrying, resending: how many mails leave (SPEC §4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from signaling.domain.invite import Delivery, How
from signaling.domain.session import State
from signaling.errors import Code
from signaling.protocol.resources import ClientPut
from tests.services.house import (
    BEN,
    CORA,
    HOUR,
    NOW,
    ROSA,
    SECOND,
    VISIT,
    House,
    at_once,
    staff,
)


async def test_a_repeated_command_gets_the_first_answer(house: House) -> None:
    first = await house.invite("c1")
    assert await house.changes_nothing(house.invite("c1")) == first
    assert len(await house.mails()) == 1


async def test_a_repeated_copy_gives_the_same_link(house: House) -> None:
    first = await house.invite("c1", How.LINK)
    again = await house.changes_nothing(house.invite("c1", How.LINK))
    assert again.link == first.link
    assert (await house.invite("c2", How.LINK)).link != first.link


async def test_a_repeat_is_answered_as_it_was_first_asked(house: House) -> None:
    await house.invite("c1")
    again = await house.changes_nothing(house.invite("c1", How.LINK))
    assert (again.delivery, again.link) == ("email", None)


async def test_command_ids_are_each_persons_own(house: House) -> None:
    await house.invite("c1", How.LINK)
    await house.put(employee="ben")
    await house.invite("c1", How.LINK, who=staff(BEN))
    assert len(await house.invites()) == 2


async def test_pressing_twice_sends_one_mail(house: House) -> None:
    first = await house.invite()
    again = await house.invite()
    assert again == first
    assert len(await house.mails()) == len(await house.invites()) == 1
    assert await house.log() == ["invite_made employee:anna"]


async def test_two_at_once_send_one_mail_and_get_the_same_answer(house: House) -> None:
    first, second, third = await at_once(house.invite("c1"), house.invite("c2"), house.invite("c1"))
    assert first == second == third
    assert len(await house.mails()) == len(await house.invites()) == 1
    assert await house.log() == ["invite_made employee:anna"]


@pytest.mark.parametrize("unsent", [Delivery.SENDING, Delivery.DELAYED])
async def test_while_one_is_unsent_a_resend_is_that_one(house: House, unsent: Delivery) -> None:
    await house.invite()
    await house.settle_mail(unsent)
    house.clock.forward(HOUR)
    await house.invite()
    assert len(await house.mails()) == 1


async def test_a_resend_hurries_a_mail_that_is_delayed(house: House) -> None:
    await house.invite()
    await house.settle_mail(Delivery.DELAYED)
    [mail] = await house.mails()
    again_at = NOW + HOUR
    await house.db.write(lambda unit: unit.outbox.update(replace(mail, next_try_at=again_at)))
    house.clock.forward(HOUR / 2)
    rings = house.told.rings
    await house.invite("c1")
    [mail] = await house.mails()
    assert (mail.state, mail.next_try_at, house.told.rings) == (Delivery.DELAYED, NOW + HOUR / 2, rings + 1)
    # A retry of the same press hurries nobody again.
    await house.changes_nothing(house.invite("c1"))


@pytest.mark.parametrize(
    ("after", "mails"),
    [(timedelta(0), 1), (30 * SECOND - timedelta(microseconds=1), 1), (30 * SECOND, 2), (HOUR, 2)],
)
async def test_within_30_seconds_of_a_mail_a_resend_is_that_one(house: House, after: timedelta, mails: int) -> None:
    await house.invite()
    house.clock.forward(HOUR)
    await house.settle_mail()
    house.clock.forward(after)
    before = await house.rev()
    view = await house.invite()
    assert len(await house.mails()) == mails
    assert view.session.state is State.INVITED
    assert await house.rev() == before + mails - 1


async def test_a_failed_mail_is_sent_anew_at_once(house: House) -> None:
    await house.invite()
    await house.settle_mail(Delivery.FAILED)
    await house.invite()
    assert len(await house.mails()) == 2


async def test_a_mail_to_a_new_address_does_not_wait_for_the_old_one(house: House) -> None:
    await house.invite()
    body = ClientPut(name=ROSA.name, language=ROSA.language, email="new@home.example")
    await house.registers.put_client(staff(CORA), ROSA.id, body)
    await house.invite()
    assert [mail.address for mail in await house.mails()] == ["rosa@home.example", "new@home.example"]


async def test_after_a_move_the_unsent_mail_of_the_old_time_is_no_answer(house: House) -> None:
    await house.invite()
    await house.put(startsAt=(await house.visit()).starts_at + HOUR / 2)
    await house.invite()
    assert len(await house.mails()) == 2


async def test_nor_is_one_whose_link_goes_on(house: House) -> None:
    """Clocked in, the move leaves links alone; the client still reads the old time in their mail."""
    await house.clock_in()
    await house.invite()
    await house.settle_mail()
    await house.put(startsAt=(await house.visit()).starts_at + HOUR / 2)
    await house.invite()
    assert len(await house.mails()) == 2


async def test_resending_keeps_earlier_links_and_the_state(house: House) -> None:
    first = await house.link()
    entrant = await house.entrant(first)
    await house.client_joins(entrant)
    await house.invite()
    assert await house.state() is State.JOINED
    assert (await house.joining.preview(first)).visit_id == VISIT
    assert (await house.log())[-1] == "invite_resent employee:anna"


async def send_ten(house: House) -> None:
    for _ in range(10):
        await house.invite()
        await house.settle_mail()
        house.clock.forward(timedelta(minutes=1))


async def test_ten_mails_an_hour_and_not_one_more(house: House) -> None:
    await send_ten(house)
    refused = await house.refuses(Code.TOO_MANY_REQUESTS, house.invite())
    assert refused.extra == {"retryAfter": 50 * 60}
    assert len(await house.mails()) == 10
    # A link is no mail.
    assert (await house.invite(how=How.LINK)).link is not None


@pytest.mark.parametrize("early", [timedelta(milliseconds=300), timedelta(milliseconds=700)])
async def test_after_the_time_it_was_told_to_wait_it_works(house: House, early: timedelta) -> None:
    await send_ten(house)
    house.clock.forward(-early)
    refused = await house.refuses(Code.TOO_MANY_REQUESTS, house.invite())
    house.clock.forward(timedelta(seconds=refused.extra["retryAfter"]))
    await house.invite()
    assert len(await house.mails()) == 11
