"""The calendar entry of a mail: one entry per visit, for ever (RFC 5545, RFC 5546).

An invite is a REQUEST, so that a later mail about the same visit moves or removes the entry by itself; it asks for
no answer (RSVP=FALSE). The link is in the entry because some mail programs show only that; the entry is private,
so that a shared calendar shows no more than that the time is taken.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from icalendar import Calendar, Event, vCalAddress, vText

from signaling.domain.visit import Visit

PRODID = "-//Virtual Visits//Virtual Visits//EN"


def uid(visit: str, host: str) -> str:
    """The entry's name, the same in every mail about the visit."""
    return f"visit-{visit}@{host}"


def _person(address: str) -> vCalAddress:
    return vCalAddress("mailto:" + quote(address, safe="@+!$'*-._~"))


def entry(
    visit: Visit,
    *,
    cancelled: bool,
    host: str,
    agency_name: str,
    organizer: str,
    attendee: str,
    description: str,
    link: str | None,
    written_at: datetime,
) -> tuple[str, str]:
    """The METHOD and the whole calendar as text. `organizer` and `attendee` are plain addresses."""
    event = Event()
    event.add("uid", uid(visit.id, host))
    event.add("sequence", visit.sequence)
    event.add("dtstamp", written_at.replace(microsecond=0))
    event.add("dtstart", visit.starts_at.replace(microsecond=0))
    event.add("dtend", visit.ends_at.replace(microsecond=0))
    event.add("summary", agency_name)
    event.add("description", description)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    if link is not None:
        event.add("url", link)
    agency, client = _person(organizer), _person(attendee)
    agency.params["CN"] = vText(agency_name.replace('"', "'"))
    client.params["ROLE"] = vText("REQ-PARTICIPANT")
    client.params["PARTSTAT"] = vText("NEEDS-ACTION")
    client.params["RSVP"] = vText("FALSE")
    event.add("organizer", agency)
    event.add("attendee", client)

    method = "CANCEL" if cancelled else "REQUEST"
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(event)
    return method, calendar.to_ical().decode("utf-8")
