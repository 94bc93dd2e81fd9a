"""Runs the application: one process, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import ssl
from collections.abc import Callable
from typing import Final

import uvloop
from aiohttp import web

from signaling.settings import Settings
from signaling.transport.access_log import AccessLog

# aiohttp's own default is an hour; this is all that limits how long headers may take.
KEEPALIVE_SECONDS: Final = 30.0
# How long answers that are under way may still take, and how long all of the stopping may.
SHUTDOWN_SECONDS: Final = 3.0
STOP_SECONDS: Final = 10.0
BACKLOG: Final = 1024

_log = logging.getLogger("signaling.serving")


class CannotListen(Exception):
    """The address can't be listened at; the message is one sentence."""


class _Unreadable(logging.Filter):
    """aiohttp reports requests that are no HTTP with their sender's address and first line: neither may be logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        fault = record.exc_info[0] if record.exc_info else None
        record.msg = f"a request could not be read or answered: {'unknown' if fault is None else fault.__name__}"
        record.args, record.exc_info, record.exc_text = (), None, None
        return True


def set_up_logging() -> None:
    """One line an event on standard error. Ids only: no address, name or secret is ever written (DESIGN §3.9)."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("aiohttp.server", "aiohttp.web"):
        logging.getLogger(name).addFilter(_Unreadable())
    for name in ("aiohttp", "aiosqlite", "asyncio", "engineio", "socketio", "mail.log"):
        logging.getLogger(name).setLevel(logging.WARNING)


def tls(settings: Settings) -> ssl.SSLContext | None:
    """The TLS context of the certificate files; None when a proxy does TLS."""
    if settings.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.certificate, settings.key)
    context.set_alpn_protocols(["http/1.1"])
    return context


def serve(settings: Settings, app: web.Application, announce: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; `announce` is called once the server can be reached.

    Raises CannotListen, and whatever keeps the application from starting.
    """
    uvloop.run(_serve(settings, app, announce))


async def _serve(settings: Settings, app: web.Application, announce: Callable[[], None]) -> None:
    runner = web.AppRunner(
        app,
        access_log_class=AccessLog,
        access_log=logging.getLogger("signaling.access"),
        keepalive_timeout=KEEPALIVE_SECONDS,
        shutdown_timeout=SHUTDOWN_SECONDS,
        handler_cancellation=False,
    )
    running = asyncio.create_task(_run(settings, runner, announce), name="server")
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    try:
        # A start that is stopped while it waits for the database's lock is no failure.
        with contextlib.suppress(asyncio.CancelledError):
            await running
    finally:
        await _stop(runner)


async def _run(settings: Settings, runner: web.AppRunner, announce: Callable[[], None]) -> None:
    await runner.setup()
    context = await asyncio.to_thread(tls, settings)
    site = web.TCPSite(runner, settings.host, settings.port, ssl_context=context, backlog=BACKLOG)
    try:
        await site.start()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CannotListen(f"Can't listen at {settings.host} port {settings.port}: {reason}.") from None
    announce()
    await asyncio.get_running_loop().create_future()


async def _stop(runner: web.AppRunner) -> None:
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await runner.cleanup()
    except TimeoutError:
        _log.warning("stopped after %d s with something still under way", STOP_SECONDS)
