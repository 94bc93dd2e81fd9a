"""The session's table, cell by cell, and long walks over it (SPEC §5)."""

from __future__ import annotations

import random
import re
from itertools import product

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from signaling.domain.session import CAUSED_BY, TRANSITIONS, Event, IllegalStep, Role, State, Step, diagram, step

SEED = random.randrange(2**32)
STATES: tuple[State | None, ...] = (None, *State)

# SPEC §5 once more, in its own words: event -> (who, from -> to). What is not here is refused.
TABLE: dict[Event, tuple[Role, dict[State | None, State]]] = {
    Event.INVITE_MADE: (
        Role.CAREGIVER,
        {
            None: State.INVITED,
            State.INVITED: State.INVITED,
            State.JOINED: State.JOINED,
            State.CLIENT_HUNG_UP: State.CLIENT_HUNG_UP,
        },
    ),
    Event.CLIENT_JOINS: (
        Role.CLIENT,
        {State.INVITED: State.JOINED, State.CLIENT_HUNG_UP: State.JOINED, State.JOINED: State.JOINED},
    ),
    Event.CLIENT_HANGS_UP: (Role.CLIENT, {State.JOINED: State.CLIENT_HUNG_UP}),
    Event.CAREGIVER_HANGS_UP: (
        Role.CAREGIVER,
        {
            State.INVITED: State.TERMINATED,
            State.JOINED: State.TERMINATED,
            State.CLIENT_HUNG_UP: State.TERMINATED,
        },
    ),
}


def by_the_spec(state: State | None, event: Event, actor: Role) -> State | None:
    """The state after the event, None where the SPEC refuses it."""
    who, arrows = TABLE[event]
    return arrows.get(state) if actor is who else None


@pytest.mark.parametrize(("state", "event", "actor"), list(product(STATES, Event, Role)))
def test_every_cell(state: State | None, event: Event, actor: Role) -> None:
    expected = by_the_spec(state, event, actor)
    if expected is None:
        with pytest.raises(IllegalStep):
            step(state, event, actor)
    else:
        assert step(state, event, actor) == Step(expected, expected is not state)


def test_the_table_has_no_other_cells() -> None:
    assert len(TRANSITIONS) == sum(len(arrows) for _, arrows in TABLE.values())
    assert set(CAUSED_BY) == set(Event)


@pytest.mark.parametrize(("event", "actor"), list(product(Event, Role)))
def test_the_end_is_final(event: Event, actor: Role) -> None:
    with pytest.raises(IllegalStep):
        step(State.TERMINATED, event, actor)


def test_a_refusal_says_what_and_changes_nothing() -> None:
    with pytest.raises(IllegalStep, match="client_hangs_up can't follow invited"):
        step(State.INVITED, Event.CLIENT_HANGS_UP, Role.CLIENT)
    with pytest.raises(IllegalStep, match="caregiver_hangs_up is not client's to cause"):
        step(State.JOINED, Event.CAREGIVER_HANGS_UP, Role.CLIENT)
    with pytest.raises(TypeError):
        TRANSITIONS[State.TERMINATED, Event.CLIENT_JOINS] = State.JOINED  # type: ignore[index]


def test_the_diagram_shows_every_change_and_nothing_else() -> None:
    drawn = set(re.findall(r"^    (\S+) --> (\S+): (\S+)$", diagram(), re.MULTILINE))
    arrows = {
        (before or "[*]", after, event)
        for event, (_, row) in TABLE.items()
        for before, after in row.items()
        if before is not after
    }
    assert drawn == arrows
    assert "terminated --> [*]" in diagram()


@pytest.mark.parametrize("role", Role)
def test_the_other_person(role: Role) -> None:
    assert role.other is not role
    assert role.other.other is role


class Walk(RuleBasedStateMachine):
    """A session that anything happens to, beside a model that knows only the SPEC's sentences."""

    def __init__(self) -> None:
        super().__init__()
        self.state: State | None = None
        self.invited = self.ever_in = self.hung_up = self.over = False

    @rule(event=st.sampled_from(Event), actor=st.sampled_from(Role))
    def anything_happens(self, event: Event, actor: Role) -> None:
        before = self.state
        try:
            after, changed = step(before, event, actor)
        except IllegalStep:
            assert by_the_spec(before, event, actor) is None
            return
        assert changed == (after is not before)
        self.state = after
        self._remember(event)

    def _remember(self, event: Event) -> None:
        """What a person looking on would note."""
        match event:
            case Event.INVITE_MADE:
                self.invited = True
            case Event.CLIENT_JOINS:
                self.ever_in, self.hung_up = True, False
            case Event.CLIENT_HANGS_UP:
                self.hung_up = True
            case Event.CAREGIVER_HANGS_UP:
                self.over = True

    @invariant()
    def the_state_is_what_was_seen(self) -> None:
        expected = None
        if self.over:
            expected = State.TERMINATED
        elif self.hung_up:
            expected = State.CLIENT_HUNG_UP
        elif self.ever_in:
            expected = State.JOINED
        elif self.invited:
            expected = State.INVITED
        assert self.state is expected

    @invariant()
    def nobody_comes_in_uninvited(self) -> None:
        assert self.invited or not (self.ever_in or self.hung_up or self.over)


def test_long_walks_agree_with_the_model() -> None:
    print(f"seed {SEED}")
    walk = seed(SEED)(Walk)
    run_state_machine_as_test(
        walk, settings=settings(max_examples=100, stateful_step_count=30, deadline=None, print_blob=True)
    )


@seed(SEED)
@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(Event), st.sampled_from(Role)), max_size=40))
def test_legal_parts_of_a_walk_alone_lead_to_the_same_end(walk: list[tuple[Event, Role]]) -> None:
    """An illegal step leaves no trace: leaving it out changes nothing."""
    print(f"seed {SEED}")
    state: State | None = None
    legal = []
    for event, actor in walk:
        try:
            state = step(state, event, actor).state
            legal.append((event, actor))
        except IllegalStep:
            continue
    again: State | None = None
    for event, actor in legal:
        again = step(again, event, actor).state
    assert again is state
