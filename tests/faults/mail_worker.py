"""The product's outbox in a process of its own, which may be killed at any moment. It ends when no mail is left."""

from __future__ import annotations

import asyncio
from pathlib import Path

from signaling.mail.smtp import Accepted, Outcome, SmtpSender
from storage.database import open_database
from tests.faults.mailbag import outbox
from tests.smtp.post import Facts, SetClock


class Hasty:
    """Says that a mail was accepted before it is even sent: the control."""

    def __init__(self, sender: SmtpSender) -> None:
        self._sender = sender
        self._tasks: set[asyncio.Task[Outcome]] = set()

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        self._tasks.add(asyncio.create_task(self._sender.send(sender, recipient, message)))
        return Accepted()


def work(path: Path, port: int, hasty: bool) -> None:
    asyncio.run(_work(path, port, hasty))


async def _work(path: Path, port: int, hasty: bool) -> None:
    smtp = SmtpSender("127.0.0.1", port, "none", timeout=30, data_timeout=30)
    facts = Facts()
    async with open_database(path, wait=10) as database:
        worker = outbox(database, Hasty(smtp) if hasty else smtp, SetClock(), facts)
        running = asyncio.create_task(worker.run())
        while await database.read(lambda unit: unit.outbox.next_try_at()) is not None:
            await facts.news.wait()
            facts.news.clear()
        await worker.stop()
        await running
