"""python-engineio, made fit for hostile networks; what touches its insides is here and in `wire`.

Each change answers a trap (DESIGN §6): the library compresses WebSockets, takes a missing Origin and JSONP, reads a
body that arrives in pieces as a shorter one, swallows what it can't parse, and forgets a failed upgrade half way.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final, Protocol

import engineio
from aiohttp import web
from engineio import packet as engine_packet
from engineio.async_drivers import aiohttp as driver

from signaling.errors import Code, Refused
from signaling.transport import frames, problem
from signaling.transport.limits import read_body
from signaling.transport.origin import Origins

PING_SECONDS = 5
CLOSE_SECONDS = 1.0
_BODY: Final = web.RequestKey("socket_body", bytes)

log = logging.getLogger("signaling.sockets")


class Line(Protocol):
    """What the wire tells of: one Engine.IO connection each, by its id, which is a secret and never logged."""

    def opened(self, line: str) -> None: ...
    def heard(self, line: str, size: int) -> bool:
        """A frame of `size` characters came in; False to hang up on a flood."""
        ...

    async def admit(self, line: str, auth: object) -> None:
        """The page presents its ticket. Raises Refused."""
        ...

    async def received(self, line: str, event: object, arguments: list[Any], *, wants_answer: bool) -> Any:
        """An event; what is returned is its answer. Never raises."""
        ...

    def closed(self, line: str) -> None: ...


class _Quiet(logging.Filter):
    """Types of errors only: the libraries' own lines quote what was sent, and ids that let one take over a poll."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.exc_info or record.exc_info[0] is None:
            return False
        record.msg, record.args = "a connection's handler failed: %s", (record.exc_info[0].__name__,)
        record.exc_info = None
        return True


def quiet_logger() -> logging.Logger:
    logger = logging.getLogger("signaling.sockets.library")
    if not logger.filters:
        logger.addFilter(_Quiet())
        logger.setLevel(logging.ERROR)
    return logger


