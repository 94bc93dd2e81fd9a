"""The outbox end to end: from the row in the database to what a real SMTP server has taken, and back."""

from __future__ import annotations

import asyncio
import logging
import socket
from dataclasses import replace
from datetime import timedelta

import pytest

from signaling.domain.invite import Delivery
from signaling.domain.visit import Language
from signaling.mail import outbox as outbox_module
from signaling.mail.outbox import POOL
from signaling.mail.policy import PAUSES, SPREAD, pause_after
from signaling.mail.smtp import Accepted, Outcome
from signaling.ports import Fact, Unit
from tests.smtp.letters import CAREGIVER, CLIENT, LINK, MAIL, NOON, VISIT
from tests.smtp.post import Post
from tests.smtp.servers import CUTS, Desk, serving

CHANGED = Fact("invite_changed", visit="v1", employees=("anna",))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_sent(post: Post) -> None:
    desk = Desk()
    async with serving(desk) as port, post.open(port):
        mail = await post.until(Delivery.SENT)
    assert (mail.accepted_at, mail.attempts, mail.reason) == (NOON, 1, None)
    (taken,) = desk.taken
    assert (taken.sender, taken.recipients) == ("visits@agency.example", ("marie@client.example",))
    assert taken.message["Message-ID"] == "<first@visits.agency.example>"
    assert taken.message["Subject"].startswith("Votre visite vidéo du lundi 2 mars 2026 à 15:00")
    body = taken.message.get_body(("plain",))
    assert body is not None
    assert LINK in body.get_content()
    assert post.facts.all == [CHANGED]
    (event,) = await post.events()
    assert (event.kind, event.actor, event.at) == ("mail_accepted", "system", NOON)
    assert event.data == {"mail": "m1", "mailKind": "invite", "attempts": 1, "invite": "i1"}


async def test_a_bell_for_a_new_mail(post: Post) -> None:
    desk = Desk()
    async with serving(desk) as port, post.open(port) as outbox:
        await post.until(Delivery.SENT)
        await post.db.write(lambda unit: unit.outbox.add(replace(MAIL, id="m9", message_id="ninth")))
        outbox.wake()
        await post.until(Delivery.SENT, "m9")
    assert [taken.message["Message-ID"][:7] for taken in desk.taken] == ["<first@", "<ninth@"]


async def test_later_then_sent_once(post: Post) -> None:
    desk = Desk(rcpt_answers=["450 4.2.0 <marie@client.example>: greylisted"], data_answers=["452 4.3.1 Full"])
    async with serving(desk) as port, post.open(port):
        delayed = await post.until(Delivery.DELAYED, attempts=1)
        assert delayed.reason == "450 4.2.0 <…>: greylisted"
        assert delayed.accepted_at is None
        await post.next_try()
        delayed = await post.until(Delivery.DELAYED, attempts=2)
        assert delayed.reason == "452 4.3.1 Full"
        await post.next_try()
        sent = await post.until(Delivery.SENT)
    assert (sent.attempts, sent.reason, sent.accepted_at) == (3, None, post.clock.now())
    assert len(desk.taken) == 1
    assert [event.kind for event in await post.events()] == ["mail_accepted"]
    assert post.facts.all == [CHANGED] * 3


@pytest.mark.parametrize("where", ["rcpt", "data"])
async def test_refused_for_good(post: Post, where: str) -> None:
    desk = Desk()
    getattr(desk, f"{where}_answers").append("550 5.1.1 No such user")
    async with serving(desk) as port, post.open(port) as outbox:
        failed = await post.until(Delivery.FAILED)
        post.clock.move(timedelta(hours=1))
        await post.db.write(lambda unit: unit.outbox.add(replace(MAIL, id="m9")))
        outbox.wake()
        await post.until(Delivery.SENT, "m9")
    assert failed.reason == "550 5.1.1 No such user"
    assert len(desk.taken) == 1
    first = (await post.events())[0]
    assert first.kind == "mail_failed"
    assert "550" not in str(first.data)


@pytest.mark.parametrize("phase", CUTS)
async def test_cut_off_then_sent(post: Post, phase: str) -> None:
    desk = Desk(cuts=[phase])
    async with serving(desk) as port, post.open(port):
        delayed = await post.until(Delivery.DELAYED)
        assert delayed.reason in {
            "The connection to the mail server was cut off.",
            "The mail server can't be reached.",
        }
        await post.next_try()
        await post.until(Delivery.SENT)
    assert len(desk.taken) == (2 if phase == "dot" else 1)
    assert {taken.message["Message-ID"] for taken in desk.taken} == {"<first@visits.agency.example>"}


async def test_server_down_then_up(post: Post) -> None:
    port = free_port()
    desk = Desk()
    async with post.open(port):
        for attempts in (1, 2, 3):
            delayed = await post.until(Delivery.DELAYED, attempts=attempts)
            assert delayed.reason == "The mail server can't be reached."
            if attempts < 3:
                await post.next_try()
        async with serving(desk, port=port):
            await post.next_try()
            await post.until(Delivery.SENT)
    assert len(desk.taken) == 1


async def test_the_reason_is_in_the_employees_language(post: Post) -> None:
    await post.db.write(lambda unit: unit.people.put_employee(replace(CAREGIVER, language=Language.FR)))
    async with post.open(free_port()):
        delayed = await post.until(Delivery.DELAYED)
    assert delayed.reason == "Le serveur de messagerie est injoignable."


