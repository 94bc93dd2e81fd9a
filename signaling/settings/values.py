"""How a setting's value is read, from TOML or from an environment variable, and what it must look like."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from signaling.domain.values import BadValue
from signaling.domain.visit import Language

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
SmtpSecurity = Literal["none", "starttls", "tls"]

LINK_KEY_MIN = 32
SECRET_MIN = 16
# What examples and documents write where a secret belongs. Such a value is known to everybody.
_EXAMPLES = re.compile(r"change.?(?:me|this)|your.?(?:own.?)?(?:secret|key|password)|example|<[^>]*>", re.IGNORECASE)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d{1,9}) ?([smhd])", re.ASCII)
_ICE_HOST = r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?"
_STUN = re.compile(rf"stuns?:{_ICE_HOST}", re.ASCII)
_TURN = re.compile(rf"turns?:{_ICE_HOST}(?:\?transport=(?:udp|tcp))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: its name for people, its TOML type, and how an environment variable spells it."""

    name: str
    type: type
    read: Callable[[str], Any]


def _whole_number(text: str) -> int:
    try:
        return int(text.strip())
    except ValueError:
        raise BadValue("must be a whole number") from None


def _truth(text: str) -> bool:
    word = text.strip().lower()
    if word not in {"true", "false", "yes", "no", "1", "0"}:
        raise BadValue("must be true or false")
    return word in {"true", "yes", "1"}


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


TEXT = Kind("text", str, str)
NUMBER = Kind("whole number", int, _whole_number)
TRUTH = Kind("true or false", bool, _truth)
DURATION = Kind('duration, like "90s", "60m", "12h" or "2d"', str, str)
LIST = Kind("list of texts; commas between them in the environment", list, _items)


def duration(value: str) -> timedelta:
    """A length of time with its unit. Raises BadValue."""
    match = _DURATION.fullmatch(value.strip())
    if not match:
        raise BadValue('must be a duration with its unit, like "90s", "60m", "12h" or "2d"')
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def within(shortest: timedelta, longest: timedelta) -> Callable[[str], timedelta]:
    """A duration between two limits."""

    def check(value: str) -> timedelta:
        length = duration(value)
        if not shortest <= length <= longest:
            raise BadValue(f"must be between {shown(shortest)} and {shown(longest)}")
        return length

    return check


def shown(length: timedelta) -> str:
    """A duration as a setting spells it."""
    seconds = int(length.total_seconds())
    unit = next(unit for unit in "dhms" if seconds % _UNITS[unit] == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


def port(value: int) -> int:
    """A TCP port."""
    if not 1 <= value <= 65535:
        raise BadValue("must be a port, 1 to 65535")
    return value


def present(value: str) -> str:
    """A text that is not blank, on one line."""
    text = value.strip()
    if not text or not text.isprintable():
        raise BadValue("must not be empty or have control characters")
    return text


def optional(value: str) -> str | None:
    """A text; a blank one is none."""
    return present(value) if value.strip() else None


def language(value: str) -> Language:
    """A language of the catalogues."""
    if value not in set(Language):
        raise BadValue(f"must be one of {', '.join(Language)}")
    return Language(value)


def security(value: str) -> SmtpSecurity:
    """How the connection to the mail server is protected."""
    for choice in get_args(SmtpSecurity):
        if value == choice:
            return choice  # type: ignore[no-any-return]
    raise BadValue('must be "starttls", "tls" or "none"')


def path(value: str) -> Path:
    """A file's path; a relative one is completed by the caller."""
    return Path(present(value)).expanduser()


def optional_path(value: str) -> Path | None:
    """A file's path; a blank one is none."""
    return path(value) if value.strip() else None


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own, as browsers see it (W3C Secure Contexts, section 3.1)."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def origin(value: str) -> str:
    """A web origin: scheme, host and port, without a path (RFC 6454)."""
    sentence = "must be an address like https://visits.example.org, without a path"
    try:
        parts = urlsplit(value.strip())
        number = parts.port
    except ValueError:
        raise BadValue(sentence) from None
    host = (parts.hostname or "").lower()
    if parts.scheme not in {"http", "https"} or not re.fullmatch(r"[a-z0-9.:-]+", host):
        raise BadValue(sentence)
    if parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username is not None:
        raise BadValue(sentence)
    named = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{named}" + (f":{number}" if number not in {None, default} else "")


def networks(value: list[str]) -> tuple[Network, ...]:
    """Addresses or networks in CIDR notation (RFC 4632)."""
    try:
        return tuple(ipaddress.ip_network(item) for item in value)
    except ValueError:
        raise BadValue('must be addresses or networks, like "127.0.0.1" or "10.1.0.0/16"') from None


def _strong(value: str, least: int) -> str:
    if _EXAMPLES.search(value):
        raise BadValue("is the value of an example, which everybody knows; make your own: openssl rand -base64 48")
    if len(value) < least or len(set(value)) < least // 4:
        raise BadValue(f"must be random, at least {least} characters: openssl rand -base64 48")
    return value


def link_key(value: str) -> bytes:
    """The key that links are made from."""
    return _strong(value.strip(), LINK_KEY_MIN).encode()


def secrets(value: list[str]) -> tuple[str, ...]:
    """Secrets that are shared with another server."""
    return tuple(_strong(item, SECRET_MIN) for item in value)


def stun_urls(value: list[str]) -> tuple[str, ...]:
    """STUN addresses (RFC 7064)."""
    if not all(_STUN.fullmatch(item) for item in value):
        raise BadValue('must be addresses like "stun:turn.example.org:3478"')
    return tuple(value)


def turn_urls(value: list[str]) -> tuple[str, ...]:
    """TURN addresses (RFC 7065)."""
    if not all(_TURN.fullmatch(item) for item in value):
        raise BadValue('must be addresses like "turn:turn.example.org:3478?transport=udp"')
    return tuple(value)
