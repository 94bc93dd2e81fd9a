"""A page that speaks Engine.IO by hand, so that it can misbehave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.sockets.scene import PATIENCE, Scene

WEBSOCKET = "/socket.io/?EIO=4&transport=websocket"
POLLING = "/socket.io/?EIO=4&transport=polling"


class Raw:
    """A WebSocket after its handshake."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.sid = ""

    async def opened(self) -> None:
        """Read the handshake."""
        self.sid = json.loads((await self.frame())[1:])["sid"]

    async def frame(self) -> str:
        """The next frame; an empty text when the server has hung up. Pings are answered."""
        while True:
            message = await self.socket.receive(timeout=PATIENCE)
            if message.type is not aiohttp.WSMsgType.TEXT:
                return ""
            if message.data == "2":
                await self.socket.send_str("3")
            elif message.data not in {"1", "6"}:
                return str(message.data)

    async def admitted(self, scene: Scene, role: str = "client") -> None:
        """Present a ticket."""
        await self.socket.send_str("40" + json.dumps({"ticket": scene.ticket(role, "anna")}))
        assert (await self.frame()).startswith("40")

    async def settled(self, scene: Scene) -> None:
        """Do what a staff page does, after which no deadline ends the connection."""
        await self.admitted(scene, "watch")
        assert (await self.answer('420["watch",{"protocol":1}]'))["ok"] is True

    async def answer(self, text: str) -> Any:
        """Send a frame and read the ack that comes next."""
        await self.socket.send_str(text)
        frame = await self.frame()
        assert frame.startswith("43"), frame
        return json.loads(frame[frame.index("[") :])[0]

    async def until_closed(self) -> list[str]:
        """Read until the server hangs up; the frames that came before."""
        frames = []
        async with asyncio.timeout(PATIENCE):
            while frame := await self.frame():
                frames.append(frame)
        return frames


@asynccontextmanager
async def raw(scene: Scene, path: str = WEBSOCKET, *, autoclose: bool = True) -> AsyncIterator[Raw]:
    """A raw WebSocket from a page of ours. Without `autoclose` it does not answer when the server closes it."""
    headers = {"Origin": scene.settings.public_url}
    async with (
        aiohttp.ClientSession(scene.url) as session,
        session.ws_connect(path, headers=headers, compress=15, autoclose=autoclose) as socket,
    ):
        page = Raw(socket)
        if "sid=" not in path:
            await page.opened()
        yield page
