"""Which mails are still wanted, and when to try again (SPEC §5 and §8, DESIGN §5). Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from signaling.domain.invite import Delivery, Invite, Standing, expires_at
from signaling.domain.session import State
from signaling.domain.visit import Client, Visit
from signaling.ports import Mail, MailKind

UNSENT = frozenset({Delivery.SENDING, Delivery.DELAYED})
# Short at first, for a server that restarts; never long, for a visit that begins soon.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 60, 300, 600))
# A pause varies by this part of itself, so that mails delayed together do not come back together.
SPREAD = 0.2


def pause_after(attempts: int, chance: float) -> timedelta:
    """How long to wait after so many failed attempts (1 or more); `chance` is a random number from 0 to 1."""
    pause = PAUSES[min(attempts, len(PAUSES)) - 1]
    return pause * (1 - SPREAD + 2 * SPREAD * chance)


def deadline(mail: Mail, visit: Visit, invite: Invite | None) -> datetime:
    """When the mail is of no use any more: a link's expiry, or what it would be for a cancellation."""
    return expires_at(visit, mail.created_at if invite is None else invite.made_at)


def is_wanted(
    mail: Mail, visit: Visit, client: Client | None, invite: Invite | None, state: State | None, now: datetime
) -> bool:
    """Whether the mail may leave now. `client` is the visit's, `state` its session's.

    A cancellation too goes to the client's present address only (SPEC §8).
    """
    if client is None or client.email != mail.address or now >= deadline(mail, visit, invite):
        return False
    if mail.kind is MailKind.CANCELLATION:
        return visit.cancelled_at is not None
    live = invite is not None and invite.standing is Standing.LIVE
    return live and visit.cancelled_at is None and state not in {None, State.TERMINATED}
