"""What nobody can use any more is removed when the server starts, so that it does not grow for ever.

The log, the documentation, invites and mails are kept: they are the agency's records.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from signaling.errors import Code, Refused
from signaling.ports import Database, Unit

# Longer than any sign-in may be idle, any client's cookie lives, and any page repeats a command.
KEPT = timedelta(days=30)

_log = logging.getLogger("signaling.forgetting")


async def forget_outdated(db: Database, now: datetime) -> None:
    """Remove sign-ins, clients' cookies and results of commands that are older than KEPT.

    A storage that can't write now is no reason not to start: they are removed another time.
    """
    before = now - KEPT

    def work(unit: Unit) -> None:
        unit.people.forget_sign_ins(before)
        unit.sessions.forget_commands(before)
        unit.invites.forget_passes(before)

    try:
        await db.write(work)
    except Refused as refused:
        if refused.code is not Code.UNAVAILABLE:
            raise
        _log.warning("what is outdated could not be removed")
