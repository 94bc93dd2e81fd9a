"""The demo's mail server: takes every mail on loopback, sends none on, and keeps them in a folder to be read.

The real mail path runs, so that the demo shows what production does. Caught mails survive a restart.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Envelope, Session

# Older ones are removed: a demo that runs for a month does not fill the disk.
KEPT = 500
# The time in milliseconds, so that names sort by age, and something against two in the same one.
_ID = re.compile(r"(\d{13})-[0-9a-f]{8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class CaughtMail:
    """A mail as its reader would see it. `html` is as it was sent: show it apart from the product's own pages."""

    id: str
    caught_at: datetime
    sender: str
    to: str
    subject: str
    text: str
    html: str
    calendar: str


def _read(id: str, raw: bytes) -> CaughtMail:
    message = message_from_bytes(raw, policy=policy.default)
    parts = {"plain": "", "html": "", "calendar": ""}
    for part in message.walk():
        if part.get_content_maintype() == "text" and part.get_content_subtype() in parts:
            parts[part.get_content_subtype()] = str(part.get_content())
    return CaughtMail(
        id=id,
        caught_at=datetime.fromtimestamp(int(id.partition("-")[0]) / 1000, UTC),
        sender=str(message["From"]),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        text=parts["plain"],
        html=parts["html"],
        calendar=parts["calendar"],
    )


class CaughtMails:
    """The mails in a folder, one file each. Files are read and written off the event loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def list(self) -> tuple[CaughtMail, ...]:
        """All of them, the newest first."""
        return await asyncio.to_thread(self._list)

    async def get(self, id: str) -> CaughtMail | None:
        """The mail of an id from `list`; None if there is none."""
        if not _ID.fullmatch(id):
            return None
        try:
            return _read(id, await asyncio.to_thread((self._folder / f"{id}.eml").read_bytes))
        except FileNotFoundError:
            return None

    async def add(self, raw: bytes) -> str:
        """Keep a mail; its id. Raises OSError if the disk is full."""
        return await asyncio.to_thread(self._add, raw)

    def _names(self) -> tuple[Path, ...]:
        if not self._folder.is_dir():
            return ()
        return tuple(sorted((path for path in self._folder.glob("*.eml") if _ID.fullmatch(path.stem)), reverse=True))

    def _list(self) -> tuple[CaughtMail, ...]:
        return tuple(_read(path.stem, path.read_bytes()) for path in self._names())

    def _add(self, raw: bytes) -> str:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{int(datetime.now(UTC).timestamp() * 1000):013d}-{secrets.token_hex(4)}"
        unfinished = self._folder / f"{name}.part"
        unfinished.write_bytes(raw)
        unfinished.rename(self._folder / f"{name}.eml")
        for path in self._names()[KEPT:]:
            path.unlink(missing_ok=True)
        return name


class _Handler:
    def __init__(self, mails: CaughtMails) -> None:
        self._mails = mails

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        """Called by aiosmtpd with a whole mail; the answer to the client."""
        try:
            await self._mails.add(envelope.content if isinstance(envelope.content, bytes) else b"")
        except OSError:
            return "452 There is no room for the mail"
        return "250 Caught"


@asynccontextmanager
async def catching(mails: CaughtMails, port: int = 0) -> AsyncIterator[int]:
    """Catch mails on loopback while the context lasts; gives the port (0 takes a free one). Raises OSError."""
    # It would log addresses.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    loop = asyncio.get_running_loop()
    handler = _Handler(mails)
    connections: WeakSet[SMTP] = WeakSet()

    def connection() -> SMTP:
        made = SMTP(handler, loop=loop, hostname="localhost", ident="Virtual Visits demo")
        connections.add(made)
        return made

    server = await loop.create_server(connection, "127.0.0.1", port)
    async with server:
        yield server.sockets[0].getsockname()[1]
    for made in connections:
        if made.transport is not None:
            made.transport.close()
