"""The video session of a visit: its states, and the one table of what may follow what (SPEC §5)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Role(StrEnum):
    """The two people of a call."""

    CAREGIVER = "caregiver"
    CLIENT = "client"

    @property
    def other(self) -> Role:
        """The person at the other end."""
        return Role.CLIENT if self is Role.CAREGIVER else Role.CAREGIVER


class State(StrEnum):
    """Where a session stands; that no session exists is `None`."""

    INVITED = "invited"
    JOINED = "joined"
    CLIENT_HUNG_UP = "client_hung_up"
    TERMINATED = "terminated"


class Event(StrEnum):
    """What can happen to a session. Losing a connection is none of them: that is presence."""

    INVITE_MADE = "invite_made"
    CLIENT_JOINS = "client_joins"
    CLIENT_HANGS_UP = "client_hangs_up"
    CAREGIVER_HANGS_UP = "caregiver_hangs_up"


CAUSED_BY: Mapping[Event, Role] = MappingProxyType(
    {
        Event.INVITE_MADE: Role.CAREGIVER,
        Event.CLIENT_JOINS: Role.CLIENT,
        Event.CLIENT_HANGS_UP: Role.CLIENT,
        Event.CAREGIVER_HANGS_UP: Role.CAREGIVER,
    }
)

TRANSITIONS: Mapping[tuple[State | None, Event], State] = MappingProxyType(
    {
        (None, Event.INVITE_MADE): State.INVITED,
        (State.INVITED, Event.INVITE_MADE): State.INVITED,
        (State.JOINED, Event.INVITE_MADE): State.JOINED,
        (State.CLIENT_HUNG_UP, Event.INVITE_MADE): State.CLIENT_HUNG_UP,
        (State.INVITED, Event.CLIENT_JOINS): State.JOINED,
        (State.JOINED, Event.CLIENT_JOINS): State.JOINED,
        (State.CLIENT_HUNG_UP, Event.CLIENT_JOINS): State.JOINED,
        (State.JOINED, Event.CLIENT_HANGS_UP): State.CLIENT_HUNG_UP,
        (State.INVITED, Event.CAREGIVER_HANGS_UP): State.TERMINATED,
        (State.JOINED, Event.CAREGIVER_HANGS_UP): State.TERMINATED,
        (State.CLIENT_HUNG_UP, Event.CAREGIVER_HANGS_UP): State.TERMINATED,
    }
)


class IllegalStep(Exception):
    """The table has no such step, or this person may not cause it. Nothing has changed."""


class Step(NamedTuple):
    """The outcome of an event: the state after it, and whether it differs from the one before."""

    state: State
    changed: bool


def step(state: State | None, event: Event, actor: Role) -> Step:
    """Take one step of the table.

    Raises IllegalStep if `actor` may not cause `event`, or it can't follow `state`.
    """
    if CAUSED_BY[event] is not actor:
        raise IllegalStep(f"{event} is not {actor}'s to cause")
    after = TRANSITIONS.get((state, event))
    if after is None:
        raise IllegalStep(f"{event} can't follow {state}")
    return Step(after, after is not state)


def diagram() -> str:
    """The table as a Mermaid state diagram, for the documents."""
    lines = ["stateDiagram-v2"]
    for (before, event), after in TRANSITIONS.items():
        if before is not after:
            lines.append(f"    {before or '[*]'} --> {after}: {event}")
    lines.append(f"    {State.TERMINATED} --> [*]")
    return "\n".join(lines) + "\n"
