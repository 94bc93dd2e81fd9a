"""The local socket by which the command line reaches a running server: beside the database, for its owner only.

Whoever may open it may read the database too; so it asks for no credential.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final, get_args

import aiohttp
from aiohttp import web

from signaling.errors import Code, Refused
from signaling.protocol import codec
from signaling.protocol.administration import Done, Request
from signaling.services.administering import Administering
from signaling.transport import problem

BODY_MAX = 64 * 1024 * 1024
_TYPES: Final[dict[str, type[Request]]] = {type_.__name__: type_ for type_ in get_args(Request)}


class NoServer(Exception):
    """No server is running for this database."""


def socket_path(database: Path) -> Path:
    """Where the server of this database listens."""
    return database.with_name(f"{database.name}.sock")


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """The path by way of its open folder: a socket's address has 107 bytes at most (unix(7))."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _listening(path: Path) -> socket.socket:
    """A socket at `path` that only its owner may open. The database's lock is held: an old one is nobody's."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        os.fchmod(listener.fileno(), 0o600)
        with _short(path) as address:
            listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


@asynccontextmanager
async def administration(database: Path, administering: Administering) -> AsyncIterator[None]:
    """Listen for the command line as long as the context is open. The caller holds the database's lock."""

    async def answer(request: web.Request) -> web.Response:
        type_ = _TYPES.get(request.match_info["name"])
        if type_ is None:
            return problem.response(Refused(Code.NOT_FOUND, "The running server is of another version."))
        try:
            done = await administering.carry_out(codec.decode(await request.read(), type_, BODY_MAX))
        except Refused as refused:
            return problem.response(refused)
        return web.Response(body=codec.encode(done), content_type="application/json")

    app = web.Application(client_max_size=BODY_MAX)
    app.router.add_post("/{name}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
    path = socket_path(database)
    listener = await asyncio.to_thread(_listening, path)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        yield
    finally:
        await runner.cleanup()
        await asyncio.to_thread(path.unlink, missing_ok=True)


async def ask_server(database: Path, request: Request) -> Done:
    """Have the running server carry it out. Raises NoServer, or what the server refused it with."""
    path = socket_path(database)
    if not path.parent.is_dir():
        raise NoServer
    with _short(path) as address:
        connector = aiohttp.UnixConnector(address)
        timeout = aiohttp.ClientTimeout(total=600)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            try:
                async with session.post(
                    f"http://localhost/{type(request).__name__}", data=codec.encode(request)
                ) as response:
                    content = await response.read()
            except aiohttp.ClientConnectorError:
                raise NoServer from None
            except (aiohttp.ClientError, TimeoutError):
                raise Refused(Code.UNAVAILABLE, "The server stopped before it answered.") from None
    if response.status == 200:
        return codec.decode(content, Done)
    members = json.loads(content)
    extra = {name: members[name] for name in ("field", "faults") if name in members}
    raise Refused(Code(members["code"]), members["detail"], **extra)