async def test_failed_when_the_link_expires(post: Post) -> None:
    async with post.open(free_port()):
        await post.until(Delivery.DELAYED)
        post.clock.move(VISIT.ends_at + timedelta(days=1) - timedelta(seconds=1) - post.clock.now())
        assert post.outbox is not None
        post.outbox.wake()
        failed = await post.until(Delivery.FAILED)
    assert failed.reason == "The mail server can't be reached."
    assert [event.kind for event in await post.events()] == ["mail_failed"]


async def test_one_mail_is_never_on_the_wire_twice_and_several_are_at_once(post: Post) -> None:
    def queue(unit: Unit) -> None:
        for number in range(2, 11):
            unit.outbox.add(replace(MAIL, id=f"n{number}", message_id=f"n{number}"))

    await post.db.write(queue)
    desk = Desk(gate=asyncio.Event())
    async with serving(desk) as port, post.open(port) as outbox:
        while desk.at_once < POOL:
            desk.arrived.clear()
            outbox.wake()
            await desk.arrived.wait()
        for _ in range(20):
            outbox.wake()
            await post.mails()
        assert desk.gate is not None
        desk.gate.set()
        for number in range(2, 11):
            await post.until(Delivery.SENT, f"n{number}")
        await post.until(Delivery.SENT)
    ids = [taken.message["Message-ID"] for taken in desk.taken]
    assert len(ids) == len(set(ids)) == 10
    assert desk.most_at_once == POOL


async def test_storage_that_fails_after_the_server_said_yes(post: Post) -> None:
    desk = Desk(gate=asyncio.Event())
    async with serving(desk) as port, post.open(port) as outbox:
        await desk.arrived.wait()
        post.db.broken = True
        assert desk.gate is not None
        desk.gate.set()
        await post.db.refused.wait()
        outbox.wake()
        assert (await post.mail()).state is Delivery.SENDING
        post.db.broken = False
        await post.until(Delivery.SENT)
    assert len(desk.taken) == 1


async def test_a_fault_after_the_server_said_yes(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "_FAULT_PAUSE", 0.01)
    desk = Desk(gate=asyncio.Event())
    async with serving(desk) as port, post.open(port):
        await desk.arrived.wait()
        post.db.fault = ZeroDivisionError()
        assert desk.gate is not None
        desk.gate.set()
        await post.until(Delivery.SENT)
    assert len(desk.taken) == 1


async def test_storage_that_fails_before(post: Post) -> None:
    post.db.broken = True
    desk = Desk()
    async with serving(desk) as port, post.open(port):
        await post.db.refused.wait()
        assert desk.connections == 0
        post.db.broken = False
        await post.until(Delivery.SENT)
    assert len(desk.taken) == 1


async def test_crash_between_acceptance_and_record(post: Post) -> None:
    desk = Desk(gate=asyncio.Event())
    async with serving(desk) as port:
        async with post.open(port, grace=0):
            await desk.arrived.wait()
            post.db.broken = True
            assert desk.gate is not None
            desk.gate.set()
            await post.db.refused.wait()
        assert (await post.mail()).state is Delivery.SENDING
        post.db.broken = False
        async with post.open(port):
            await post.until(Delivery.SENT)
    assert [taken.message["Message-ID"] for taken in desk.taken] == ["<first@visits.agency.example>"] * 2


class Breaking:
    """A sender with a fault."""

    def __init__(self) -> None:
        self.sent = 0

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        self.sent += 1
        if self.sent == 1:
            raise ZeroDivisionError(recipient)
        return Accepted()


async def test_a_fault_of_our_own_loses_no_mail(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    async with post.open(Breaking()):
        await post.until(Delivery.DELAYED)
        await post.next_try()
        await post.until(Delivery.SENT)
    assert "mail m1: ZeroDivisionError" in caplog.text


async def test_what_can_not_be_made_fails(post: Post) -> None:
    await post.db.write(lambda unit: unit.people.put_client(replace(CLIENT, name="=?utf-8?q?=0D=0ABcc:_x?=")))
    desk = Desk()
    async with serving(desk) as port, post.open(port):
        failed = await post.until(Delivery.FAILED)
    assert failed.reason == "The mail could not be made from what is stored."
    assert desk.connections == 0


async def test_no_person_and_no_secret_in_the_log(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    desk = Desk(rcpt_answers=["450 <marie@client.example>: later"], data_answers=["550 No"])
    async with serving(desk) as port, post.open(port):
        await post.until(Delivery.DELAYED)
        await post.next_try()
        await post.until(Delivery.FAILED)
    ours = " ".join(record.getMessage() for record in caplog.records if not record.name.startswith("mail."))
    for secret in ("marie", "Marie", "Anna", "client.example", LINK[-43:], "later"):
        assert secret not in ours


def test_pauses_grow() -> None:
    for attempts, pause in enumerate((*PAUSES, PAUSES[-1], PAUSES[-1]), 1):
        assert pause_after(attempts, 0.5) == pause
        assert pause_after(attempts, 0) == pause * (1 - SPREAD)
        assert pause_after(attempts, 1) == pause * (1 + SPREAD)
    assert list(PAUSES) == sorted(PAUSES)
