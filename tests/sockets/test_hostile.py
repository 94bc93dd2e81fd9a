"""Nonsense, floods, other sites, and pages that never say what they want."""

from __future__ import annotations

import asyncio
import json
import logging
import socket

import aiohttp
import pytest

from signaling.domain.session import State
from signaling.protocol.messages import VisitChanged
from signaling.settings import Settings
from signaling.transport.engine import PING_SECONDS
from signaling.transport.sockets import Deadlines
from signaling.transport.wire import QUEUE_MAX
from tests.sockets.raw import POLLING, WEBSOCKET, raw
from tests.sockets.scene import PATIENCE, VISIT, Scene, playing

GARBAGE = [
    "",
    "x",
    "4",
    "4x",
    "4{",
    "42",
    "42{}",
    "42[",
    "42[]",
    '42["join",NaN]',
    '42["signal","1.1.1",{"n":1e999}]',
    '42["signal","1.1.1",{"n":123456789012345678901234567890}]',
    '42["signal","1.1.1",{"n":"\\ud800"}]',
    '42["join",{"a":1,"a":2}]',
    '42["join",' + "[" * 40 + "]" * 40 + "]",
    '42["join",' + "[" * 30000,
    "40[]",
    "40{",
    "44{}",
    '451-["join",{"_placeholder":true,"num":0}]',
    '42/admin,["join",{}]',
    "bAAAA",
    "4\u00b2",
    "0{}",
    "9",
    "2probe2",
]


@pytest.mark.parametrize("text", GARBAGE)
async def test_garbage_ends_the_connection(scene: Scene, text: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "signaling")
    async with raw(scene) as page:
        await page.settled(scene)
        await page.socket.send_str(text)
        assert await page.until_closed() == []
    await scene.empty()
    assert await scene.state() is State.INVITED
    assert not any(len(text) > 2 and text in record.getMessage() for record in caplog.records)


