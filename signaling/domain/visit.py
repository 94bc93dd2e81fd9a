"""A visit and the people and services it belongs to, and what a change of schedule may do (SPEC §3 to §5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from signaling.domain.session import State
from signaling.domain.values import zone


class Language(StrEnum):
    """A language of the catalogues."""

    EN = "en"
    FR = "fr"


class Position(StrEnum):
    """An employee's place in the agency. What they may do with a visit is in `access`."""

    CAREGIVER = "caregiver"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"


class Status(StrEnum):
    """A visit's status, as the agency's own systems read it."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ServiceCode:
    """A kind of service; `allows_virtual_care` makes its visits virtual visits."""

    id: str
    name: str
    allows_virtual_care: bool


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody who signs in. `shown_name` is what clients read."""

    id: str
    name: str
    email: str
    position: Position
    may_initiate_virtual_visits: bool
    language: Language
    shown_name: str
    active: bool


@dataclass(frozen=True, slots=True)
class Client:
    """The person cared for."""

    id: str
    name: str
    email: str | None
    phone: str | None
    language: Language


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do in a visit; its outcome is in the documentation."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment of one caregiver with one client. Times are UTC; `time_zone` is an IANA name.

    `sequence` counts the moves and the cancellation, for calendars (RFC 5545, section 3.8.7.4).
    The clock times are those of the latest clocking in.
    """

    id: str
    service_code: str
    employee: str
    client: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    tasks: tuple[Task, ...] = ()
    cancelled_at: datetime | None = None
    clocked_in_at: datetime | None = None
    clocked_out_at: datetime | None = None
    sequence: int = 0

    @property
    def clocked_in(self) -> bool:
        """Whether the caregiver is clocked in now."""
        return self.clocked_in_at is not None and self.clocked_out_at is None

    @property
    def status(self) -> Status:
        """The status that follows from cancellation and clock times."""
        if self.cancelled_at is not None:
            return Status.CANCELLED
        if self.clocked_in_at is None:
            return Status.SCHEDULED
        return Status.IN_PROGRESS if self.clocked_out_at is None else Status.COMPLETED

    def is_on_day_of(self, moment: datetime) -> bool:
        """Whether `moment` falls on a day of the visit, by the visit's own calendar."""
        here = zone(self.time_zone)
        last = self.ends_at - timedelta(microseconds=1)
        return self.starts_at.astimezone(here).date() <= moment.astimezone(here).date() <= last.astimezone(here).date()


class Change(StrEnum):
    """What an edit of a visit amounts to, by the rules of SPEC §5."""

    MOVED = "moved"
    CLIENT_CHANGED = "client_changed"
    REASSIGNED = "reassigned"


class LinkEffect(StrEnum):
    """What a change does to the links that were sent before it."""

    NONE = "none"
    MOVED = "moved"
    REPLACED = "replaced"
    REVOKED = "revoked"


def changes(before: Visit, after: Visit) -> frozenset[Change]:
    """The changes between two versions of a visit that have rules of their own."""
    pairs = (
        (Change.MOVED, before.starts_at != after.starts_at),
        (Change.CLIENT_CHANGED, before.client != after.client),
        (Change.REASSIGNED, before.employee != after.employee),
    )
    return frozenset(change for change, made in pairs if made)


def is_allowed(change: Change, state: State | None, *, clocked_in: bool, in_call: bool) -> bool:
    """Whether a change may be made while a session stands at `state` (SPEC §5, schedule changes)."""
    match change:
        case Change.CLIENT_CHANGED:
            return state in {None, State.INVITED}
        case Change.REASSIGNED:
            return not (clocked_in or in_call)
        case Change.MOVED:
            return True


def effect_on_links(change: Change, state: State | None, *, clocked_in: bool) -> LinkEffect:
    """What an allowed change does to earlier links."""
    if change is Change.CLIENT_CHANGED:
        return LinkEffect.REVOKED
    if change is Change.MOVED and state is State.INVITED and not clocked_in:
        return LinkEffect.MOVED
    return LinkEffect.NONE


def may_cancel(*, clocked_in: bool, in_call: bool) -> bool:
    """A visit is not cancelled under a caregiver who is at it."""
    return not (clocked_in or in_call)
