"""What mails say and how they are built, read back as a mail program reads them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event

from signaling.domain.values import BadValue
from signaling.domain.visit import Language
from signaling.mail import render, texts
from signaling.mail.headers import POLICY
from signaling.mail.render import Letter, Renderer
from signaling.mail.smtp import Trouble
from signaling.ports import MailKind
from tests.smtp.letters import AGENCY, LETTER, LINK, NOON, TOKEN, VISIT

RENDERER = Renderer(AGENCY)
CANCELLED = replace(
    LETTER,
    kind=MailKind.CANCELLATION,
    link=None,
    visit=replace(VISIT, cancelled_at=NOON, sequence=4),
    message_id="second",
)
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


def read(letter: Letter, renderer: Renderer = RENDERER) -> EmailMessage:
    """The mail as its reader's program sees it."""
    return message_from_bytes(renderer.render(letter).as_bytes(), policy=policy.default)


def part(message: EmailMessage, kind: str) -> str:
    (found,) = [one for one in message.walk() if one.get_content_type() == kind]
    return str(found.get_content()).replace("\r\n", "\n")


def event(message: EmailMessage) -> tuple[str, Any]:
    calendar = Calendar.from_ical(part(message, "text/calendar"))
    (one,) = calendar.walk("VEVENT")
    assert isinstance(one, Event)
    return str(calendar["METHOD"]), one


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


def test_parts() -> None:
    message = read(LETTER)
    assert message.get_content_type() == "multipart/alternative"
    kinds = [one.get_content_type() for one in message.iter_parts()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    raw = RENDERER.render(LETTER).as_bytes()
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)


def test_invite_in_english() -> None:
    text = part(read(LETTER), "text/plain")
    assert "When: Monday, March 2, 2026, 3:00 PM to 4:00 PM (Central European Time)" in text
    assert "With: Anna, Soins « Été », SARL" in text
    assert text.count(LINK) == 1
    assert f"\n{LINK}\n" in text
    assert AGENCY.phone in text


def test_invite_in_french() -> None:
    message = read(replace(LETTER, language=Language.FR))
    assert message["Subject"] == "Votre visite vidéo du lundi 2 mars 2026 à 15:00 – Soins « Été », SARL"
    text = part(message, "text/plain")
    assert "Quand\xa0: lundi 2 mars 2026, 15:00 à 16:00 (heure d’Europe centrale)" in text
    assert "Avec\xa0: Anna, Soins « Été », SARL" in text
    assert text.count(LINK) == 1


@pytest.mark.parametrize("language", Language)
def test_page(language: Language) -> None:
    page = part(read(replace(LETTER, language=language)), "text/html")
    assert f'<html lang="{language}">' in page
    assert re.findall(r'href="([^"]*)"', page) == [LINK]
    for said in ("Anna", "Soins « Été », SARL", AGENCY.phone, "color-scheme"):
        assert said in page
    assert not re.search(r"<(script|img|link|iframe|form)\b|src=|url\(", page)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("letter", [LETTER, CANCELLED])
def test_nothing_about_health(letter: Letter, language: Language) -> None:
    message = read(replace(letter, language=language))
    words = " ".join([message["Subject"], *(part(message, f"text/{kind}") for kind in ("plain", "html", "calendar"))])
    assert "video" in words.lower() or "vidéo" in words.lower()
    for word in ("bath", "health", "care visit", "medical", "treatment", "patient", "santé", "médical", "traitement"):
        assert word not in words.lower()


def test_names_are_not_markup() -> None:
    evil = replace(LETTER, client="<b>Marie</b> & co", caregiver='"><img src=x>')
    page = part(read(evil), "text/html")
    assert "<img" not in page
    assert "&lt;b&gt;Marie&lt;/b&gt; &amp; co" in page
    assert "Hello <b>Marie</b> & co," in part(read(evil), "text/plain")


def test_calendar_of_an_invite() -> None:
    message = read(LETTER)
    assert 'method="REQUEST"' in next(m["Content-Type"] for m in message.walk() if "calendar" in m["Content-Type"])
    method, entry = event(message)
    assert method == "REQUEST"
    assert entry["UID"] == "visit-v1@visits.agency.example"
    assert entry["SEQUENCE"] == 0
    assert entry["SUMMARY"] == AGENCY.name
    assert (entry["DTSTART"].dt, entry["DTEND"].dt) == (VISIT.starts_at, VISIT.ends_at)
    assert entry["DTSTART"].to_ical() == b"20260302T140000Z"
    assert entry["ORGANIZER"] == "mailto:office@agency.example"
    assert entry["ATTENDEE"] == "mailto:marie@client.example"
    assert entry["ATTENDEE"].params["RSVP"] == "FALSE"
    assert (entry["STATUS"], entry["CLASS"]) == ("CONFIRMED", "PRIVATE")
    assert entry["URL"] == LINK


