"""Sessions, their legs, their append-only log, and the results of commands: `ports.SessionStore` in SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from signaling.domain.presence import Leg, Presence
from signaling.domain.session import Role, State
from signaling.ports import EventRecord, Session
from storage.columns import micros, moment, structure, text

SESSION = "SELECT visit, state, rev, created_at FROM sessions WHERE visit = ?"
PUT_SESSION = """
    INSERT INTO sessions (visit, state, rev, created_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (visit) DO UPDATE SET state = excluded.state, rev = excluded.rev"""

LEG = """
    SELECT id, generation, ended FROM legs
    WHERE visit = ? AND role = ? ORDER BY generation DESC LIMIT 1"""
PUT_LEG = """
    INSERT INTO legs (visit, role, generation, id, ended, changed_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (visit, role, generation) DO UPDATE SET ended = excluded.ended, changed_at = excluded.changed_at
    WHERE legs.id = excluded.id
    RETURNING generation"""
OPEN_LEGS = """
    SELECT visit, role, id, generation, ended FROM legs
    WHERE visit IN (SELECT visit FROM sessions WHERE state <> 'terminated') AND changed_at >= ? AND generation = (
        SELECT max(generation) FROM legs AS newer WHERE newer.visit = legs.visit AND newer.role = legs.role)
    ORDER BY visit, role"""

APPEND = """
    INSERT INTO events (visit, seq, at, kind, actor, connection, data)
    VALUES (?, coalesce((SELECT max(seq) FROM events WHERE visit = ?), 0) + 1, ?, ?, ?, ?, ?)"""
EVENTS = "SELECT visit, at, kind, actor, connection, data, seq FROM events WHERE visit = ? ORDER BY seq"

COMMAND_RESULT = "SELECT result FROM command_results WHERE scope = ? AND command_id = ?"
REMEMBER_COMMAND = "INSERT INTO command_results (scope, command_id, result, at) VALUES (?, ?, ?, ?)"
FORGET_COMMANDS = "DELETE FROM command_results WHERE at < ?"


class Sessions:
    """`ports.SessionStore` over one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute

    def session(self, visit: str) -> Session | None:
        row = self._execute(SESSION, (visit,)).fetchone()
        return None if row is None else Session(row[0], State(row[1]), row[2], moment(row[3]))

    def put_session(self, value: Session) -> None:
        self._execute(PUT_SESSION, (value.visit, value.state.value, value.rev, micros(value.created_at)))

    def leg(self, visit: str, role: Role) -> Leg | None:
        row = self._execute(LEG, (visit, role.value)).fetchone()
        return None if row is None else _leg(*row)

    def put_leg(self, visit: str, role: Role, leg: Leg, at: datetime) -> None:
        """Insert the leg or change how it ended. Raises ValueError if its generation is another leg's."""
        ended = None if leg.ended is None else leg.ended.value
        columns = (visit, role.value, leg.generation, leg.id, ended, micros(at))
        if self._execute(PUT_LEG, columns).fetchone() is None:
            raise ValueError("the generation belongs to another leg")

    def open_legs(self, since: datetime) -> Sequence[tuple[str, Role, Leg]]:
        return [(visit, Role(role), _leg(*leg)) for visit, role, *leg in self._execute(OPEN_LEGS, (micros(since),))]

    def append(self, event: EventRecord) -> None:
        data = text(dict(event.data))
        columns = (event.visit, event.visit, micros(event.at), event.kind, event.actor, event.connection, data)
        self._execute(APPEND, columns)

    def events(self, visit: str) -> Sequence[EventRecord]:
        return [_event(row) for row in self._execute(EVENTS, (visit,))]

    def command_result(self, scope: str, command_id: str) -> Mapping[str, Any] | None:
        row = self._execute(COMMAND_RESULT, (scope, command_id)).fetchone()
        if row is None:
            return None
        result: dict[str, Any] = structure(row[0])
        return result

    def remember_command(self, scope: str, command_id: str, result: Mapping[str, Any], at: datetime) -> None:
        self._execute(REMEMBER_COMMAND, (scope, command_id, text(dict(result)), micros(at)))

    def forget_commands(self, before: datetime) -> None:
        self._execute(FORGET_COMMANDS, (micros(before),))


def _leg(key: str, generation: int, ended: str | None) -> Leg:
    return Leg(key, generation, None if ended is None else Presence(ended))


def _event(row: tuple[Any, ...]) -> EventRecord:
    visit, at, kind, actor, connection, data, seq = row
    return EventRecord(visit, moment(at), kind, actor, connection, structure(data), seq)
