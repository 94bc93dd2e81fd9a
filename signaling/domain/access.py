"""Who may do what with a visit, and when: two tables, one for the person and one for the session's state (SPEC §2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from signaling.domain.session import State
from signaling.domain.visit import Employee, Position, Visit


class Party(StrEnum):
    """How somebody stands to a visit."""

    ASSIGNED = "assigned"
    COLLEAGUE = "colleague"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"
    CLIENT = "client"
    SCHEDULE_KEY = "schedule_key"
    ADMIN_KEY = "admin_key"


class Action(StrEnum):
    """What can be done with a visit."""

    READ = "read"
    READ_EVENTS = "read_events"
    READ_DOCUMENTATION = "read_documentation"
    DOCUMENT = "document"
    INVITE = "invite"
    CLOCK_IN = "clock_in"
    CLOCK_OUT = "clock_out"
    JOIN = "join"
    END_SESSION = "end_session"
    ENTER_AS_CLIENT = "enter_as_client"
    HANG_UP_AS_CLIENT = "hang_up_as_client"
    EDIT = "edit"
    CANCEL = "cancel"
    REVOKE_LINKS = "revoke_links"


class Denial(StrEnum):
    """Why not; each is an error code of the same value."""

    NOT_FOUND = "not_found"
    NOT_ASSIGNED = "not_assigned"
    FORBIDDEN = "forbidden"
    NO_SESSION = "no_session"
    NOT_IN_CALL = "not_in_call"
    SESSION_OVER = "session_over"


def _row(allowed: Iterable[Party], office: Denial = Denial.FORBIDDEN) -> Mapping[Party, Denial | None]:
    """One action: None for those allowed; a colleague learns nothing, the office learns why."""
    denied = {
        Party.ASSIGNED: Denial.FORBIDDEN,
        Party.COLLEAGUE: Denial.NOT_FOUND,
        Party.COORDINATOR: office,
        Party.ADMINISTRATOR: office,
        Party.CLIENT: Denial.NOT_FOUND,
        Party.SCHEDULE_KEY: Denial.FORBIDDEN,
        Party.ADMIN_KEY: Denial.FORBIDDEN,
    }
    return MappingProxyType(denied | dict.fromkeys(allowed))


_CAREGIVER = (Party.ASSIGNED,)
_CLIENT = (Party.CLIENT,)
_OFFICE = (Party.COORDINATOR, Party.ADMINISTRATOR)
_KEYS = (Party.SCHEDULE_KEY, Party.ADMIN_KEY)

WHO: Mapping[Action, Mapping[Party, Denial | None]] = MappingProxyType(
    {
        Action.READ: _row((*_CAREGIVER, *_OFFICE, *_KEYS)),
        Action.READ_EVENTS: _row((*_OFFICE, *_KEYS)),
        Action.READ_DOCUMENTATION: _row((*_CAREGIVER, *_OFFICE)),
        Action.DOCUMENT: _row(_CAREGIVER),
        Action.INVITE: _row(_CAREGIVER, office=Denial.NOT_ASSIGNED),
        Action.CLOCK_IN: _row(_CAREGIVER),
        Action.CLOCK_OUT: _row((*_CAREGIVER, *_OFFICE)),
        Action.JOIN: _row(_CAREGIVER),
        Action.END_SESSION: _row(_CAREGIVER),
        Action.ENTER_AS_CLIENT: _row(_CLIENT),
        Action.HANG_UP_AS_CLIENT: _row(_CLIENT),
        Action.EDIT: _row((*_OFFICE, *_KEYS)),
        Action.CANCEL: _row((*_OFFICE, *_KEYS)),
        Action.REVOKE_LINKS: _row((*_OFFICE, *_KEYS)),
    }
)

_IN_SESSION: Mapping[State | None, Denial] = MappingProxyType(
    {None: Denial.NO_SESSION, State.TERMINATED: Denial.SESSION_OVER}
)
# An action that is not listed may be done at any state. Ending an ended session is answered, not refused (SPEC §5).
WHEN: Mapping[Action, Mapping[State | None, Denial]] = MappingProxyType(
    {
        Action.INVITE: MappingProxyType({State.TERMINATED: Denial.SESSION_OVER}),
        Action.JOIN: _IN_SESSION,
        Action.ENTER_AS_CLIENT: _IN_SESSION,
        Action.END_SESSION: MappingProxyType({None: Denial.NO_SESSION}),
        Action.HANG_UP_AS_CLIENT: MappingProxyType({**_IN_SESSION, State.INVITED: Denial.NOT_IN_CALL}),
    }
)


def parties(employee: Employee, visit: Visit) -> tuple[Party, ...]:
    """How an employee stands to a visit, the closest relation last. The assigned one keeps their office rights."""
    office = {
        Position.CAREGIVER: Party.COLLEAGUE,
        Position.COORDINATOR: Party.COORDINATOR,
        Position.ADMINISTRATOR: Party.ADMINISTRATOR,
    }[employee.position]
    return (office, Party.ASSIGNED) if employee.id == visit.employee else (office,)


def denial(who: Iterable[Party], action: Action, state: State | None) -> Denial | None:
    """None if one of the parties may do `action` while the session stands at `state`, else why not."""
    verdicts = [WHO[action][party] for party in who]
    if None not in verdicts:
        return verdicts[-1]
    return WHEN.get(action, {}).get(state)


# What is not about one visit. `schedule` keys can't touch roles: they write only employees who are and stay caregivers.
class Register(StrEnum):
    """A register of the agency that the back office writes."""

    SERVICE_CODES = "service_codes"
    EMPLOYEES = "employees"
    CLIENTS = "clients"
    VISITS = "visits"


MAY_WRITE: Mapping[Register, frozenset[Party]] = MappingProxyType(
    {
        Register.SERVICE_CODES: frozenset({Party.ADMINISTRATOR, *_KEYS}),
        Register.EMPLOYEES: frozenset({Party.ADMINISTRATOR, *_KEYS}),
        Register.CLIENTS: frozenset({*_OFFICE, *_KEYS}),
        Register.VISITS: frozenset({*_OFFICE, *_KEYS}),
    }
)
MAY_READ_REGISTERS: frozenset[Party] = frozenset({*_OFFICE, *_KEYS})
