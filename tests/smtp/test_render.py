"""What mails say and how they are built, read back as a mail program reads them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signaling.domain.visit import Language
from signaling.mail import render, texts
from signaling.mail.render import Letter
from signaling.mail.smtp import Trouble
from signaling.ports import MailKind
from tests.smtp.letters import AGENCY, LETTER, LINK, NOON, TOKEN, VISIT
from tests.smtp.reading import RENDERER, event, part, read

CANCELLED = replace(
    LETTER,
    kind=MailKind.CANCELLATION,
    link=None,
    visit=replace(VISIT, cancelled_at=NOON, sequence=4),
    message_id="second",
)


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
