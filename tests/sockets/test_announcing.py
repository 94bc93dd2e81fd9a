"""What pages are told when something happens elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from signaling.domain.invite import Delivery, How, Invite, Standing
from signaling.domain.presence import Presence
from signaling.domain.session import Role
from signaling.domain.visit import Language
from signaling.ports import Fact, Mail, MailKind, Unit
from tests.sockets.scene import SIGN_IN, VISIT, Scene

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
INVITE = Invite("i2", VISIT, How.EMAIL, "rose@home.example", NOON, "employee:anna", NOON, Standing.LIVE, bytes(32))
MAIL = Mail("m1", MailKind.INVITE, VISIT, "i2", "rose@home.example", Language.FR, "m1", Delivery.SENDING, 0, NOON, NOON)


def update(mail: Mail, unit: Unit) -> None:
    unit.outbox.update(mail)


async def test_staff_pages_follow_their_schedule_and_the_office_all(scene: Scene) -> None:
    anna, ben, cora = [await scene.page("watch", employee) for employee in ("anna", "ben", "cora")]
    for page in (anna, ben, cora):
        assert (await page.done("watch", protocol=1))["protocol"] == 1
    scene.announcer.publish([Fact("visit_changed", VISIT, ("anna",)), Fact("visit_changed", "v9", ("ben",))])
    await anna.until("visit_changed", visitId=VISIT)
    await cora.until("visit_changed", visitId=VISIT)
    await cora.until("visit_changed", visitId="v9")
    await ben.until("visit_changed", visitId="v9")
    assert not anna.heard
    assert not ben.heard


async def test_staff_pages_see_the_client_waiting(scene: Scene) -> None:
    anna, ben = [await scene.page("watch", employee) for employee in ("anna", "ben")]
    for page in (anna, ben):
        await page.done("watch", protocol=1)
    client = await scene.page("client")
    await client.join("leg-b")
    told = await anna.until("peer_changed")
    assert told == {"visitId": VISIT, "role": "client", "presence": "present", "pair": None}
    await anna.until("session_changed", state="joined")
    await client.done("leave", why="closed")
    await anna.until("peer_changed", presence="closed")
    assert not ben.heard


async def test_the_last_invite_is_for_the_caregiver_only(scene: Scene) -> None:
    caregiver, client = await scene.both()
    watcher = await scene.page("watch", "anna")
    await watcher.done("watch", protocol=1)
    await scene.db.write(lambda unit: unit.invites.add(INVITE, b"another"))
    await scene.db.write(lambda unit: unit.outbox.add(MAIL))
    told = []
    for state in (Delivery.SENDING, Delivery.SENT):
        mail = replace(MAIL, state=state, accepted_at=NOON if state is Delivery.SENT else None)
        await scene.db.write(partial(update, mail))
        scene.announcer.publish([Fact("invite_changed", VISIT, ("anna",))])
        told.append((await caregiver.until("invite_changed"))["lastInvite"])
        assert (await watcher.until("invite_changed"))["lastInvite"] is None
    assert [(last["delivery"], last["sentAt"], last["to"]) for last in told] == [
        ("sending", None, "rose@home.example"),
        ("sent", "2026-03-02T12:00:00.000Z", "rose@home.example"),
    ]
    scene.announcer.publish([Fact("visit_changed", VISIT, ("anna",))])
    await client.until("visit_changed")
    assert not [event for event, _ in client.heard if event == "invite_changed"]


async def test_revoked_links_close_the_clients_page(scene: Scene) -> None:
    caregiver, client = await scene.both()
    waiting = await scene.page("client")
    scene.announcer.publish([Fact("links_revoked", VISIT, ("anna",))])
    await caregiver.until("peer_changed", presence="closed")
    for page in (client, waiting):
        assert await page.until("leg_closed") == {"code": "link_revoked"}
    assert await client.refused("media_state", camera="on", microphone="on") == "link_revoked"
    for page in (client, waiting):
        await page.until_closed()
    assert caregiver.sio.connected


async def test_a_cancelled_visit_closes_its_pages(scene: Scene) -> None:
    client = await scene.page("client")
    await client.join("leg-b")
    scene.announcer.publish([Fact("visit_cancelled", VISIT, ("anna",))])
    assert await client.until("leg_closed") == {"code": "visit_cancelled"}
    await client.until_closed()
    assert scene.rooms.presence(VISIT, Role.CLIENT) is Presence.CLOSED


async def test_an_employee_who_is_switched_off_loses_every_socket(scene: Scene) -> None:
    caregiver, client = await scene.both()
    watcher, other = await scene.page("watch", "anna"), await scene.page("watch", "ben")
    for page in (watcher, other):
        await page.done("watch", protocol=1)
    scene.announcer.publish([Fact("employee_switched_off", employees=("anna",))])
    for page in (caregiver, watcher):
        assert await page.until("leg_closed") == {"code": "not_signed_in"}
        await page.until_closed()
    assert client.sio.connected
    assert other.sio.connected


async def test_signing_out_ends_the_sockets_of_that_browser_only(scene: Scene) -> None:
    caregiver, _ = await scene.both()
    elsewhere = await scene.page("watch", "anna")
    scene.announcer.publish([Fact("signed_out", employees=("anna",), data={"signIn": SIGN_IN.hex()})])
    await caregiver.until_closed()
    assert elsewhere.sio.connected
    scene.announcer.publish([Fact("signed_out", employees=("anna",))])
    await elsewhere.until_closed()


async def test_a_fact_that_can_not_be_told_hides_no_other(scene: Scene) -> None:
    caregiver, _ = await scene.both()
    scene.announcer.publish(
        [Fact("nonsense"), Fact("session_changed", VISIT, data={"rev": 9}), Fact("visit_changed", VISIT)]
    )
    await caregiver.until("visit_changed")


async def test_draining(scene: Scene) -> None:
    caregiver, client = await scene.both()
    scene.sockets.drain(3000)
    for page in (caregiver, client):
        assert await page.until("draining") == {"spreadMs": 3000}
