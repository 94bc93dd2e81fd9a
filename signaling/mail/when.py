"""Times as a client reads them: in the visit's zone, in the client's language (SPEC §10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from babel.core import get_global
from babel.dates import format_date, format_time, get_timezone_gmt, get_timezone_name

from signaling.domain.values import zone
from signaling.domain.visit import Language, Visit
from signaling.mail.texts import text

# Babel's names for "no land": zones such as Etc/GMT+5 or UTC have no name a person would use.
_NO_LAND = frozenset({"ZZ", "001"})


@dataclass(frozen=True, slots=True)
class When:
    """A visit's time in words: day, start, `hours` (from … to …) and the name of the zone."""

    day: str
    start: str
    hours: str
    zone: str


def _plain(words: str) -> str:
    """Without the narrow blanks that some mail programs show as boxes."""
    return words.replace("\u202f", " ").replace("\u2009", " ")


def _clock(moment: datetime, language: Language) -> str:
    return _plain(format_time(moment, "short", tzinfo=moment.tzinfo, locale=language.value))


def _day(moment: datetime, language: Language) -> str:
    return _plain(format_date(moment.date(), "full", locale=language.value))


def zone_name(moment: datetime, name: str, language: Language) -> str:
    """The zone in words, with its offset in the hour that the clocks repeat in autumn.

    Not "summer" or "standard" time by name: Babel takes them the wrong way round where winter is the exception
    (Europe/Dublin).
    """
    offset = get_timezone_gmt(moment, "long", locale=language.value)
    canonical = get_global("zone_aliases").get(name, name)
    if get_global("zone_territories").get(canonical, "ZZ") in _NO_LAND:
        return offset
    words = _plain(get_timezone_name(zone(name), "long", locale=language.value))
    repeated = moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()
    return f"{words}, {offset}" if repeated else words


def when(visit: Visit, language: Language) -> When:
    """The scheduled time of a visit in words."""
    here = zone(visit.time_zone)
    starts, ends = visit.starts_at.astimezone(here), visit.ends_at.astimezone(here)
    start, end = _clock(starts, language), _clock(ends, language)
    if starts.date() == ends.date():
        hours = text(language, "when.hours", start=start, end=end)
    else:
        hours = text(language, "when.hours_over_midnight", start=start, day=_day(ends, language), end=end)
    return When(_day(starts, language), start, hours, zone_name(starts, visit.time_zone, language))
