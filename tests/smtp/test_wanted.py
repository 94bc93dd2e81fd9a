"""Which mails still leave when the schedule changes under them, before, between and during the tries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from signaling.domain.invite import Delivery, Standing
from signaling.domain.session import State
from signaling.mail.ledger import Follow, record, take
from signaling.mail.smtp import Rejected, Trouble, TryLater
from signaling.ports import Fact, Mail, MailKind, Session, Unit
from tests.smtp.letters import CANCELLATION, CLIENT, MAIL, NOON, VISIT
from tests.smtp.post import Post, link_of
from tests.smtp.servers import Desk, serving

CHANGED = Fact("invite_changed", visit="v1", employees=("anna",))


def session(state: State) -> Callable[[Unit], object]:
    return lambda unit: unit.sessions.put_session(Session("v1", state, 2, NOON))


UNWANTED: dict[str, Callable[[Unit], object]] = {
    "session over": session(State.TERMINATED),
    "cancelled": lambda unit: unit.visits.put_visit(replace(VISIT, cancelled_at=NOON, sequence=1)),
    "moved": lambda unit: (
        unit.visits.put_visit(replace(VISIT, starts_at=NOON, sequence=1)),
        unit.invites.end_live("v1", Standing.MOVED),
    ),
    "replaced": lambda unit: unit.invites.end_live("v1", Standing.REPLACED),
    "revoked": lambda unit: unit.invites.revoke_all("v1"),
    "address changed": lambda unit: unit.people.put_client(replace(CLIENT, email="other@client.example")),
    "address removed": lambda unit: unit.people.put_client(replace(CLIENT, email=None)),
}


@pytest.mark.parametrize("why", UNWANTED)
async def test_dropped(post: Post, why: str) -> None:
    await post.db.write(UNWANTED[why])
    desk = Desk()
    async with serving(desk) as port, post.open(port):
        dropped = await post.until(Delivery.DROPPED)
    assert (dropped.accepted_at, dropped.attempts) == (None, 0)
    assert desk.connections == 0
    assert post.facts.all == [CHANGED]
    assert await post.events() == []


@pytest.mark.parametrize("why", UNWANTED)
async def test_dropped_while_delayed(post: Post, why: str) -> None:
    desk = Desk(rcpt_answers=["450 Later"])
    async with serving(desk) as port, post.open(port):
        await post.until(Delivery.DELAYED)
        await post.db.write(UNWANTED[why])
        await post.next_try()
        dropped = await post.until(Delivery.DROPPED)
    assert dropped.reason is None
    assert desk.taken == []


async def test_dropped_when_the_link_has_expired(post: Post) -> None:
    post.clock.move(timedelta(days=3))
    desk = Desk()
    async with serving(desk) as port, post.open(port):
        await post.until(Delivery.DROPPED)
    assert desk.connections == 0


@pytest.mark.parametrize("state", [State.INVITED, State.JOINED, State.CLIENT_HUNG_UP])
async def test_sent_while_the_session_goes_on(post: Post, state: State) -> None:
    await post.db.write(session(state))
    desk = Desk()
    async with serving(desk) as port, post.open(port):
        await post.until(Delivery.SENT)


def put(mail: Mail, unit: Unit) -> None:
    unit.outbox.update(mail)


def cancel(unit: Unit) -> None:
    unit.visits.put_visit(replace(VISIT, cancelled_at=NOON, sequence=1))
    unit.outbox.add(CANCELLATION)


@pytest.mark.parametrize("state", State)
async def test_cancellation(post: Post, state: State) -> None:
    await post.db.write(session(state))
    await post.db.write(cancel)
    desk = Desk()
    async with serving(desk) as port, post.open(port):
        await post.until(Delivery.SENT, "m2")
        await post.until(Delivery.DROPPED, "m1")
    (taken,) = desk.taken
    assert taken.message["Message-ID"] == "<second@visits.agency.example>"
    assert b'method="CANCEL"' in taken.raw
    (event,) = await post.events()
    assert event.data == {"mail": "m2", "mailKind": "cancellation", "attempts": 1}


async def test_cancellation_never_goes_to_an_old_address(post: Post) -> None:
    await post.db.write(cancel)
    await post.db.write(UNWANTED["address changed"])
    desk = Desk()
    async with serving(desk) as port, post.open(port):
        await post.until(Delivery.DROPPED, "m2")
    assert desk.connections == 0


async def test_cancelled_while_the_invite_is_on_the_wire(post: Post) -> None:
    desk = Desk(gate=asyncio.Event())
    async with serving(desk) as port, post.open(port):
        await desk.arrived.wait()
        await post.db.write(UNWANTED["cancelled"])
        assert desk.gate is not None
        desk.gate.set()
        await post.until(Delivery.SENT)
        invite, follower = await post.mails()
        assert (invite.kind, follower.kind) == (MailKind.INVITE, MailKind.CANCELLATION)
        await post.until(Delivery.SENT, follower.id)
    assert [b'method="CANCEL"' in taken.raw for taken in desk.taken] == [False, True]
    assert len(await post.mails()) == 2


async def test_moved_while_the_invite_is_on_the_wire(post: Post) -> None:
    desk = Desk(gate=asyncio.Event())
    async with serving(desk) as port, post.open(port):
        await desk.arrived.wait()
        await post.db.write(UNWANTED["moved"])
        assert desk.gate is not None
        desk.gate.set()
        assert (await post.until(Delivery.SENT)).accepted_at == NOON


async def test_what_an_old_look_still_shows_is_not_taken_in_hand(post: Post) -> None:
    """A look at the outbox may be older than what became of a mail meanwhile."""
    now = post.clock.now()
    for settled in (
        replace(MAIL, state=Delivery.SENT, accepted_at=now),
        replace(MAIL, state=Delivery.FAILED),
        replace(MAIL, state=Delivery.DROPPED),
        replace(MAIL, state=Delivery.DELAYED, next_try_at=now + timedelta(seconds=1)),
    ):
        await post.db.write(partial(put, settled))
        assert await post.db.write(lambda unit: take(unit, "m1", now, link_of)) is None
    assert await post.db.write(lambda unit: take(unit, "unknown", now, link_of)) is None


@pytest.mark.parametrize("state", [Delivery.SENT, Delivery.DROPPED])
async def test_a_settled_mail_stays_settled(post: Post, state: Delivery) -> None:
    now = post.clock.now()
    await post.db.write(partial(put, replace(MAIL, state=state)))
    for outcome in (TryLater(Trouble.CUT_OFF), Rejected(Trouble.ANSWER, "550 No")):
        noted = await post.db.write(
            partial(record, id="m1", outcome=outcome, now=now, chance=0.5, follow=Follow("a", "b"))
        )
        assert noted is None
    assert (await post.mail()).state is state
    assert await post.events() == []


async def test_stop_waits_for_what_is_on_the_wire(post: Post) -> None:
    desk = Desk(gate=asyncio.Event())
    async with serving(desk) as port:
        async with post.open(port):
            await desk.arrived.wait()
            assert desk.gate is not None
            asyncio.get_running_loop().call_soon(desk.gate.set)
        assert (await post.mail()).state is Delivery.SENT
