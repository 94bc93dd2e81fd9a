"""Real SMTP servers on loopback that keep what they take, and fail where they are told to."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, AnyStr

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# Where a connection can be cut: before the greeting, at each command, within the mail, and after the mail was taken.
CUTS = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "text", "dot")
# The answer to DATA.
_GO_ON = "354 End data with <CR><LF>.<CR><LF>"


@dataclass(frozen=True)
class Taken:
    """A mail that the server has taken, with its envelope."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    raw: bytes
    user: str | None
    encrypted: bool


@dataclass
class Desk:
    """What the server does next, and what it has taken. Each answer is used once; an empty list means yes."""

    rcpt_answers: list[str] = field(default_factory=list)
    mail_answers: list[str] = field(default_factory=list)
    data_answers: list[str] = field(default_factory=list)
    cuts: list[str] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    connections: int = 0
    at_once: int = 0
    most_at_once: int = 0
    gate: asyncio.Event | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def cut(self, phase: str, server: SMTP) -> bool:
        """Whether the connection was cut here, as it was told to be."""
        if self.cuts[:1] != [phase]:
            return False
        self.cuts.pop(0)
        assert isinstance(server, Server)
        server.hang_up()
        return True

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Called by aiosmtpd."""
        if self.mail_answers:
            return self.mail_answers.pop(0)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Called by aiosmtpd."""
        if self.rcpt_answers:
            return self.rcpt_answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Called by aiosmtpd."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.arrived.set()
        if self.gate is not None:
            await self.gate.wait()
        self.at_once -= 1
        if self.data_answers:
            return self.data_answers.pop(0)
        raw = envelope.content
        assert isinstance(raw, bytes)
        data = session.auth_data
        self.taken.append(
            Taken(
                envelope.mail_from or "",
                tuple(envelope.rcpt_tos),
                message_from_bytes(raw, policy=policy.default),
                raw,
                data.login.decode() if isinstance(data, LoginPassword) else None,
                session.ssl is not None,
            )
        )
        self.cut("dot", server)
        return "250 Taken"


class Server(SMTP):
    """aiosmtpd's server, which can hang up in the middle."""

    event_handler: Desk

    def hang_up(self) -> None:
        """Close without a word, in the middle of a handshake too."""
        for transport in (self.transport, self._original_transport):
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.event_handler.connections += 1
        if self.event_handler.cuts[:1] == ["greeting"]:
            self.event_handler.cuts.pop(0)
            assert isinstance(transport, asyncio.Transport)
            transport.abort()
            return
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is not None:
            super().connection_lost(error)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        if not self.event_handler.cut("EHLO", self):
            await super().smtp_EHLO(hostname)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        if not self.event_handler.cut("MAIL", self):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        if not self.event_handler.cut("RCPT", self):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if not self.event_handler.cut("DATA", self):
            await super().smtp_DATA(arg)

    async def push(self, status: AnyStr) -> None:
        await super().push(status)
        if status == _GO_ON:
            self.event_handler.cut("text", self)


@asynccontextmanager
async def serving(
    desk: Desk,
    *,
    port: int = 0,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    account: tuple[str, str] | None = None,
) -> AsyncIterator[int]:
    """Serve on loopback while the context lasts; gives the port."""

    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == account
        return AuthResult(success=right, handled=False, auth_data=data if right else None)

    loop = asyncio.get_running_loop()

    connections: list[Server] = []

    def connection() -> Server:
        with warnings.catch_warnings():
            # It warns of sign-in without STARTTLS, for implicit TLS too.
            warnings.simplefilter("ignore", UserWarning)
            made = Server(
                desk,
                loop=loop,
                hostname="localhost",
                tls_context=starttls,
                require_starttls=starttls is not None,
                authenticator=authenticate if account else None,
                auth_required=account is not None,
                auth_require_tls=starttls is not None or account is None,
            )
            connections.append(made)
            return made

    server = await loop.create_server(connection, "127.0.0.1", port, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]
        for made in connections:
            made.hang_up()
        # A transport that is aborted closes its socket in the loop's next round, one under TLS in the round after.
        for _ in range(3):
            await asyncio.sleep(0)


@asynccontextmanager
async def answering(*lines: bytes, again: float | None = None) -> AsyncIterator[int]:
    """Say these lines to whoever connects, over and over after `again` seconds if given; gives the port."""
    talks: list[asyncio.Task[None]] = []

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.append(task)
        try:
            while True:
                writer.writelines(lines)
                await writer.drain()
                await asyncio.sleep(60 if again is None else again)
        except ConnectionError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await asyncio.sleep(0)


def certificate(folder: Path, name: str = "localhost") -> tuple[Path, ssl.SSLContext]:
    """A certificate for `name` and 127.0.0.1 that vouches for itself: its file, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate_file, key_file)
    return certificate_file, context
