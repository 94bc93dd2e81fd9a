"""A running outbox over a real database, which sends to whatever listens on a port."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TypeVar

from signaling.domain.invite import Delivery, Invite
from signaling.errors import Code, Refused
from signaling.mail.outbox import Outbox, Sender
from signaling.mail.render import Renderer
from signaling.mail.smtp import SmtpSender
from signaling.ports import Database, EventRecord, Fact, Mail, Unit
from tests.smtp.letters import AGENCY, LINK, NOON

T = TypeVar("T")


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self._now = NOON

    def now(self) -> datetime:
        return self._now

    def move(self, by: timedelta) -> None:
        self._now += by


class RandomIds:
    """Real randomness."""

    def id(self) -> str:
        return secrets.token_hex(12)

    def bytes(self, count: int) -> bytes:
        return secrets.token_bytes(count)


class Facts:
    """Keeps what pages would be told, and tells the test that there is something new."""

    def __init__(self) -> None:
        self.all: list[Fact] = []
        self.news = asyncio.Event()

    def publish(self, facts: Iterable[Fact]) -> None:
        self.all.extend(facts)
        self.news.set()


class Failing:
    """A database whose writes are refused while `broken`, as on a full disk."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.broken = False
        self.fault: Exception | None = None
        self.refused = asyncio.Event()

    async def write(self, work: Callable[[Unit], T]) -> T:
        if self.broken:
            self.refused.set()
            raise Refused(Code.UNAVAILABLE)
        if self.fault is not None:
            fault, self.fault = self.fault, None
            raise fault
        return await self._database.write(work)

    async def read(self, work: Callable[[Unit], T]) -> T:
        return await self._database.read(work)


def link_of(invite: Invite) -> str:
    """A link as the services compute it."""
    return LINK


class Post:
    """What a test needs to know and do."""

    def __init__(self, database: Database) -> None:
        self.db = Failing(database)
        self.clock = SetClock()
        self.facts = Facts()
        self.outbox: Outbox | None = None

    @asynccontextmanager
    async def open(self, to: int | Sender, grace: float = 10.0) -> AsyncIterator[Outbox]:
        """Run an outbox that sends to this port."""
        sender = SmtpSender("127.0.0.1", to, "none", timeout=5, data_timeout=5) if isinstance(to, int) else to
        self.outbox = Outbox(
            self.db, sender, Renderer(AGENCY), link_of, clock=self.clock, ids=RandomIds(), notifier=self.facts
        )
        task = asyncio.create_task(self.outbox.run())
        try:
            yield self.outbox
        finally:
            await self.outbox.stop(grace)
            async with asyncio.timeout(5):
                await task

    async def mail(self, id: str = "m1") -> Mail:
        mail = await self.db.read(lambda unit: unit.outbox.mail(id))
        assert mail is not None
        return mail

    async def mails(self) -> list[Mail]:
        return list(await self.db.read(lambda unit: unit.outbox.of_visit("v1")))

    async def events(self) -> list[EventRecord]:
        return list(await self.db.read(lambda unit: unit.sessions.events("v1")))

    async def until(self, state: Delivery, id: str = "m1", attempts: int = 0) -> Mail:
        """Wait until the mail is in this state, after so many attempts at least."""
        async with asyncio.timeout(15):
            while True:
                self.facts.news.clear()
                mail = await self.mail(id)
                if mail.state is state and mail.attempts >= attempts:
                    return mail
                await self.facts.news.wait()

    async def next_try(self) -> None:
        """Let time pass until the mail is due again."""
        self.clock.move((await self.mail()).next_try_at - self.clock.now())
        assert self.outbox is not None
        self.outbox.wake()