async def test_a_handler_that_is_cancelled_leaves_nothing_behind(settings: Settings) -> None:
    async with playing(settings, Deadlines(), cancels=True) as scene, raw(scene, autoclose=False) as page:
        await page.admitted(scene)
        await page.socket.send_str("x")
        assert (await page.socket.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.CLOSE
        # The server waits for the answer to its close when the network goes.
        transport = page.socket.get_extra_info("socket")
        assert transport is not None
        transport.shutdown(socket.SHUT_RDWR)
        # Long before the pings would find out.
        async with asyncio.timeout(PING_SECONDS):
            await scene.empty()


async def test_bytes_end_the_connection(scene: Scene) -> None:
    async with raw(scene) as page:
        await page.settled(scene)
        await page.socket.send_bytes(b"42[]")
        assert await page.until_closed() == []
    await scene.empty()


async def test_an_oversized_message_ends_the_connection(scene: Scene) -> None:
    async with raw(scene) as page:
        await page.settled(scene)
        await page.socket.send_str('421["join",{"legId":"' + "x" * 65536 + '"}]')
        assert await page.until_closed() == []
    await scene.empty()


async def test_events_named_like_the_librarys_own_are_nothing_special(scene: Scene) -> None:
    async with raw(scene) as page:
        await page.admitted(scene)
        for name in ("connect", "disconnect", "message", "*", "__class__", "nonsense", ""):
            answer = await page.answer(f"421{json.dumps([name, 'x', 'y'])}")
            assert answer["error"]["code"] == "validation_failed", name
        join = {"protocol": 1, "visitId": VISIT, "legId": "leg-b"}
        assert (await page.answer(f"422{json.dumps(['join', join])}"))["ok"] is True
    assert scene.sockets.counts["refused validation_failed"] == 7


async def test_events_before_the_ticket_are_not_heard(scene: Scene) -> None:
    async with raw(scene) as page:
        join = {"protocol": 1, "visitId": VISIT, "legId": "leg-b"}
        await page.socket.send_str(f"421{json.dumps(['join', join])}")
        await page.admitted(scene)
    assert await scene.state() is State.INVITED


async def test_wrong_messages_are_refused_with_the_field(scene: Scene) -> None:
    page = await scene.page("client")
    for message, field in (
        ({}, None),
        ({"protocol": "1", "visitId": VISIT, "legId": "l"}, "protocol"),
        ({"protocol": 1, "visitId": VISIT, "legId": "l\n"}, "legId"),
        ({"protocol": 1, "visitId": VISIT, "legId": "l", "pair": "x"}, "pair"),
        ({"protocol": 1, "visitId": VISIT, "legId": "l", "secret": "x"}, None),
        ({"protocol": 1, "visitId": VISIT, "legId": "l", "media": {"camera": "x", "microphone": "on"}}, "media.camera"),
    ):
        answer = await page.command("join", **message)
        assert answer["error"]["code"] == "validation_failed"
        assert answer["error"].get("field") == field
        assert "secret" not in answer["error"]["detail"]
    answer = await page.sio.call("join", ("a", "b"), timeout=5)
    assert answer["error"]["code"] == "validation_failed"


@pytest.mark.parametrize("wants_answer", [True, False])
async def test_a_flood_is_answered_once_and_cut_off(scene: Scene, wants_answer: bool) -> None:
    async with raw(scene) as page:
        await page.admitted(scene)
        number = "1" if wants_answer else ""
        try:
            for _ in range(2000):
                await page.socket.send_str(f'42{number}["quality",{{"grade":"good"}}]')
        except ConnectionError:
            pass
        frames = await page.until_closed()
        assert sum("too_many_requests" in frame for frame in frames) <= 1
    await scene.empty()
    assert scene.sockets.counts["refused too_many_requests"] == 1


async def test_a_flood_below_the_events_is_cut_off(scene: Scene) -> None:
    async with raw(scene) as page:
        await page.settled(scene)
        try:
            for _ in range(5000):
                await page.socket.send_str("3")
        except ConnectionError:
            pass
        await page.until_closed()
    await scene.empty()


async def test_sockets_are_not_compressed(scene: Scene) -> None:
    async with raw(scene) as page:
        assert page.socket.compress == 0


@pytest.mark.parametrize(
    ("origin", "more"),
    [("https://evil.example", {}), ("null", {}), ("https://evil.example", {"X-Forwarded-Host": "evil.example"})],
)
async def test_other_sites_get_nothing(scene: Scene, origin: str, more: dict[str, str]) -> None:
    async with aiohttp.ClientSession(scene.url, headers={"Origin": origin} | more) as session:
        for path in (WEBSOCKET, POLLING):
            upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"} if path is WEBSOCKET else {}
            async with session.get(path, headers=upgrade) as response:
                assert response.status == 403
                assert (await response.json(content_type=None))["code"] == "origin_refused"
                assert "Access-Control-Allow-Origin" not in response.headers
    assert not scene.register.all()


async def test_a_missing_origin_is_good_for_a_poll_only(scene: Scene) -> None:
    async with aiohttp.ClientSession(scene.url) as session:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await session.ws_connect(WEBSOCKET)
        async with session.get(POLLING) as response:
            assert response.status == 200
            sid = json.loads((await response.text())[1:])["sid"]
        async with session.post(f"{POLLING}&sid={sid}", data="40{}") as response:
            assert response.status == 403
        async with session.get(POLLING, headers={"Sec-Fetch-Site": "cross-site"}) as response:
            assert response.status == 403
        async with session.get(f"{POLLING}&j=0", headers={"Origin": scene.settings.public_url}) as response:
            assert response.status == 422


async def test_polling_bodies_are_checked(scene: Scene) -> None:
    async with scene.http() as session:
        for body in (b"", b"\xff", b"d=42[]", b"42[]\x1e4{", b"3" + b"\x1e3" * 256, b"42" + b"x" * 70000):
            async with session.get(POLLING) as response:
                sid = json.loads((await response.text())[1:])["sid"]
            async with session.post(f"{POLLING}&sid={sid}", data=body) as response:
                assert response.status == 422, body[:20]
        async with session.post(f"{POLLING}&sid=nobody", data="3") as response:
            assert response.status == 404
    await scene.empty()


async def test_a_body_in_pieces_is_read_whole(scene: Scene) -> None:
    page = await scene.page("client", transport="polling")
    await page.join("leg-b")
    caregiver = await scene.page("caregiver")
    await caregiver.join("leg-a")
    blob = "x" * 60000
    await page.sio.emit("signal", ("1.1.1", {"blob": blob}))
    assert (await caregiver.until("signal"))["arguments"] == ["1.1.1", {"blob": blob}]


async def test_a_failed_upgrade_leaves_the_poll_alive(scene: Scene) -> None:
    async with scene.http() as session:
        async with session.get(POLLING) as response:
            sid = json.loads((await response.text())[1:])["sid"]
        async with raw(scene, f"{WEBSOCKET}&sid={sid}") as page:
            await page.socket.close()
        ticket = json.dumps({"ticket": scene.ticket("client")})
        async with session.post(f"{POLLING}&sid={sid}", data=f"40{ticket}") as response:
            assert response.status == 200
        async with session.get(f"{POLLING}&sid={sid}") as response:
            assert (await response.text()).startswith("40")


async def test_a_page_that_does_not_read_is_cut_off(scene: Scene) -> None:
    page = await scene.page("client")
    await page.join("leg-b")
    (connection,) = scene.register.all()
    for _ in range(QUEUE_MAX + 1):
        connection.tell(VisitChanged(visit_id=VISIT))
    await page.until_closed()
    await scene.empty()


class TestImpatient:
    """A server that waits for nobody."""

    @pytest.fixture
    def deadlines(self) -> Deadlines:
        return Deadlines(connect=1.0, join=1.0, asked=1.0)

    async def test_who_presents_no_ticket_is_cut_off(self, scene: Scene) -> None:
        async with raw(scene) as page:
            assert await page.until_closed() == []
        await scene.empty()

    async def test_who_polls_without_a_ticket_is_forgotten(self, scene: Scene) -> None:
        async with scene.http() as session, session.get(POLLING) as response:
            assert response.status == 200
        await scene.empty()

    async def test_who_never_joins_is_cut_off(self, scene: Scene) -> None:
        page = await scene.page("client")
        await page.until_closed()
        await scene.empty()

    async def test_who_is_refused_is_cut_off(self, scene: Scene) -> None:
        page = await scene.page("client")
        assert await page.refused("join", protocol=1, visitId="v2", legId="leg-b") == "not_found"
        await page.until_closed()

    async def test_who_is_in_stays(self, scene: Scene) -> None:
        caregiver, _ = await scene.both()
        late = await scene.page("client")
        await late.until_closed()
        assert caregiver.sio.connected
