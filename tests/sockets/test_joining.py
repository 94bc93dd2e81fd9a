"""Coming in: tickets, snapshots, coming back, taking over."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any, NoReturn

import pytest

from signaling.domain.presence import Presence
from signaling.domain.session import Role, State
from signaling.errors import Code, Refused
from signaling.ports import Fact
from signaling.services.joining import Joined
from signaling.settings import Settings
from signaling.transport.sockets import Deadlines
from tests.sockets.raw import raw
from tests.sockets.scene import ANNA, PATIENCE, VISIT, NotAdmitted, Scene, playing


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_join_answers_with_the_snapshot(scene: Scene, transport: str) -> None:
    page = await scene.page("caregiver", transport=transport)
    snapshot = await page.join("leg-a")
    assert snapshot["role"] == "caregiver"
    assert (snapshot["generation"], snapshot["state"], snapshot["pair"], snapshot["polite"]) == (
        1,
        "invited",
        None,
        False,
    )
    assert snapshot["peer"] == {"name": "Rose Petit", "presence": "never", "media": None, "grade": None}
    stun, turn = snapshot["iceServers"]
    assert stun == {"urls": ["stun:stun.willow.example"]}
    assert turn["urls"] == ["turn:turn.willow.example"]
    assert turn["username"].endswith(":leg-a")
    assert snapshot["iceTtlSeconds"] == 600
    assert snapshot["visit"]["phone"] == "+33 1 99 00 00 01"
    await page.close()
    await scene.empty()


async def test_client_joins_and_both_know(scene: Scene) -> None:
    caregiver = await scene.page("caregiver")
    await caregiver.join("leg-a", media={"camera": "on", "microphone": "off"})
    client = await scene.page("client")
    snapshot = await client.join("leg-b")
    assert snapshot["state"] == "joined"
    assert (snapshot["pair"], snapshot["polite"]) == ("1.1.1", True)
    assert snapshot["peer"] == {
        "name": "Anna",
        "presence": "present",
        "media": {"camera": "on", "microphone": "off"},
        "grade": None,
    }
    assert (await caregiver.until("session_changed"))["state"] == "joined"
    told = await caregiver.until("peer_changed")
    assert told == {"visitId": VISIT, "role": "client", "presence": "present", "pair": "1.1.1", "name": "Rose Petit"}
    # The joiner hears of its own step only after the snapshot, which says the same.
    assert (await client.until("session_changed"))["rev"] == snapshot["rev"]
    assert await scene.state() is State.JOINED


async def test_what_a_join_causes_is_told_after_its_snapshot(scene: Scene) -> None:
    async with raw(scene) as page:
        await page.admitted(scene)
        join = json.dumps(["join", {"protocol": 1, "visitId": VISIT, "legId": "leg-b"}])
        assert (await page.answer(f"421{join}"))["rev"] == 2
        assert (await page.frame()).startswith('42["session_changed"')


async def test_ticket_is_used_up(scene: Scene) -> None:
    ticket = scene.ticket("client")
    page = await scene.connect({"ticket": ticket})
    scene.pages.append(page)
    with pytest.raises(NotAdmitted, match="ticket_invalid"):
        await scene.connect({"ticket": ticket})


@pytest.mark.parametrize("auth", [None, {}, {"ticket": "x"}, {"ticket": 7}, {"ticket": "x", "more": 1}, {"a": {}}])
async def test_without_a_ticket_nobody_comes_in(scene: Scene, auth: object) -> None:
    with pytest.raises(NotAdmitted, match="ticket_invalid"):
        await scene.connect(auth)
    await scene.empty()


async def test_who_was_signed_out_meanwhile_does_not_come_in(scene: Scene) -> None:
    ticket = scene.ticket("caregiver")
    await scene.db.write(lambda unit: unit.people.remove_sign_ins_of("anna"))
    with pytest.raises(NotAdmitted, match="not_signed_in"):
        await scene.connect({"ticket": ticket})


async def test_a_revoked_link_does_not_come_in(scene: Scene) -> None:
    ticket = scene.ticket("client")
    await scene.db.write(lambda unit: unit.invites.revoke_all(VISIT))
    with pytest.raises(NotAdmitted, match="link_revoked"):
        await scene.connect({"ticket": ticket})


async def test_the_ticket_alone_names_role_and_visit(scene: Scene) -> None:
    page = await scene.page("client")
    answer = await page.command("join", protocol=1, visitId="v2", legId="leg-b")
    assert answer["error"]["code"] == "not_found"
    watcher = await scene.page("watch", "anna")
    assert await watcher.refused("join", protocol=1, visitId=VISIT, legId="leg-x") == "forbidden"
    assert await page.refused("watch", protocol=1) == "forbidden"


async def test_unsupported_protocol(scene: Scene) -> None:
    page = await scene.page("client")
    assert await page.refused("join", protocol=99, visitId=VISIT, legId="leg-b") == "protocol_unsupported"
    assert await scene.state() is State.INVITED


async def test_the_same_leg_comes_back_with_its_pair(scene: Scene) -> None:
    caregiver, client = await scene.both()
    again = await scene.page("client")
    snapshot = await again.join("leg-b", resume=True, pair="1.1.1")
    assert (snapshot["generation"], snapshot["pair"]) == (1, "1.1.1")
    await client.until_closed()
    assert not [event for event, _ in client.heard if event == "replaced"]
    assert (await caregiver.until("peer_changed"))["pair"] == "1.1.1"


async def test_a_reload_begins_a_new_try(scene: Scene) -> None:
    caregiver, _ = await scene.both()
    again = await scene.page("client")
    assert (await again.join("leg-b", resume=True))["pair"] == "1.1.2"
    assert (await caregiver.until("peer_changed"))["pair"] == "1.1.2"


async def test_joining_again_on_the_same_connection_gives_fresh_servers(scene: Scene) -> None:
    caregiver, client = await scene.both()
    snapshot = await client.join("leg-b", resume=True, pair="1.1.1")
    assert snapshot["iceServers"]
    assert snapshot["pair"] == "1.1.1"
    await client.done("quality", grade="good")
    await caregiver.until("peer_quality", grade="good")
    assert not [event for event, _ in caregiver.heard if event == "peer_changed"]


async def test_another_device_of_the_client_takes_over(scene: Scene) -> None:
    caregiver, client = await scene.both()
    tablet = await scene.page("client")
    snapshot = await tablet.join("leg-c")
    assert (snapshot["generation"], snapshot["pair"]) == (2, "1.2.1")
    await client.until("replaced")
    assert await client.refused("media_state", camera="on", microphone="on") == "leg_replaced"
    assert await client.refused("hang_up", commandId="c1") == "leg_replaced"
    await client.until_closed()
    assert (await caregiver.until("peer_changed"))["pair"] == "1.2.1"
    assert await scene.state() is State.JOINED


async def test_the_caregiver_is_asked_which_page_to_use(scene: Scene) -> None:
    first = await scene.page("caregiver")
    await first.join("leg-a")
    second = await scene.page("caregiver")
    assert await second.refused("join", protocol=1, visitId=VISIT, legId="leg-c") == "call_open_elsewhere"
    await first.done("quality", grade="good")
    assert (await second.join("leg-c", takeover=True))["generation"] == 2
    await first.until("replaced")
    await first.until_closed()


async def test_two_pages_of_the_caregiver_at_once(scene: Scene) -> None:
    pages = [await scene.page("caregiver") for _ in range(4)]
    answers = await asyncio.gather(
        *(page.command("join", protocol=1, visitId=VISIT, legId=f"leg-{n}") for n, page in enumerate(pages))
    )
    assert sorted(answer["ok"] for answer in answers) == [False, False, False, True]


async def test_after_a_start_of_the_server_the_call_goes_on(settings: Settings) -> None:
    async with playing(settings, Deadlines()) as scene:
        await scene.both()
    async with playing(settings, Deadlines(), fresh=False) as scene:
        assert scene.rooms.presence(VISIT, Role.CLIENT) is Presence.UNKNOWN
        caregiver = await scene.page("caregiver")
        snapshot = await caregiver.join("leg-a", resume=True, pair="1.1.3")
        assert (snapshot["generation"], snapshot["pair"], snapshot["state"]) == (1, "1.1.3", "joined")
        assert snapshot["peer"]["presence"] == "unknown"
        client = await scene.page("client")
        assert (await client.join("leg-b", resume=True, pair="1.1.3"))["pair"] == "1.1.3"
        await caregiver.until("peer_changed", presence="present", pair="1.1.3")
        assert scene.rooms.in_call(ANNA.id)


async def test_who_does_not_come_back_after_a_start_is_lost(settings: Settings) -> None:
    async with playing(settings, Deadlines()) as scene:
        await scene.both()
    async with playing(settings, Deadlines(), fresh=False) as scene:
        caregiver = await scene.page("caregiver")
        await caregiver.join("leg-a", resume=True, pair="1.1.1")
        scene.timers.pass_(20)
        await caregiver.until("peer_changed", presence="lost")
        assert scene.rooms.presence(VISIT, Role.CAREGIVER) is Presence.PRESENT


@pytest.mark.parametrize(("kind", "code"), [("links_revoked", "link_revoked"), ("visit_cancelled", "visit_cancelled")])
async def test_what_is_announced_in_the_middle_of_a_join_counts(
    scene: Scene, kind: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await scene.page("client")
    join = scene.joining.join

    async def slow(*arguments: Any) -> Joined:
        joined = await join(*arguments)
        scene.announcer.publish([Fact(kind, VISIT, ("anna",))])
        return joined

    monkeypatch.setattr(scene.joining, "join", slow)
    assert await page.refused("join", protocol=1, visitId=VISIT, legId="leg-b") == code
    assert await page.until("leg_closed") == {"code": code}
    await page.until_closed()


async def test_a_page_that_goes_in_the_middle_of_a_join_is_not_left_present(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await scene.page("client")
    join = scene.joining.join

    async def slow(*arguments: Any) -> Joined:
        joined = await join(*arguments)
        (connection,) = scene.register.all()
        connection.cut()
        await scene.empty()
        return joined

    monkeypatch.setattr(scene.joining, "join", slow)
    await page.sio.emit("join", {"protocol": 1, "visitId": VISIT, "legId": "leg-b"})
    await page.until_closed()
    scene.timers.pass_(20)
    assert scene.rooms.presence(VISIT, Role.CLIENT) is Presence.LOST


async def test_a_command_that_fails_is_answered(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    page = await scene.page("client")

    async def broken(*_: Any) -> Joined:
        raise TypeError("leg-secret")

    monkeypatch.setattr(scene.joining, "join", broken)
    assert await page.refused("join", protocol=1, visitId=VISIT, legId="leg-secret") == "internal"
    assert "TypeError" in caplog.text
    assert "leg-secret" not in caplog.text


async def test_the_end_of_the_server_leaves_nobody_behind(settings: Settings) -> None:
    async with playing(settings, Deadlines()) as scene:
        caregiver, client = await scene.both()
        polling = await scene.page("watch", "anna", transport="polling")
        async with raw(scene) as deaf:
            await deaf.admitted(scene, "watch")
            began = time.monotonic()
            await scene.stop()
            assert time.monotonic() - began < 6
            assert not scene.register.all()
            for page in (caregiver, client):
                await page.until("draining")
            for page in (caregiver, client, polling):
                await page.until_closed()


async def test_a_page_that_goes_while_it_is_let_in_leaves_no_room_behind(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, gone = asyncio.Event(), asyncio.Event()

    async def refuse(*_: object) -> NoReturn:
        begun.set()
        await gone.wait()
        raise Refused(Code.LINK_EXPIRED)

    monkeypatch.setattr(scene.joining, "join", refuse)
    page = await scene.page("client")
    await page.sio.emit("join", {"protocol": 1, "visitId": VISIT, "legId": "leg-b"})
    async with asyncio.timeout(PATIENCE):
        await begun.wait()
        scene.register.all()[0].cut()
        await scene.empty()
        gone.set()
        while scene.rooms._rooms:  # noqa: ASYNC110 -- nobody is told when a room goes
            await asyncio.sleep(0)
