"""How it is put together: the composition root, the only module that sees everything."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from urllib.parse import urlsplit

from aiohttp import web

from media.ice import Ice
from signaling import demo
from signaling.mail.catcher import CaughtMails, catching
from signaling.mail.outbox import Outbox
from signaling.mail.render import Agency as Letterhead
from signaling.mail.render import Renderer
from signaling.mail.smtp import SmtpSender
from signaling.services.administering import Administering
from signaling.services.api_keys import ApiKeys
from signaling.services.calls import Calls
from signaling.services.clocking import Clocking
from signaling.services.device import Devices
from signaling.services.documenting import Documenting
from signaling.services.forgetting import forget_outdated
from signaling.services.hashing import Hashing
from signaling.services.inviting import Inviting
from signaling.services.joining import Agency, Joining
from signaling.services.registers import Registers
from signaling.services.scheduling import Scheduling
from signaling.services.signing_in import SigningIn
from signaling.services.tokens import Links
from signaling.settings import Settings
from signaling.system import SystemClock, SystemIds
from signaling.transport import site
from signaling.transport.administration import administration
from signaling.transport.announcer import Announcer
from signaling.transport.commands import Commands, Media
from signaling.transport.connections import Register
from signaling.transport.origin import Origins
from signaling.transport.rooms import Rooms
from signaling.transport.sockets import Sockets
from signaling.transport.tickets import Tickets
from storage.database import SqliteDatabase

Context = Callable[[web.Application], AsyncIterator[None]]
_log = logging.getLogger("signaling.app")
_IDLE_EVERY_SECONDS = 60.0


def make_app(settings: Settings) -> web.Application:
    """The whole server. It opens its database, mail worker and sockets at start-up, and closes them at the end."""
    clock, ids, tickets = SystemClock(), SystemIds(), Tickets(SystemClock())
    db, rooms, register = SqliteDatabase(settings.database), Rooms(), Register()
    announcer = Announcer(rooms, register, db)
    links = Links(settings.link_key, settings.public_url)
    outbox = _outbox(settings, db, announcer, links)
    calls = Calls(db, clock, announcer)
    agency = Agency(settings.agency_name, settings.agency_phone)
    joining = Joining(db, clock, ids, announcer, rooms, agency, settings.opens_before)
    hashing, keys = Hashing(), ApiKeys(db, clock, ids)
    devices = Devices(settings.link_key)
    signing_in = SigningIn(db, clock, announcer, rooms, hashing, devices, settings.idle_sign_out)
    mails = CaughtMails(settings.database.parent / "mails") if settings.demo else None
    services = site.Services(
        clock=clock,
        storage=db,
        signing_in=signing_in,
        api_keys=keys,
        registers=Registers(db, clock, announcer),
        scheduling=Scheduling(db, clock, ids, announcer, rooms, outbox),
        inviting=Inviting(db, clock, ids, announcer, outbox, links),
        clocking=Clocking(db, clock, announcer, rooms),
        joining=joining,
        calls=calls,
        documenting=Documenting(db, clock),
        tickets=tickets,
        demo_mails=mails,
    )
    administering = Administering(db, clock, hashing, signing_in, keys, announcer, rooms, outbox)
    ice = Ice(settings.stun_urls, settings.turn_urls, settings.turn_secrets, settings.turn_ttl_seconds)
    commands = Commands(rooms, joining, calls, clock, Media(ice, settings.relay_only))

    app = web.Application()
    app.cleanup_ctx.extend(
        (
            _storage(db, clock),
            _demo(settings, db, rooms, announcer, mails),
            _administration(settings, administering),
            _mail(outbox),
            _sign_ins(signing_in, hashing),
        )
    )
    site.install(app, settings, services)
    Sockets(Origins(settings), tickets, db, clock, rooms, register, announcer, commands).add_to(app)
    return app


def _outbox(settings: Settings, db: SqliteDatabase, announcer: Announcer, links: Links) -> Outbox:
    host = urlsplit(settings.public_url).hostname or "localhost"
    letterhead = Letterhead(
        settings.agency_name, settings.agency_phone, settings.agency_reply_to, settings.mail_from, host
    )
    sender = SmtpSender(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        username=settings.smtp_username,
        password=settings.smtp_password,
        own_name=host,
    )
    return Outbox(
        db, sender, Renderer(letterhead), links.link, clock=SystemClock(), ids=SystemIds(), notifier=announcer
    )


def _storage(db: SqliteDatabase, clock: SystemClock) -> Context:
    async def context(_: web.Application) -> AsyncIterator[None]:
        async with db.opened():
            await forget_outdated(db, clock.now())
            yield

    return context


def _demo(
    settings: Settings, db: SqliteDatabase, rooms: Rooms, announcer: Announcer, mails: CaughtMails | None
) -> Context:
    async def context(_: web.Application) -> AsyncIterator[None]:
        if mails is None:
            yield
            return
        current = demo.kept_current(db, SystemClock(), settings.agency_time_zone, rooms, announcer)
        async with current, catching(mails, settings.smtp_port):
            yield

    return context


def _administration(settings: Settings, administering: Administering) -> Context:
    async def context(_: web.Application) -> AsyncIterator[None]:
        async with administration(settings.database, administering):
            yield

    return context


def _mail(outbox: Outbox) -> Context:
    async def context(_: web.Application) -> AsyncIterator[None]:
        worker = asyncio.create_task(outbox.run(), name="outbox")
        yield
        await outbox.stop(grace=3.0)
        await worker

    return context


def _sign_ins(signing_in: SigningIn, hashing: Hashing) -> Context:
    async def sweep() -> None:
        while True:
            await asyncio.sleep(_IDLE_EVERY_SECONDS)
            try:
                await signing_in.end_idle()
            except Exception as error:
                _log.warning("idle sign-ins could not be ended: %s", type(error).__name__)

    async def context(_: web.Application) -> AsyncIterator[None]:
        sweeper = asyncio.create_task(sweep(), name="sign-ins")
        yield
        sweeper.cancel()
        with suppress(asyncio.CancelledError):
            await sweeper
        hashing.close()

    return context
