"""Who is there: by the last byte heard, by farewells, by hanging up. And it never changes the session's state."""

from __future__ import annotations

import pytest

from signaling.domain.presence import Presence
from signaling.domain.session import Role, State
from signaling.ports import Fact
from signaling.protocol.resources import EndedView
from signaling.services.asker import Asker
from signaling.services.calls import LegRef
from tests.sockets.scene import ANNA, PASS, VISIT, Scene

CLIENT = Asker(client_pass=PASS, connection="http:1")


async def test_a_short_silence_is_not_told(scene: Scene) -> None:
    caregiver, client = await scene.both()
    await scene.drop(client)
    scene.timers.pass_(19)
    assert scene.rooms.presence(VISIT, Role.CLIENT) is Presence.PRESENT
    again = await scene.page("client")
    await again.join("leg-b", resume=True, pair="1.1.1")
    await caregiver.until("peer_changed", presence="present")
    scene.timers.pass_(30)
    assert scene.rooms.presence(VISIT, Role.CLIENT) is Presence.PRESENT
    assert not [event for event, _ in caregiver.heard if event == "peer_changed"]


async def test_a_long_silence_is_a_loss(scene: Scene) -> None:
    caregiver, client = await scene.both()
    await scene.drop(client)
    scene.timers.pass_(20)
    await caregiver.until("peer_changed", presence="lost", pair="1.1.1")
    assert await scene.state() is State.JOINED
    again = await scene.page("client")
    assert (await again.join("leg-b", resume=True, pair="1.1.1"))["pair"] == "1.1.1"
    await caregiver.until("peer_changed", presence="present")


async def test_hanging_up_is_told_at_once_and_can_be_undone(scene: Scene) -> None:
    caregiver, client = await scene.both()
    await caregiver.until("session_changed")
    ended = await client.done("hang_up", commandId="c1")
    assert ended == {"ok": True, "state": "client_hung_up", "rev": 3, "alreadyOver": False}
    assert await client.done("hang_up", commandId="c1") == ended
    await caregiver.until("session_changed", state="client_hung_up")
    await caregiver.until("peer_changed", presence="left")
    await client.join("leg-c")
    await caregiver.until("session_changed", state="joined")
    await caregiver.until("peer_changed", presence="present", pair="1.2.1")


async def test_the_page_that_hung_up_hears_of_the_end(scene: Scene) -> None:
    caregiver, client = await scene.both()
    await client.done("hang_up", commandId="c1")
    await client.until("session_changed", state="client_hung_up")
    await caregiver.done("end_session", commandId="c2")
    await client.until("session_changed", state="terminated")


async def test_the_end_is_final(scene: Scene) -> None:
    caregiver, client = await scene.both()
    ended = await caregiver.done("end_session", commandId="c1")
    assert ended["state"] == "terminated"
    await client.until("session_changed", state="terminated")
    assert (await caregiver.done("end_session", commandId="c2"))["alreadyOver"] is True
    for role in ("caregiver", "client"):
        page = await scene.page(role)
        assert await page.refused("join", protocol=1, visitId=VISIT, legId="leg-x") in {"session_over", "link_over"}
    for page in (caregiver, client):
        await scene.drop(page)
    assert scene.rooms.presence(VISIT, Role.CLIENT) is not Presence.PRESENT


async def test_each_role_has_its_own_end(scene: Scene) -> None:
    caregiver, client = await scene.both()
    assert await caregiver.refused("hang_up", commandId="c1") == "forbidden"
    assert await client.refused("end_session", commandId="c1") == "forbidden"
    assert await scene.state() is State.JOINED


@pytest.mark.parametrize("why", ["closed", "left"])
async def test_farewell_over_the_socket(scene: Scene, why: str) -> None:
    caregiver, client = await scene.both()
    await client.done("leave", why=why)
    await caregiver.until("peer_changed", presence=why)
    assert await scene.state() is State.JOINED


async def test_hanging_up_over_http_reaches_the_same_room(scene: Scene) -> None:
    caregiver, client = await scene.both()
    view = await scene.calls.hang_up(CLIENT, VISIT, "c1", LegRef("leg-b", 1))
    assert view == EndedView(state=State.CLIENT_HUNG_UP, rev=3, already_over=False)
    await caregiver.until("session_changed", state="client_hung_up")
    await caregiver.until("peer_changed", presence="left")
    assert (await client.done("hang_up", commandId="c1"))["rev"] == 3


async def test_a_late_farewell_does_not_outlive_the_page_that_is_back(scene: Scene) -> None:
    """The beacon of a page that was reloaded comes after the reloaded one has joined."""
    caregiver, client = await scene.both()
    await scene.calls.farewell(CLIENT, VISIT, Role.CLIENT, LegRef("leg-b", 1), Presence.CLOSED)
    await caregiver.until("peer_changed", presence="closed")
    await client.until_closed()
    again = await scene.page("client")
    await again.join("leg-b", resume=True, pair="1.1.1")
    await caregiver.until("peer_changed", presence="present", pair="1.1.1")


async def test_a_farewell_of_an_older_leg_is_nothing(scene: Scene) -> None:
    caregiver, _ = await scene.both()
    tablet = await scene.page("client")
    await tablet.join("leg-c")
    await scene.calls.farewell(CLIENT, VISIT, Role.CLIENT, LegRef("leg-b", 1), Presence.CLOSED)
    late = {"role": "client", "generation": 1, "why": "closed"}
    scene.announcer.publish([Fact("leg_ended", VISIT, ("anna",), late)])
    assert scene.rooms.presence(VISIT, Role.CLIENT) is Presence.PRESENT
    await tablet.done("quality", grade="poor")
    await caregiver.until("peer_quality", grade="poor")


async def test_who_is_in_a_call(scene: Scene) -> None:
    assert not scene.rooms.in_call(ANNA.id)
    caregiver = await scene.page("caregiver")
    await caregiver.join("leg-a")
    assert scene.rooms.in_call(ANNA.id)
    await caregiver.done("leave", why="left")
    assert not scene.rooms.in_call(ANNA.id)


async def test_media_state_and_quality_are_passed_on_and_kept(scene: Scene) -> None:
    caregiver, client = await scene.both()
    await client.done("media_state", camera="none", microphone="on")
    await caregiver.until("peer_media", camera="none", microphone="on")
    await client.done("quality", grade="fair")
    await caregiver.until("peer_quality", grade="fair")
    again = await scene.page("caregiver")
    peer = (await again.join("leg-a", resume=True))["peer"]
    assert (peer["media"], peer["grade"]) == ({"camera": "none", "microphone": "on"}, "fair")
    tablet = await scene.page("client")
    await tablet.join("leg-c")
    assert (await again.join("leg-a", resume=True))["peer"]["media"] is None


async def test_a_page_that_is_there_is_told_what_devices_the_other_comes_with(scene: Scene) -> None:
    caregiver, client = await scene.page("caregiver"), await scene.page("client")
    await caregiver.join("leg-a")
    await client.join("leg-b", media={"camera": "none", "microphone": "off"})
    await caregiver.until("peer_media", camera="none", microphone="off")


async def test_before_joining_there_is_nothing_to_do(scene: Scene) -> None:
    page = await scene.page("client")
    for name, message in (
        ("media_state", {"camera": "on", "microphone": "on"}),
        ("quality", {"grade": "good"}),
        ("renegotiate", {"pair": "1.1.1"}),
        ("hang_up", {"commandId": "c1"}),
        ("leave", {"why": "left"}),
    ):
        assert await page.refused(name, **message) == "not_in_call"
    assert await scene.state() is State.INVITED
