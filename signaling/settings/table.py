"""Every setting in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from signaling.domain.values import check_email, check_name, check_phone, check_zone
from signaling.domain.visit import Language
from signaling.settings import values
from signaling.settings.values import DURATION, LIST, NUMBER, TEXT, TRUTH, Kind, Network, SmtpSecurity

PREFIX = "VIRTUAL_VISITS_"
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one server, checked. Secrets are not in its repr. `public_url` is an origin (RFC 6454)."""

    agency_name: str
    agency_phone: str
    agency_reply_to: str
    agency_language: Language
    agency_time_zone: str
    public_url: str
    host: str
    port: int
    certificate: Path | None
    key: Path | None
    trusted_proxies: tuple[Network, ...]
    database: Path
    link_key: bytes = field(repr=False)
    opens_before: timedelta
    idle_sign_out: timedelta
    smtp_host: str
    smtp_port: int
    smtp_security: SmtpSecurity
    smtp_username: str | None
    smtp_password: str | None = field(repr=False)
    mail_from: str
    stun_urls: tuple[str, ...]
    turn_urls: tuple[str, ...]
    turn_secrets: tuple[str, ...] = field(repr=False)
    turn_ttl_seconds: int
    relay_only: bool
    demo: bool = False

    @property
    def secure(self) -> bool:
        """Whether people reach the server over https."""
        return self.public_url.startswith("https://")


REQUIRED: Any = object()


class Setting(NamedTuple):
    """One row: the field of `Settings`, its place in the file, and what it means. `default` is as in the file."""

    field: str
    section: str
    key: str
    kind: Kind
    check: Callable[[Any], Any]
    default: Any
    sentence: str
    secret: bool = False

    @property
    def place(self) -> str:
        """Section and key in the file."""
        return f"{self.section}.{self.key}"

    @property
    def variable(self) -> str:
        """The environment variable that goes over the file."""
        return f"{PREFIX}{self.section}_{self.key}".upper()

    def mistake(self, why: str) -> str:
        """One line that says what is wrong with this setting."""
        return f"{self.place} ({self.variable}) {why}"


def _turn_ttl(value: str) -> int:
    return int(values.within(10 * _MINUTE, 2 * _DAY)(value).total_seconds())


def _same(value: bool) -> bool:
    return value


# fmt: off
TABLE: tuple[Setting, ...] = (
    Setting("agency_name", "agency", "name", TEXT, check_name, REQUIRED,
            "The agency's name, as clients read it on the pages and in mails."),
    Setting("agency_phone", "agency", "phone", TEXT, check_phone, REQUIRED,
            "The phone number that pages show when something does not work."),
    Setting("agency_reply_to", "agency", "reply_to", TEXT, check_email, REQUIRED,
            "Where answers to the mails go; also the organizer of the calendar entries."),
    Setting("agency_language", "agency", "language", TEXT, values.language, "en",
            "The language of pages before somebody's own is known: en or fr."),
    Setting("agency_time_zone", "agency", "time_zone", TEXT, check_zone, REQUIRED,
            "The agency's own IANA time zone, like Europe/Paris."),
    Setting("public_url", "server", "public_url", TEXT, values.origin, REQUIRED,
            "The address people use, without a path. https, except on this machine itself."),
    Setting("host", "server", "host", TEXT, values.present, "127.0.0.1",
            "The address to listen at; 0.0.0.0 or :: for every network card."),
    Setting("port", "server", "port", NUMBER, values.port, 8080,
            "The TCP port to listen at."),
    Setting("certificate", "server", "certificate", TEXT, values.optional_path, None,
            "The TLS certificate with its chain (PEM file), when no proxy does TLS."),
    Setting("key", "server", "key", TEXT, values.optional_path, None,
            "The certificate's private key (PEM file, without a passphrase)."),
    Setting("trusted_proxies", "server", "trusted_proxies", LIST, values.networks, [],
            "Addresses or networks of the reverse proxies whose X-Forwarded-For and -Proto are believed."),
    Setting("database", "storage", "database", TEXT, values.path, REQUIRED,
            "The SQLite database file; its folder must exist and be on a local disk."),
    Setting("link_key", "links", "key", TEXT, values.link_key, REQUIRED,
            "The secret that invite links are made from, 32 characters or more. A new one ends earlier links.", True),
    Setting("opens_before", "links", "opens_before", DURATION, values.within(timedelta(0), _DAY), "60m",
            "How long before the start of the visit a link begins to admit."),
    Setting("idle_sign_out", "sign_in", "idle", DURATION, values.within(5 * _MINUTE, _DAY), "30m",
            "After how long without a request an employee is signed out; never during a call."),
    Setting("smtp_host", "mail", "host", TEXT, values.present, REQUIRED,
            "The agency's SMTP server."),
    Setting("smtp_port", "mail", "port", NUMBER, values.port, 587,
            "Its port: usually 587 with starttls, 465 with tls."),
    Setting("smtp_security", "mail", "security", TEXT, values.security, "starttls",
            "How the connection to it is protected: starttls, tls or none."),
    Setting("smtp_username", "mail", "username", TEXT, values.optional, None,
            "The account to sign in with there, if it asks for one."),
    Setting("smtp_password", "mail", "password", TEXT, values.optional, None,
            "That account's password.", True),
    Setting("mail_from", "mail", "from", TEXT, check_email, REQUIRED,
            "The sender's address of the mails."),
    Setting("stun_urls", "ice", "stun_urls", LIST, values.stun_urls, [],
            "The agency's own STUN servers, like stun:turn.example.org:3478."),
    Setting("turn_urls", "ice", "turn_urls", LIST, values.turn_urls, [],
            "The agency's own TURN servers, like turn:turn.example.org:3478?transport=udp."),
    Setting("turn_secrets", "ice", "turn_secrets", LIST, values.secrets, [],
            "The secrets shared with the TURN servers (static-auth-secret): the first one is used.", True),
    Setting("turn_ttl_seconds", "ice", "turn_ttl", DURATION, _turn_ttl, "6h",
            "How long a TURN credential lives."),
    Setting("relay_only", "ice", "relay_only", TRUTH, _same, False,
            "Send pictures and sound through the TURN servers only, so that nobody learns another's address."),
)
# fmt: on
