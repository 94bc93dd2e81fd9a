"""Headers as they are sent: nothing gets in that was not meant to, and everything that was arrives as it is."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import parseaddr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.domain.values import BadValue
from signaling.mail.headers import POLICY
from signaling.mail.render import Renderer
from tests.smtp.letters import AGENCY, LETTER, NOON
from tests.smtp.reading import RENDERER, event, read

HEADERS = {
    "from",
    "to",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "auto-submitted",
    "mime-version",
    "content-type",
}


def test_headers() -> None:
    message = read(LETTER)
    assert {name.lower() for name in message} == HEADERS
    sender = message["From"]
    assert isinstance(sender, AddressHeader)
    assert (sender.addresses[0].display_name, sender.addresses[0].addr_spec) == (AGENCY.name, AGENCY.mail_from)
    assert message["To"] == LETTER.address
    assert message["Reply-To"] == AGENCY.reply_to
    assert message["Message-ID"] == "<first@visits.agency.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOON
    assert message["Subject"] == "Your video visit on Monday, March 2, 2026 at 3:00 PM – Soins « Été », SARL"


INJECTIONS = (
    "Anna\r\nBcc: all@evil.example",
    "Anna\nBcc: all@evil.example",
    "Anna\rBcc: all@evil.example",
    "=?utf-8?q?Anna=0D=0ABcc:_all@evil.example?=",
    "=?utf-8?b?QW5uYQ0KQmNjOiBhbGxAZXZpbC5leGFtcGxl?= Anna",
    "Anna\0",
    "Anna\u2028Bcc: x",
    "Anna\u202egnihton",
    "Anna\x85Bcc: x",
)


@pytest.mark.parametrize("evil", INJECTIONS)
def test_injection_is_refused(evil: str) -> None:
    for letter in (
        replace(LETTER, client=evil),
        replace(LETTER, caregiver=evil),
        replace(LETTER, address=f"{evil}@client.example"),
        replace(LETTER, message_id=evil),
        replace(LETTER, link=f"https://visits.agency.example/v#{evil}"),
    ):
        with pytest.raises(BadValue):
            RENDERER.render(letter)
    for agency in (
        replace(AGENCY, name=evil),
        replace(AGENCY, reply_to=evil),
        replace(AGENCY, mail_from=evil),
        replace(AGENCY, host=evil),
    ):
        with pytest.raises(BadValue):
            Renderer(agency)


@pytest.mark.parametrize("evil", INJECTIONS[:5])
@pytest.mark.parametrize("name", ["Subject", "X-Note", "From", "Reply-To"])
def test_the_second_guard_holds_alone(name: str, evil: str) -> None:
    """Whatever gets past the checks: it never becomes a header of its own."""
    message = EmailMessage(policy=POLICY)
    try:
        message[name] = evil
        message.set_content("Hello")
        raw = message.as_bytes()
    except ValueError:
        return
    names = [line.partition(b":")[0].lower() for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n")]
    assert b"bcc" not in names


@pytest.mark.parametrize("broken", ["\r\nBcc: all@evil.example", "\nBcc: x", "\rBcc: x", "\r\n\r\nbody", "\0"])
def test_the_second_guard_sees_what_python_wrote(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    assert POLICY.fold("X-Note", "Anna") == "X-Note: Anna\r\n"
    monkeypatch.setattr(EmailPolicy, "fold", lambda self, name, value: f"{name}: Anna{broken}\r\n")
    with pytest.raises(BadValue):
        POLICY.fold_binary("X-Note", "Anna")


@pytest.mark.parametrize("link", [None, "", "javascript:alert(1)", "https://a b", 'https://a"b', "https://a/<b>"])
def test_what_is_no_link(link: str | None) -> None:
    with pytest.raises(BadValue):
        RENDERER.render(replace(LETTER, link=link))


def without_blanks(words: str) -> str:
    return re.sub(r"\s+", " ", words).strip()


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=200).filter(
    lambda name: name.strip() and "=?" not in name and not set(name) & set("\u200e\u200f\u061c")
)


@settings(deadline=None, print_blob=True)
@given(name=NAMES)
def test_every_name_arrives_as_it_is(name: str) -> None:
    raw = Renderer(replace(AGENCY, name=name)).render(replace(LETTER, caregiver=name)).as_bytes()
    message = message_from_bytes(raw, policy=policy.default)
    assert {header.lower() for header in message} == HEADERS
    # Python below 3.11.15 reads blanks into a long name where none are; the older decoder does not.
    decoded = str(make_header(decode_header(message_from_bytes(raw)["From"])))
    shown, address = parseaddr(decoded) if name.isascii() else decoded.rsplit(" ", 1)
    assert address.strip("<>") == AGENCY.mail_from
    assert without_blanks(shown) == without_blanks(name)
    subject = str(make_header(decode_header(message_from_bytes(raw)["Subject"])))
    assert without_blanks(subject).endswith(without_blanks(name))
    assert event(message)[1]["SUMMARY"] == name.strip()


@pytest.mark.parametrize("name", ["N" * 200, "é" * 200, "Soins à domicile, « Été » " * 7])
def test_the_longest_names(name: str) -> None:
    message = read(replace(LETTER, caregiver=name, client=name), Renderer(replace(AGENCY, name=name)))
    assert event(message)[1]["SUMMARY"] == name.strip()


def test_the_longest_address() -> None:
    address = "a" * 64 + "@" + ".".join(["b" * 61] * 3) + ".de"
    message = read(replace(LETTER, address=address), Renderer(replace(AGENCY, mail_from=address, reply_to=address)))
    assert message["To"] == message["Reply-To"] == address
    assert event(message)[1]["ATTENDEE"] == f"mailto:{address}"


def test_an_address_with_the_signs_of_a_url() -> None:
    address = "a&b?c=d%e#f@client.example"
    assert event(read(replace(LETTER, address=address)))[1]["ATTENDEE"] == (
        "mailto:a%26b%3Fc%3Dd%25e%23f@client.example"
    )


def test_an_address_of_the_sixth_version_as_host() -> None:
    assert Renderer(replace(AGENCY, host="fd00::1")).render(LETTER)["Message-ID"] == "<first@fd00--1>"