def test_calendar_of_a_cancellation() -> None:
    message = read(CANCELLED)
    method, entry = event(message)
    assert method == "CANCEL"
    assert entry["UID"] == event(read(LETTER))[1]["UID"]
    assert entry["SEQUENCE"] == 4
    assert entry["STATUS"] == "CANCELLED"
    assert "URL" not in entry
    assert TOKEN not in str(message)
    assert message["Subject"].startswith("Cancelled: your video visit on Monday, March 2")
    assert "You do not need to do anything." in part(message, "text/plain")


def test_calendar_is_sent_with_crlf() -> None:
    (sent,) = [one for one in RENDERER.render(LETTER).walk() if one.get_content_type() == "text/calendar"]
    content = sent.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 75


def test_a_letter_is_always_the_same_mail() -> None:
    def without_boundary(raw: bytes) -> bytes:
        return re.sub(rb"=+\d+==", b"", raw)

    assert without_boundary(RENDERER.render(LETTER).as_bytes()) == without_boundary(RENDERER.render(LETTER).as_bytes())


@pytest.mark.parametrize(
    ("zone", "starts", "english", "french"),
    [
        # The night before and after the clocks change, and the hour that comes twice.
        ("Europe/Paris", "2026-03-29T00:30", "1:30 AM to 3:30 AM (Central European Time)", "01:30 à 03:30"),
        ("Europe/Paris", "2026-10-24T23:30", "1:30 AM to 2:30 AM (Central European Time)", "01:30 à 02:30"),
        ("Europe/Paris", "2026-10-25T00:30", "2:30 AM to 2:30 AM (Central European Time, GMT+02:00)", "UTC+02:00"),
        ("Europe/Paris", "2026-10-25T01:30", "2:30 AM to 3:30 AM (Central European Time, GMT+01:00)", "UTC+01:00"),
        ("America/New_York", "2026-07-01T13:00", "9:00 AM to 10:00 AM (Eastern Time)", "09:00 à 10:00"),
        ("Europe/Dublin", "2026-07-01T13:00", "2:00 PM to 3:00 PM (Ireland Time)", "14:00 à 15:00"),
        ("Asia/Kolkata", "2026-07-01T13:00", "6:30 PM to 7:30 PM (India Time)", "18:30 à 19:30"),
        ("Etc/GMT+5", "2026-07-01T13:00", "8:00 AM to 9:00 AM (GMT-05:00)", "(UTC-05:00)"),
        ("UTC", "2026-07-01T13:00", "1:00 PM to 2:00 PM (GMT+00:00)", "(UTC+00:00)"),
        (
            "Europe/Paris",
            "2026-03-02T22:30",
            "11:30 PM to 12:30 AM on Tuesday, March 3, 2026",
            "23:30 à 00:30 le mardi",
        ),
    ],
)
def test_times(zone: str, starts: str, english: str, french: str) -> None:
    start = datetime.fromisoformat(starts).replace(tzinfo=UTC)
    visit = replace(VISIT, time_zone=zone, starts_at=start, ends_at=start + timedelta(hours=1))
    assert english in part(read(replace(LETTER, visit=visit)), "text/plain")
    message = read(replace(LETTER, visit=visit, language=Language.FR))
    assert french in part(message, "text/plain")
    assert event(message)[1]["DTSTART"].dt == start


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


@pytest.mark.parametrize("name", ["N" * 200, "é" * 200, "Soins à domicile, « Été » " * 8])
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


def test_every_text_is_there_and_used() -> None:
    catalogues = {language: json.loads((texts.FOLDER / f"{language}.json").read_text()) for language in Language}
    for catalogue in catalogues.values():
        assert list(catalogue) == list(catalogues[Language.EN])
        for key, words in catalogue.items():
            fields = set(re.findall(r"{(\w+)}", words))
            assert fields == set(re.findall(r"{(\w+)}", catalogues[Language.EN][key])), key
    folder = Path(render.__file__).parent
    used = {f"trouble.{trouble}" for trouble in Trouble}
    used |= {f"{kind}.{what}" for kind in MailKind for what in ("title", "lead", "subject")}
    for file in (*folder.glob("*.py"), *folder.glob("templates/*")):
        used |= set(re.findall(r'(?:\bt\(|text\(language, )"([\w.]+)"', file.read_text()))
    assert set(catalogues[Language.EN]) == used
