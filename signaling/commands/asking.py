"""Carries out what writes: by the running server if there is one, else by this process, with the database's lock."""

from __future__ import annotations

import asyncio
import sqlite3

from signaling.commands.failing import Failure
from signaling.errors import Refused
from signaling.offline import NoPages
from signaling.protocol.administration import Done, Request
from signaling.services.administering import Administering
from signaling.services.api_keys import ApiKeys
from signaling.services.device import Devices
from signaling.services.hashing import Hashing
from signaling.services.signing_in import SigningIn
from signaling.settings import Settings
from signaling.system import SystemClock, SystemIds
from signaling.transport.administration import NoServer, ask_server
from storage import DatabaseInUse, DatabaseUnusable
from storage.database import open_database

# A server that is starting holds the lock before it listens, one that is stopping after.
TRIES = 20
PAUSE_SECONDS = 0.5


def ask(settings: Settings, request: Request) -> list[str]:
    """The lines that answer the request, or a Failure with the reasons."""
    try:
        return asyncio.run(_ask(settings, request)).lines
    except Refused as refused:
        raise Failure("\n".join([*refused.extra.get("faults", ()), refused.sentence])) from None
    except DatabaseUnusable as error:
        raise Failure(str(error)) from None
    except (OSError, sqlite3.Error) as error:
        raise Failure(f"The database can't be used: {type(error).__name__}.") from None


async def _ask(settings: Settings, request: Request) -> Done:
    for _ in range(TRIES):
        try:
            return await ask_server(settings.database, request)
        except NoServer:
            pass
        try:
            return await _carry_out(settings, request)
        except DatabaseInUse:
            await asyncio.sleep(PAUSE_SECONDS)
    raise DatabaseInUse("Another process is using the database and does not answer.")


async def _carry_out(settings: Settings, request: Request) -> Done:
    clock, nobody, hashing = SystemClock(), NoPages(), Hashing()
    try:
        async with open_database(settings.database, wait=0) as db:
            administering = Administering(
                db=db,
                clock=clock,
                hashing=hashing,
                signing_in=SigningIn(
                    db, clock, nobody, nobody, hashing, Devices(settings.link_key), settings.idle_sign_out
                ),
                api_keys=ApiKeys(db, clock, SystemIds()),
                notifier=nobody,
                calls=nobody,
                mail_queue=nobody,
            )
            return await administering.carry_out(request)
    finally:
        hashing.close()
