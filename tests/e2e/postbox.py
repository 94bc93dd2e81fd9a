"""A real SMTP server on loopback that keeps what it takes, and can be told to be down, or to answer 4xx or 5xx."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, TypeVar

from aiosmtpd.controller import Controller

T = TypeVar("T")
PATIENCE = 30.0


def wait_for(what: str, look: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """What `look` finds once it finds something; fails with `what` after `patience` seconds."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {patience:.0f} s in vain for {what}")


def free_port() -> int:
    """A port of the loopback address that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Postbox:
    """The clients' mailboxes."""

    def __init__(self) -> None:
        self.port = free_port()
        self.answer: str | None = None
        self._mails: list[tuple[str, EmailMessage]] = []
        self._lock = threading.Lock()
        self._controller: Controller | None = None

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Take the recipient, unless told to answer otherwise."""
        if self.answer is not None:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the mail."""
        mail = message_from_bytes(envelope.content, policy=policy.default)
        with self._lock:
            self._mails += [(address, mail) for address in envelope.rcpt_tos]
        return "250 OK"

    def start(self) -> None:
        """Listen, at the same port as before."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Stop listening; connections are refused."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def mails(self, address: str) -> list[EmailMessage]:
        """The mails to an address, oldest first."""
        with self._lock:
            return [mail for to, mail in self._mails if to == address]

    def wait(self, address: str, count: int = 1) -> EmailMessage:
        """The `count`th mail to an address, once it is there."""
        return wait_for(f"mail {count} to {address}", lambda: self.mails(address)[count - 1 : count])[0]


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def link_in(mail: EmailMessage) -> str:
    """The invite link of a mail, from its plain text."""
    links = re.findall(r"https?://\S+/v#[A-Za-z0-9_-]{43}", text_of(mail))
    assert len(links) == 1, "one link in the plain text"
    html = mail.get_body(("html",))
    assert html is not None
    assert f'href="{links[0]}"' in str(html.get_content()), "the same link in the HTML"
    return str(links[0])
