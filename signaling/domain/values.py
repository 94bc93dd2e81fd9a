"""What a value must look like before the product takes it (DESIGN §5, inputs)."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

NAME_MAX = 200
EMAIL_MAX = 254
NOTES_MAX = 64 * 1024
VISIT_MAX = timedelta(hours=24)

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
# One address, as browsers take it in <input type=email> (HTML, section 4.10.5.1.5), with a dot in the domain
# or the bare word "localhost"; quoted local parts and address literals are not worth their risks in a header.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.-]{{1,64}}@(?:{_LABEL}(?:\.{_LABEL})+|localhost)", re.ASCII)
_PHONE = re.compile(r"\+?[0-9 ()./-]{3,40}", re.ASCII)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
# Bidirectional overrides and isolates can make a name read as something else (Unicode TR 36).
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


class BadValue(ValueError):
    """A value that is refused; the message says why, without quoting the value."""


def check_id(value: str) -> str:
    """An agency's own id: 1 to 64 of `A-Z a-z 0-9 . _ -`, and not a path's `.` or `..`."""
    if not _ID.fullmatch(value) or value in {".", ".."}:
        raise BadValue("must be 1 to 64 letters, digits, dots, underscores or hyphens")
    return value


def check_text(value: str) -> str:
    """A line that a person reads, without blanks around it: not empty, 200 characters at most, nothing deceiving."""
    text = value.strip()
    if not text:
        raise BadValue("must not be empty")
    if len(text) > NAME_MAX:
        raise BadValue(f"must have at most {NAME_MAX} characters")
    for char in text:
        if char in _BIDI or unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}:
            raise BadValue("must not contain control or text-direction characters")
    return text


def check_name(value: str) -> str:
    """A name: at most 200 characters, and safe in a mail header (`=?` starts an encoded word, RFC 2047)."""
    text = check_text(value)
    if "=?" in text:
        raise BadValue("must not contain =?")
    return text


def check_email(value: str) -> str:
    """One plain address of at most 254 characters (RFC 5321, section 4.5.3.1.3)."""
    text = value.strip()
    local = text.partition("@")[0]
    if len(text) > EMAIL_MAX or not _EMAIL.fullmatch(text) or "=?" in text:
        raise BadValue("must be one email address")
    if local.startswith(".") or local.endswith(".") or ".." in local:
        raise BadValue("must be one email address")
    return text


def check_phone(value: str) -> str:
    """A phone number as people write it; it becomes a `tel:` link."""
    text = value.strip()
    if not _PHONE.fullmatch(text) or sum(char.isdigit() for char in text) < 3:
        raise BadValue("must be a phone number")
    return text


def check_time(value: str) -> datetime:
    """An RFC 3339 time with an offset, as UTC."""
    if not _RFC3339.fullmatch(value):
        raise BadValue("must be a time with an offset, like 2026-03-01T09:00:00+01:00")
    try:
        moment = datetime.fromisoformat(value.upper().replace("Z", "+00:00")).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadValue("is not a time of the calendar") from None
    if not 1970 < moment.year < 9000:
        raise BadValue("is not a time of the calendar")
    return moment


def check_span(starts_at: datetime, ends_at: datetime) -> None:
    """A visit ends after it starts, within 24 hours."""
    if not timedelta(0) < ends_at - starts_at <= VISIT_MAX:
        raise BadValue("must be after the start, by 24 hours at most")


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def check_zone(value: str) -> str:
    """A known IANA time zone."""
    if value not in _zones():
        raise BadValue("must be a known IANA time zone, like Europe/Paris")
    return value


def check_notes(value: str) -> str:
    """Free text of at most 64 kB in UTF-8; line breaks are welcome, other control characters are not."""
    text = value.replace("\r\n", "\n")
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise BadValue("must be valid Unicode") from None
    if size > NOTES_MAX:
        raise BadValue("must have at most 64 kB")
    if any(unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t" for char in text):
        raise BadValue("must not contain control characters")
    return text


def zone(name: str) -> ZoneInfo:
    """The zone of a checked name."""
    return ZoneInfo(name)


def rfc3339(moment: datetime) -> str:
    """A UTC time as the interfaces write it, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
