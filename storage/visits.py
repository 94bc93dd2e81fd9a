"""Visits with their tasks, clock times and documentation: `ports.VisitStore` in SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from signaling.domain.values import VISIT_MAX
from signaling.domain.visit import Task, Visit
from signaling.ports import Documentation, Kept, TaskOutcome
from storage.columns import micros, moment, structure, text

_VISIT = """
    SELECT rev, id, service_code, employee, client, starts_at, ends_at, time_zone, tasks,
        cancelled_at, clocked_in_at, clocked_out_at, sequence
    FROM visits"""
VISIT = f"{_VISIT} WHERE id = ?"
# The first condition follows from the third, as no visit is longer than VISIT_MAX; it is what bounds the index.
_OVERLAPS = "starts_at > ? AND starts_at < ? AND ends_at > ?"
BETWEEN = f"{_VISIT} WHERE {_OVERLAPS} ORDER BY starts_at, id"
BETWEEN_OF_EMPLOYEE = f"{_VISIT} WHERE employee = ? AND {_OVERLAPS} ORDER BY starts_at, id"
OF_CLIENT = f"{_VISIT} WHERE client = ? ORDER BY starts_at, id"
PUT_VISIT = """
    INSERT INTO visits (
        id, service_code, employee, client, starts_at, ends_at, time_zone, tasks,
        cancelled_at, clocked_in_at, clocked_out_at, sequence, rev)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
    ON CONFLICT (id) DO UPDATE SET
        service_code = excluded.service_code, employee = excluded.employee, client = excluded.client,
        starts_at = excluded.starts_at, ends_at = excluded.ends_at, time_zone = excluded.time_zone,
        tasks = excluded.tasks, cancelled_at = excluded.cancelled_at, clocked_in_at = excluded.clocked_in_at,
        clocked_out_at = excluded.clocked_out_at, sequence = excluded.sequence, rev = visits.rev + 1
    RETURNING rev"""

DOCUMENTATION = """
    SELECT version, notes, tasks, saved_at, saved_by FROM documentation
    WHERE visit = ? ORDER BY version DESC LIMIT 1"""
SAVE_DOCUMENTATION = """
    INSERT INTO documentation (visit, version, notes, tasks, saved_at, saved_by) VALUES (?, ?, ?, ?, ?, ?)"""


class Visits:
    """`ports.VisitStore` over one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute

    def visit(self, id: str) -> Kept[Visit] | None:
        row = self._execute(VISIT, (id,)).fetchone()
        return None if row is None else _visit(row)

    def put_visit(self, value: Visit) -> int:
        columns = (
            value.id,
            value.service_code,
            value.employee,
            value.client,
            micros(value.starts_at),
            micros(value.ends_at),
            value.time_zone,
            text([(task.id, task.title) for task in value.tasks]),
            micros(value.cancelled_at),
            micros(value.clocked_in_at),
            micros(value.clocked_out_at),
            value.sequence,
        )
        return int(self._execute(PUT_VISIT, columns).fetchone()[0])

    def between(self, start: datetime, end: datetime, employee: str | None = None) -> Sequence[Kept[Visit]]:
        span = (micros(start - VISIT_MAX), micros(end), micros(start))
        if employee is None:
            rows = self._execute(BETWEEN, span)
        else:
            rows = self._execute(BETWEEN_OF_EMPLOYEE, (employee, *span))
        return [_visit(row) for row in rows]

    def of_client(self, client: str) -> Sequence[Kept[Visit]]:
        return [_visit(row) for row in self._execute(OF_CLIENT, (client,))]

    def documentation(self, visit: str) -> Documentation:
        row = self._execute(DOCUMENTATION, (visit,)).fetchone()
        if row is None:
            return Documentation(visit, 0, "", (), None, None)
        version, notes, tasks, saved_at, saved_by = row
        outcomes = tuple(TaskOutcome(*outcome) for outcome in structure(tasks))
        return Documentation(visit, version, notes, outcomes, moment(saved_at), saved_by)

    def save_documentation(self, value: Documentation) -> None:
        tasks = text([(outcome.task, outcome.done, outcome.reason) for outcome in value.tasks])
        columns = (value.visit, value.version, value.notes, tasks, micros(value.saved_at), value.saved_by)
        self._execute(SAVE_DOCUMENTATION, columns)


def _visit(row: tuple[Any, ...]) -> Kept[Visit]:
    rev, key, service_code, employee, client, starts_at, ends_at, time_zone, tasks, cancelled, came, went, moves = row
    visit = Visit(
        id=key,
        service_code=service_code,
        employee=employee,
        client=client,
        starts_at=moment(starts_at),
        ends_at=moment(ends_at),
        time_zone=time_zone,
        tasks=tuple(Task(*task) for task in structure(tasks)),
        cancelled_at=moment(cancelled),
        clocked_in_at=moment(came),
        clocked_out_at=moment(went),
        sequence=moves,
    )
    return Kept(rev, visit)
