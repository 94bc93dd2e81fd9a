"""One mail to the agency's SMTP server, and what the server said to it (RFC 5321)."""

from __future__ import annotations

import asyncio
import re
import ssl
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from signaling.domain.values import BadValue, check_email

WORDS_MAX = 200
# Seconds. RFC 5321, section 4.5.3.2, allows a server ten minutes to say yes after the final dot; a client who waits
# for a visit that begins soon is better served by a second try, which has the same Message-ID.
TIMEOUT = 30.0
DATA_TIMEOUT = 120.0
_QUIT_TIMEOUT = 2.0
# RFC 4954, section 6: the server wants a sign-in, or a better one. That says nothing about the mail.
_SIGN_IN_CODES = frozenset({530, 534, 535, 538})
_ADDRESS = re.compile(r"[^\s<>@,;:\"']+@[^\s<>@,;:\"']+")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class Security(StrEnum):
    """How the connection is encrypted; `starttls` and `tls` insist on it, and on a valid certificate."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class Trouble(StrEnum):
    """Why a mail has not left. `answer` stands for the server's own words; the rest have words in the catalogue."""

    ANSWER = "answer"
    SIGN_IN = "sign_in"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    CUT_OFF = "cut_off"
    NOT_ENCRYPTED = "not_encrypted"
    CERTIFICATE = "certificate"
    NOT_UNDERSTOOD = "not_understood"
    NOT_MADE = "not_made"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server has taken the mail over."""


@dataclass(frozen=True, slots=True)
class TryLater:
    """The mail has not left, or nobody knows: send it again with the same Message-ID."""

    trouble: Trouble
    words: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The server will never take this mail (5xx to sender, recipient or content)."""

    trouble: Trouble
    words: str = ""


Outcome = Accepted | TryLater | Rejected


def clean(words: str) -> str:
    """A server's words fit to be shown: one line, nothing invisible, no address, at most 200 characters."""
    visible = "".join(" " if unicodedata.category(char) in _INVISIBLE else char for char in words)
    line = _ADDRESS.sub("…", " ".join(visible.split()))
    return line if len(line) <= WORDS_MAX else line[: WORDS_MAX - 1] + "…"


def _answer(error: SMTPResponseException) -> Outcome:
    words = clean(f"{error.code} {error.message}")
    if isinstance(error, SMTPAuthenticationError) or error.code in _SIGN_IN_CODES:
        return TryLater(Trouble.SIGN_IN, words)
    about_the_mail = isinstance(error, (SMTPSenderRefused, SMTPRecipientRefused, SMTPDataError))
    if about_the_mail and 500 <= error.code < 600:
        return Rejected(Trouble.ANSWER, words)
    if not 400 <= error.code < 600:
        return TryLater(Trouble.NOT_UNDERSTOOD)
    # A 5xx before the mail was named is the server's trouble with us, as a wrong password is: the agency can mend
    # it, and the mail leaves then.
    return TryLater(Trouble.ANSWER, words)


def _outcome_of(error: Exception) -> Outcome:
    if isinstance(error, SMTPResponseException):
        return _answer(error)
    cause = error.__cause__ if isinstance(error, SMTPConnectError) else error
    kinds: tuple[tuple[type[Exception], Trouble], ...] = (
        (ssl.SSLCertVerificationError, Trouble.CERTIFICATE),
        (ssl.SSLError, Trouble.NOT_ENCRYPTED),
        (SMTPServerDisconnected, Trouble.CUT_OFF),
        (TimeoutError, Trouble.TIMED_OUT),
        (OSError, Trouble.UNREACHABLE),
    )
    return TryLater(next((trouble for kind, trouble in kinds if isinstance(cause, kind)), Trouble.NOT_UNDERSTOOD))


class SmtpSender:
    """Sends mails one by one, each on a connection of its own."""

    def __init__(
        self,
        host: str,
        port: int,
        security: str,
        *,
        username: str | None = None,
        password: str | None = None,
        own_name: str = "localhost",
        authorities: Path | None = None,
        timeout: float = TIMEOUT,
        data_timeout: float = DATA_TIMEOUT,
    ) -> None:
        """`security` is a value of `Security`; `own_name` is what EHLO says.

        `authorities` is a file of certificates to trust besides the system's. The timeouts are in seconds: for
        every answer, and for the answer to the whole mail.
        """
        self._host = host
        self._port = port
        self._security = Security(security)
        self._username = username or None
        self._password = password if self._username else None
        self._own_name = own_name
        self._authorities = authorities
        self._timeout = timeout
        self._data_timeout = data_timeout

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Hand one mail over. Never raises for what a server or a network may do.

        A connection that is cut between the final dot and the answer is `TryLater`: the mail may have left.
        """
        client = SMTP(
            hostname=self._host,
            port=self._port,
            local_hostname=self._own_name,
            timeout=self._timeout,
            use_tls=self._security is Security.TLS,
            start_tls=False,
            cert_bundle=None if self._authorities is None else str(self._authorities),
        )
        try:
            # A server that drips its answers must not hold a mail for ever.
            async with asyncio.timeout(6 * self._timeout + self._data_timeout):
                outcome = await self._hand_over(client, sender, recipient, message)
        except (SMTPException, OSError, TimeoutError) as error:
            outcome = _outcome_of(error)
        except BadValue:
            outcome = Rejected(Trouble.NOT_MADE)
        await self._leave(client)
        return outcome

    async def _hand_over(self, client: SMTP, sender: str, recipient: str, message: bytes) -> Outcome:
        # aiosmtplib would make the best of a malformed address: a mail to somebody else.
        check_email(sender)
        check_email(recipient)
        await client.connect()
        if self._security is Security.STARTTLS:
            await client.ehlo()
            if not client.supports_extension("starttls"):
                return TryLater(Trouble.NOT_ENCRYPTED)
            await client.starttls()
        if self._username is not None:
            await client.ehlo()
            if not client.supported_auth_methods:
                return TryLater(Trouble.SIGN_IN)
            await client.login(self._username, self._password or "")
        await client.mail(sender)
        await client.rcpt(recipient)
        await client.data(message, timeout=self._data_timeout)
        return Accepted()

    async def _leave(self, client: SMTP) -> None:
        """Say goodbye. What happens here changes nothing any more."""
        try:
            if client.is_connected:
                await client.quit(timeout=_QUIT_TIMEOUT)
        except (SMTPException, OSError, TimeoutError):
            return
        finally:
            client.close()
