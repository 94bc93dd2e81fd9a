"""Who may do what, and when: every cell of both tables (SPEC §2, §4, §5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from signaling.domain.access import (
    MAY_READ_REGISTERS,
    MAY_WRITE,
    WHEN,
    WHO,
    Action,
    Denial,
    Party,
    Register,
    denial,
    parties,
)
from signaling.domain.session import State
from signaling.domain.visit import Employee, Language, Position, Visit
from signaling.errors import Code

STATES: tuple[State | None, ...] = (None, *State)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
VISIT = Visit("v1", "nursing", "e1", "c1", NOON, NOON + timedelta(hours=1), "Europe/Paris")
EMPLOYEE = Employee("e1", "Anna", "anna@example.org", Position.CAREGIVER, True, Language.EN, "Anna", True)

# One line an action: assigned, colleague, coordinator, administrator, client, schedule key, admin key.
# `+` may; `-` forbidden; `0` not found; `a` is told to be assigned (gate 3).
MATRIX = {
    Action.READ: "+0++0++",
    Action.READ_EVENTS: "-0++0++",
    Action.READ_DOCUMENTATION: "+0++0--",
    Action.DOCUMENT: "+0--0--",
    Action.INVITE: "+0aa0--",
    Action.CLOCK_IN: "+0--0--",
    Action.CLOCK_OUT: "+0++0--",
    Action.JOIN: "+0--0--",
    Action.END_SESSION: "+0--0--",
    Action.ENTER_AS_CLIENT: "-0--+--",
    Action.HANG_UP_AS_CLIENT: "-0--+--",
    Action.EDIT: "-0++0++",
    Action.CANCEL: "-0++0++",
    Action.REVOKE_LINKS: "-0++0++",
}
SIGNS = {"+": None, "-": Denial.FORBIDDEN, "0": Denial.NOT_FOUND, "a": Denial.NOT_ASSIGNED}

# No session, invited, joined, client_hung_up, terminated. `+` may; else why not.
WHENS = {
    Action.INVITE: ("+", "+", "+", "+", "session_over"),
    Action.JOIN: ("no_session", "+", "+", "+", "session_over"),
    Action.ENTER_AS_CLIENT: ("no_session", "+", "+", "+", "session_over"),
    Action.END_SESSION: ("no_session", "+", "+", "+", "+"),
    Action.HANG_UP_AS_CLIENT: ("no_session", "not_in_call", "+", "+", "session_over"),
}


def test_the_tables_are_complete() -> None:
    assert set(MATRIX) == set(WHO) == set(Action)
    assert all(set(row) == set(Party) for row in WHO.values())
    assert set(WHENS) == set(WHEN)


@pytest.mark.parametrize(("action", "party"), list(product(Action, Party)))
def test_every_cell_of_who(action: Action, party: Party) -> None:
    sign = MATRIX[action][list(Party).index(party)]
    assert WHO[action][party] is SIGNS[sign]


@pytest.mark.parametrize(("action", "party", "state"), list(product(Action, Party, STATES)))
def test_every_cell_of_who_and_when(action: Action, party: Party, state: State | None) -> None:
    who = SIGNS[MATRIX[action][list(Party).index(party)]]
    when = WHENS.get(action, ("+",) * 5)[STATES.index(state)]
    # Who may not do it at all is never told how the session stands.
    expected = who if who is not None else None if when == "+" else Denial(when)
    assert denial((party,), action, state) is expected


@pytest.mark.parametrize("why", Denial)
def test_every_denial_is_an_error_code(why: Denial) -> None:
    assert Code(why).value == why.value


@pytest.mark.parametrize(
    ("position", "employee", "expected"),
    [
        (Position.CAREGIVER, "e1", (Party.COLLEAGUE, Party.ASSIGNED)),
        (Position.CAREGIVER, "e2", (Party.COLLEAGUE,)),
        (Position.COORDINATOR, "e1", (Party.COORDINATOR, Party.ASSIGNED)),
        (Position.COORDINATOR, "e2", (Party.COORDINATOR,)),
        (Position.ADMINISTRATOR, "e1", (Party.ADMINISTRATOR, Party.ASSIGNED)),
        (Position.ADMINISTRATOR, "e2", (Party.ADMINISTRATOR,)),
    ],
)
def test_how_an_employee_stands_to_a_visit(position: Position, employee: str, expected: tuple[Party, ...]) -> None:
    assert parties(replace(EMPLOYEE, id=employee, position=position), VISIT) == expected


@pytest.mark.parametrize(("office", "action"), list(product((Party.COORDINATOR, Party.ADMINISTRATOR), Action)))
def test_the_assigned_coordinator_may_do_all_of_both(office: Party, action: Action) -> None:
    either = WHO[action][office] is None or WHO[action][Party.ASSIGNED] is None
    state = State.JOINED
    assert (denial((office, Party.ASSIGNED), action, state) is None) is either


def test_who_may_do_none_of_both_is_told_by_the_closest() -> None:
    assert denial((Party.COLLEAGUE, Party.ASSIGNED), Action.EDIT, None) is Denial.FORBIDDEN
    assert denial((Party.COORDINATOR, Party.ASSIGNED), Action.ENTER_AS_CLIENT, None) is Denial.FORBIDDEN


WRITERS = {
    Register.SERVICE_CODES: {Party.ADMINISTRATOR, Party.SCHEDULE_KEY, Party.ADMIN_KEY},
    Register.EMPLOYEES: {Party.ADMINISTRATOR, Party.SCHEDULE_KEY, Party.ADMIN_KEY},
    Register.CLIENTS: {Party.COORDINATOR, Party.ADMINISTRATOR, Party.SCHEDULE_KEY, Party.ADMIN_KEY},
    Register.VISITS: {Party.COORDINATOR, Party.ADMINISTRATOR, Party.SCHEDULE_KEY, Party.ADMIN_KEY},
}


@pytest.mark.parametrize(("register", "party"), list(product(Register, Party)))
def test_every_cell_of_the_registers(register: Register, party: Party) -> None:
    assert (party in MAY_WRITE[register]) is (party in WRITERS[register])
    assert (party in MAY_READ_REGISTERS) is (party in WRITERS[Register.VISITS])
