"""What a mail says: from a letter's facts to a message with plain text, HTML and a calendar entry (SPEC §6).

Nothing about health and no service's name, in subject or body.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from signaling.domain.values import BadValue, check_email, check_text
from signaling.domain.visit import Language, Visit
from signaling.mail import calendar
from signaling.mail.headers import POLICY, check_header, mailbox, message_id
from signaling.mail.texts import text
from signaling.mail.when import when
from signaling.ports import MailKind

_LINK = re.compile(r"https?://[A-Za-z0-9:/.#_%~\[\]-]{1,500}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Agency:
    """Who writes. `host` is that of the public address: mails and calendar entries are named by it."""

    name: str
    phone: str
    reply_to: str
    mail_from: str
    host: str


@dataclass(frozen=True, slots=True)
class Letter:
    """The facts of one mail. `link` is None for a cancellation; `written_at` is when it was queued.

    `message_id` is the Message-ID without its host, `client` the client's name, `caregiver` the name that the employee
    shows to clients.
    """

    kind: MailKind
    visit: Visit
    client: str
    caregiver: str
    address: str
    language: Language
    link: str | None
    message_id: str
    written_at: datetime


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(enabled_extensions=("html",), default_for_string=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


class Renderer:
    """Writes the agency's mails. Pure, but for reading templates and locales: keep it off the event loop."""

    def __init__(self, agency: Agency) -> None:
        """Raises BadValue if something of the agency may not stand in a header."""
        self.agency = Agency(
            check_header(agency.name),
            check_text(agency.phone),
            check_email(agency.reply_to),
            check_email(agency.mail_from),
            # The colons of an IPv6 address may not stand in a Message-ID.
            agency.host.replace(":", "-"),
        )
        message_id("first", self.agency.host)

    def render(self, letter: Letter) -> EmailMessage:
        """The mail of a letter, the same for the same letter.

        Raises BadValue if a value may not stand in a header, or the link is none.
        """
        address = check_email(letter.address)
        words = self._words(letter)
        message = EmailMessage(policy=POLICY)
        message["From"] = mailbox(self.agency.mail_from, self.agency.name)
        message["To"] = mailbox(address)
        message["Reply-To"] = mailbox(self.agency.reply_to)
        message["Subject"] = words["subject"]
        message["Date"] = letter.written_at
        message["Message-ID"] = message_id(letter.message_id, self.agency.host)
        # RFC 3834, section 5: no out-of-office answer to this, please.
        message["Auto-Submitted"] = "auto-generated"
        body = _templates().get_template(f"{letter.kind}.txt").render(words).strip() + "\n"
        page = _templates().get_template(f"{letter.kind}.html").render(words)
        message.set_content(body, cte="quoted-printable")
        message.add_alternative(page, subtype="html", cte="quoted-printable")
        self._add_calendar(message, letter, address, body)
        return message

    def _words(self, letter: Letter) -> dict[str, Any]:
        if letter.kind is MailKind.INVITE and (letter.link is None or not _LINK.fullmatch(letter.link)):
            raise BadValue("must be a link")
        name = letter.kind.value
        say = partial(text, letter.language)
        time = when(letter.visit, letter.language)
        caregiver = check_header(letter.caregiver)
        return {
            "t": say,
            "language": letter.language.value,
            "agency": self.agency,
            "client": check_header(letter.client),
            "caregiver": caregiver,
            "when": time,
            "link": letter.link,
            "title": say(f"{name}.title"),
            "lead": say(f"{name}.lead", caregiver=caregiver, agency=self.agency.name),
            "subject": say(f"{name}.subject", day=time.day, start=time.start, agency=self.agency.name),
        }

    def _add_calendar(self, message: EmailMessage, letter: Letter, address: str, description: str) -> None:
        method, content = calendar.entry(
            letter.visit,
            cancelled=letter.kind is MailKind.CANCELLATION,
            host=self.agency.host,
            agency_name=self.agency.name,
            organizer=self.agency.reply_to,
            attendee=address,
            description=description,
            link=letter.link,
            written_at=letter.written_at,
        )
        message.add_alternative(content, subtype="calendar", cte="base64", params={"method": method})
