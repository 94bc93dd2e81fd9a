"""Contract of OutboxStore."""

from __future__ import annotations

from dataclasses import replace

import pytest

from signaling.domain.invite import Delivery
from signaling.ports import Database, MailKind, Unit
from tests.storage.agency import HOUR, INVITE, MAIL, NOON

CANCELLATION = replace(MAIL, id="m0", kind=MailKind.CANCELLATION, invite=None)


def queue(unit: Unit) -> None:
    unit.invites.add(INVITE, b"1")
    unit.outbox.add(MAIL)
    unit.outbox.add(CANCELLATION)


async def test_a_mail_comes_back_as_it_was_added(database: Database) -> None:
    await database.write(queue)
    assert await database.read(lambda unit: unit.outbox.mail("m1")) == MAIL
    assert await database.read(lambda unit: unit.outbox.mail("m0")) == CANCELLATION
    assert await database.read(lambda unit: unit.outbox.mail("x")) is None
    assert await database.read(lambda unit: unit.outbox.of_visit("v1")) == [MAIL, CANCELLATION]
    assert await database.read(lambda unit: unit.outbox.of_visit("v2")) == []


async def test_an_update_keeps_how_the_mail_fares(database: Database) -> None:
    await database.write(queue)
    sent = replace(MAIL, state=Delivery.SENT, attempts=2, accepted_at=NOON + HOUR, reason="250 ok", next_try_at=NOON)
    await database.write(lambda unit: unit.outbox.update(sent))
    assert await database.read(lambda unit: unit.outbox.mail("m1")) == sent
    assert await database.read(lambda unit: unit.outbox.mail("m0")) == CANCELLATION
    with pytest.raises(LookupError):
        await database.write(lambda unit: unit.outbox.update(replace(MAIL, id="x")))


async def test_due_are_the_unsent_whose_time_has_come(database: Database) -> None:
    await database.write(queue)
    more = (
        replace(MAIL, id="sent", state=Delivery.SENT),
        replace(MAIL, id="failed", state=Delivery.FAILED),
        replace(MAIL, id="dropped", state=Delivery.DROPPED),
        replace(MAIL, id="later", state=Delivery.DELAYED, next_try_at=NOON + HOUR),
        replace(MAIL, id="longest", state=Delivery.DELAYED, next_try_at=NOON - HOUR),
    )

    def add(unit: Unit) -> None:
        for mail in more:
            unit.outbox.add(mail)

    await database.write(add)
    due = await database.read(lambda unit: unit.outbox.due(NOON, 10))
    assert [mail.id for mail in due] == ["longest", "m1", "m0"]
    assert [mail.id for mail in await database.read(lambda unit: unit.outbox.due(NOON, 2))] == ["longest", "m1"]
    assert await database.read(lambda unit: unit.outbox.due(NOON - 2 * HOUR, 10)) == []


async def test_the_next_try_is_the_earliest_of_the_unsent(database: Database) -> None:
    assert await database.read(lambda unit: unit.outbox.next_try_at()) is None
    await database.write(queue)
    later = replace(MAIL, next_try_at=NOON + HOUR, state=Delivery.DELAYED)
    sent = replace(CANCELLATION, state=Delivery.SENT)
    await database.write(lambda unit: unit.outbox.update(later))
    await database.write(lambda unit: unit.outbox.update(sent))
    assert await database.read(lambda unit: unit.outbox.next_try_at()) == NOON + HOUR