class _Body:
    """A body that was read whole, as python-engineio reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self, _: int) -> bytes:
        return self._body


def _translate(request: web.Request) -> dict[str, Any]:
    environ: dict[str, Any] = driver.translate_request(request)
    if _BODY in request:
        environ["wsgi.input"] = _Body(request[_BODY])
        environ["CONTENT_LENGTH"] = str(len(request[_BODY]))
    return environ


class _WebSocket(driver.WebSocket):  # type: ignore[misc]
    """Without compression (four times the memory a peer), with time-outs, and strict about what comes in."""

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        request: web.Request = environ["aiohttp.request"]
        engine: Engine = self.server
        socket = self.handler.__self__
        self._request = request
        self.over = asyncio.Event()
        self._line: str = socket.sid
        self._sock = web.WebSocketResponse(
            max_msg_size=engine.max_http_buffer_size,
            compress=False,
            timeout=CLOSE_SECONDS,
            # A page that opens an upgrade and says no more would otherwise be waited for without end.
            receive_timeout=engine.ping_interval + engine.ping_timeout,
        )
        await self._sock.prepare(request)
        engine.web_sockets.setdefault(self._line, set()).add(self)
        try:
            await self.handler(self)
            await self._sock.close()
        finally:
            self.over.set()
            engine.web_socket_is_over(self, socket)
        return self._sock

    async def wait(self) -> str:
        message = await self._sock.receive()
        engine: Engine = self.server
        if not frames.is_frame(message.data) or not engine.line.heard(self._line, len(message.data)):
            raise ConnectionAbortedError
        return str(message.data)

    def abort(self) -> None:
        """Give the transport up, whatever is still to be written."""
        if self._request.transport is not None:
            self._request.transport.abort()


class Engine(engineio.AsyncServer):  # type: ignore[misc]
    """Engine.IO 4 over aiohttp, for pages of our own origin."""

    def __init__(self, line: Line, origins: Origins, **options: Any) -> None:
        super().__init__(**options)
        self.line = line
        self.web_sockets: dict[str, set[_WebSocket]] = {}
        self._origins = origins
        self._async: dict[str, Any] = driver._async | {"websocket": _WebSocket, "translate_request": _translate}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._shut = False

    async def handle_request(self, request: web.Request) -> web.StreamResponse:
        """One HTTP request of the transport; the errors are problem documents."""
        try:
            self._check(request)
            if request.method == "POST":
                await self._check_payload(request)
        except Refused as refused:
            return problem.response(refused)
        answer: web.StreamResponse = await super().handle_request(request)
        return answer

    def _check(self, request: web.Request) -> None:
        """Refused(ORIGIN_REFUSED) unless a page of ours asks.

        A browser always sends Origin with a WebSocket and with POST. With a GET of the same origin it sends none, and
        Safari before 16.4 no Sec-Fetch-Site either: such a GET can read only what a POST of ours has let in.
        """
        bare = "Origin" not in request.headers and "Sec-Fetch-Site" not in request.headers
        harmless = request.method == "GET" and "Upgrade" not in request.headers
        if not self._origins.page_is_ours(request) and not (bare and harmless):
            raise Refused(Code.ORIGIN_REFUSED)
        if "Upgrade" in request.headers and "Origin" not in request.headers:
            raise Refused(Code.ORIGIN_REFUSED)
        if self._shut:
            raise Refused(Code.UNAVAILABLE)
        if "j" in request.query:
            raise Refused(Code.VALIDATION_FAILED, "JSONP is not spoken here.")

    async def _check_payload(self, request: web.Request) -> None:
        """Read the body whole and check its frames; a page that sends anything else is cut off."""
        line = request.query.get("sid", "")
        body = await read_body(request)
        if line not in self.sockets:
            raise Refused(Code.NOT_FOUND)
        sizes = [len(frame) for frame in frames.payload_frames(body)] if len(body) <= self.max_http_buffer_size else []
        if not sizes:
            self.cut(line)
            raise Refused(Code.VALIDATION_FAILED)
        for size in sizes:
            if not self.line.heard(line, size):
                self.cut(line)
                raise Refused(Code.TOO_MANY_REQUESTS)
        request[_BODY] = body

    def start_background_task(self, target: Any, *arguments: Any, **named: Any) -> asyncio.Task[Any]:
        """As inherited, but the task is kept, so that it is neither lost nor left behind."""
        return self.keep(target(*arguments, **named))

    def keep(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run `work` beside the rest, until it ends or the server does."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def cut(self, line: str) -> None:
        """Hang up: what is queued still goes out, for CLOSE_SECONDS at most. The page sees "transport close"."""
        socket = self.sockets.get(line)
        if socket is not None and not socket.closed:
            self.keep(self._hang_up(socket))

    def web_socket_is_over(self, web_socket: _WebSocket, socket: Any) -> None:
        """Forget a WebSocket, and its connection if it was more than a try to upgrade."""
        others = self.web_sockets.get(socket.sid, set())
        others.discard(web_socket)
        if not others:
            self.web_sockets.pop(socket.sid, None)
        # python-engineio leaves this set when the probe never comes, and then polls are answered with nothing.
        socket.upgrading = False
        # A handler that was cancelled, or whose writer failed, has not come to this.
        if socket.upgraded and not socket.closing:
            self.keep(socket.close(wait=False, abort=True, reason=self.reason.TRANSPORT_CLOSE))

    async def _hang_up(self, socket: Any) -> None:
        await socket.close(wait=False, reason=self.reason.SERVER_DISCONNECT)
        web_sockets = tuple(self.web_sockets.get(socket.sid, ()))
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                for web_socket in web_sockets:
                    await web_socket.over.wait()
        except TimeoutError:
            for web_socket in web_sockets:
                web_socket.abort()
        self.sockets.pop(socket.sid, None)

    def end_poll(self, line: str) -> None:
        """Answer a poll that waits for a connection which its own page has closed."""
        socket = self.sockets.get(line)
        if socket is not None and not socket.upgraded:
            socket.queue.put_nowait(engine_packet.Packet(engine_packet.NOOP))

    async def shutdown(self) -> None:
        """Close every connection, within some CLOSE_SECONDS, and stop."""
        self._shut = True
        closing = [self.keep(self._hang_up(socket)) for socket in tuple(self.sockets.values())]
        if closing:
            await asyncio.wait(closing, timeout=2 * CLOSE_SECONDS)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
