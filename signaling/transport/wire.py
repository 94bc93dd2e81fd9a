"""python-socketio, made fit for hostile networks; what touches its insides is here and in `engine`.

Each change answers a trap (DESIGN §6): the library runs events of the names `connect` and `disconnect` as if they were
the real ones, sends no ack when a handler raises, calls a `disconnect` handler twice when it raises TypeError, and
keeps a connection open that sent it nonsense.
"""

from __future__ import annotations

import logging
from typing import Any

import socketio
from aiohttp import web
from engineio import packet as engine_packet
from socketio import packet as socket_packet

from signaling.errors import Code, Refused
from signaling.protocol.codec import MESSAGE_MAX
from signaling.transport import frames
from signaling.transport.engine import PING_SECONDS, Engine, Line, quiet_logger
from signaling.transport.origin import Origins

PATH = "/socket.io/"
# A page that does not read is cut off before its queue fills the memory.
QUEUE_MAX = 1000

log = logging.getLogger("signaling.sockets")


class Wire(socketio.AsyncServer):  # type: ignore[misc]
    """Socket.IO 5 over the engine. Events come one after the other, and each is answered by the `Line`."""

    def __init__(self, line: Line, origins: Origins) -> None:
        self._line = line
        self._origins = origins
        logger = quiet_logger()
        super().__init__(
            async_mode="aiohttp",
            async_handlers=False,
            serializer=frames.Packet,
            logger=logger,
            engineio_logger=logger,
            cors_allowed_origins=sorted(origins.allowed),
            cors_credentials=False,
            ping_interval=PING_SECONDS,
            ping_timeout=PING_SECONDS,
            max_http_buffer_size=MESSAGE_MAX,
            http_compression=False,
        )
        self.on("connect", self._connect)

    def _engineio_server_class(self) -> Any:
        return lambda **options: Engine(self._line, self._origins, **options)

    def add_to(self, app: web.Application) -> None:
        """Put the transport's address into the app. Same-origin pages never preflight, so there is no OPTIONS."""
        app.router.add_get(PATH, self.eio.handle_request, allow_head=False)
        app.router.add_post(PATH, self.eio.handle_request)

    def send(self, line: str, packet: str) -> None:
        """Queue an encoded event for a page. In order, at once, and never waiting for the page."""
        socket = self.eio.sockets.get(line)
        if socket is None or socket.closed:
            return
        if socket.queue.qsize() >= QUEUE_MAX:
            self.cut(line)
            return
        socket.queue.put_nowait(engine_packet.Packet(engine_packet.MESSAGE, packet))

    def cut(self, line: str) -> None:
        """Hang up on a page."""
        self.eio.cut(line)

    async def _connect(self, sid: str, environ: object, auth: object = None) -> None:  # noqa: ARG002
        line = self.manager.eio_sid_from_sid(sid, "/")
        try:
            await self._line.admit(line, auth)
        except Refused as refused:
            raise _refusal(refused) from None
        except Exception as error:
            log.warning("a connection could not be admitted: %s", type(error).__name__)
            raise _refusal(Refused(Code.INTERNAL)) from None

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        await super()._handle_eio_connect(eio_sid, environ)
        self._line.opened(eio_sid)

    async def _handle_eio_message(self, eio_sid: str, data: object) -> None:
        try:
            await super()._handle_eio_message(eio_sid, data)
        except Exception as error:
            log.info("a message could not be read: %s", type(error).__name__)
            self.cut(eio_sid)
        if isinstance(data, str) and data.startswith(str(socket_packet.DISCONNECT)):
            self.cut(eio_sid)

    async def _handle_event_internal(
        self, _server: object, _sid: str, eio_sid: str, data: list[Any], namespace: str, id: int | None
    ) -> None:
        answer = await self._line.received(eio_sid, data[0], data[1:], wants_answer=id is not None)
        if id is not None:
            await self._send_packet(
                eio_sid, self.packet_class(socket_packet.ACK, namespace=namespace, id=id, data=[answer])
            )

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        self._line.closed(eio_sid)
        self.eio.end_poll(eio_sid)
        await super()._handle_eio_disconnect(eio_sid, reason)


def _refusal(refused: Refused) -> socketio.exceptions.ConnectionRefusedError:
    return socketio.exceptions.ConnectionRefusedError(
        refused.sentence, {"code": refused.code.value, "detail": refused.sentence}
    )
