"""A visit is cancelled while a session exists (SPEC §5, schedule changes)."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from signaling.domain.invite import Delivery, How
from signaling.domain.presence import Presence
from signaling.domain.session import Role, State
from signaling.domain.visit import Status
from signaling.errors import Code
from signaling.ports import MailKind
from signaling.protocol.resources import ClientPut
from signaling.services.asker import Asker
from tests.services.house import (
    ADMIN_KEY,
    ANNA,
    BEN,
    CORA,
    HOUR,
    ROSA,
    SCHEDULE_KEY,
    START,
    VISIT,
    House,
    staff,
)

LATER: dict[str, Any] = {"startsAt": START + 2 * HOUR, "endsAt": START + 3 * HOUR}


async def change_email(house: House, email: str | None) -> None:
    body = ClientPut(name=ROSA.name, language=ROSA.language, phone=ROSA.phone, email=email)
    await house.registers.put_client(staff(CORA), ROSA.id, body)


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
    entrant = await house.bring_to(state)
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
