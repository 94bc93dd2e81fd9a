"""Mails as their reader's program sees them."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from icalendar import Calendar, Event

from signaling.mail.render import Letter, Renderer
from tests.smtp.letters import AGENCY

RENDERER = Renderer(AGENCY)


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
