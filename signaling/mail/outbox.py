"""The worker that empties the outbox: sends what is due and still wanted, and writes down what became of it.

A mail is recorded as sent after the server took it. A crash between the two sends it again, with the same Message-ID,
rather than never.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol, TypeVar

from signaling.domain.values import BadValue
from signaling.domain.visit import Visit
from signaling.errors import Code, Refused
from signaling.mail.ledger import Dropped, Follow, LinkOf, record, take
from signaling.mail.render import Letter, Renderer
from signaling.mail.smtp import Outcome, Rejected, Trouble, TryLater
from signaling.ports import Clock, Database, Fact, Ids, Notifier, Unit

_log = logging.getLogger(__name__)

T = TypeVar("T")

# Mails on the wire at once.
POOL = 4
# Seconds: between two looks at most, so that a jump of the clock does no harm; until another look while a mail is under
# way; until another try of a storage that is unavailable, or after a fault of our own.
_LOOK = 60.0
_BUSY_LOOK = 1.0
_STORAGE_PAUSE = 1.0
_FAULT_PAUSE = 30.0


class Sender(Protocol):
    """How a mail leaves: `smtp.SmtpSender`."""

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome: ...


class Outbox:
    """`ports.MailQueue`, and the task behind it."""

    def __init__(
        self,
        db: Database,
        sender: Sender,
        renderer: Renderer,
        link_of: LinkOf,
        *,
        clock: Clock,
        ids: Ids,
        notifier: Notifier,
    ) -> None:
        """`link_of` computes an invite's link from its seed."""
        self._db = db
        self._sender = sender
        self._renderer = renderer
        self._link_of = link_of
        self._clock = clock
        self._ids = ids
        self._notifier = notifier
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._bell = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """A mail was queued: look now."""
        self._bell.set()

    async def run(self) -> None:
        """Send mails until `stop`, or until cancelled."""
        while not self._stopping:
            self._bell.clear()
            pause = await self._start_due()
            if not self._stopping:
                await self._ring(pause)

    async def stop(self, grace: float = 10.0) -> None:
        """Take no more mails in hand; give those under way `grace` seconds, then leave them for the next start."""
        self._stopping = True
        self._bell.set()
        tasks = list(self._under_way.values())
        if tasks:
            await asyncio.wait(tasks, timeout=grace)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ring(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        except TimeoutError:
            return

    async def _start_due(self) -> float:
        """Take due mails in hand; for how many seconds there is nothing else to do."""
        now = self._clock.now()
        try:
            due, next_at = await self._db.read(lambda unit: (unit.outbox.due(now, 2 * POOL), unit.outbox.next_try_at()))
        except Exception as error:
            if not _is_unavailable(error):
                _log.error("the outbox can't be read: %s", type(error).__name__)
            return _STORAGE_PAUSE
        for mail in due:
            if mail.id not in self._under_way and len(self._under_way) < POOL and not self._stopping:
                self._under_way[mail.id] = asyncio.create_task(self._carry(mail.id), name=f"mail {mail.id}")
        if next_at is None:
            return _LOOK
        seconds = (next_at - now).total_seconds()
        return min(seconds, _LOOK) if seconds > 0 else _BUSY_LOOK

    async def _carry(self, id: str) -> None:
        try:
            outcome = await self._attempt(id)
            if outcome is not None:
                await self._settle(id, outcome)
        finally:
            del self._under_way[id]
            self._bell.set()

    async def _attempt(self, id: str) -> Outcome | None:
        """Send a mail; None if there was nothing to send."""
        try:
            taken = await self._stored(lambda unit: take(unit, id, self._clock.now(), self._link_of))
            if isinstance(taken, Dropped):
                self._tell(taken.visit)
                return None
            return None if taken is None else await self._send(taken)
        except BadValue:
            _log.error("mail %s can't be made", id)
            return Rejected(Trouble.NOT_MADE)
        except Exception as error:
            _log.error("mail %s: %s", id, type(error).__name__)
            return TryLater(Trouble.NOT_MADE)

    async def _send(self, letter: Letter) -> Outcome:
        # Templates, locales and zones are read from files, the first time.
        message = await asyncio.to_thread(lambda: self._renderer.render(letter).as_bytes())
        return await self._sender.send(self._renderer.agency.mail_from, letter.address, message)

    async def _settle(self, id: str, outcome: Outcome) -> None:
        now = self._clock.now()
        chance = self._ids.bytes(1)[0] / 255
        follow = Follow(self._ids.id(), self._ids.id())
        while True:
            try:
                visit = await self._stored(lambda unit: record(unit, id, outcome, now, chance, follow))
            except Exception as error:
                # Whatever it is, a mail that has left must not leave again: its place is held until that is written.
                _log.error("mail %s can't be recorded: %s", id, type(error).__name__)
                await asyncio.sleep(_FAULT_PAUSE)
            else:
                if visit is not None:
                    self._tell(visit)
                return

    async def _stored(self, work: Callable[[Unit], T]) -> T:
        """Carry out a unit of work, waiting for a storage that is unavailable."""
        while True:
            try:
                return await self._db.write(work)
            except Refused as error:
                if not _is_unavailable(error):
                    raise
            await asyncio.sleep(_STORAGE_PAUSE)

    def _tell(self, visit: Visit) -> None:
        self._notifier.publish([Fact("invite_changed", visit=visit.id, employees=(visit.employee,))])


def _is_unavailable(error: Exception) -> bool:
    return isinstance(error, Refused) and error.code is Code.UNAVAILABLE
