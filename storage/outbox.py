"""Mails that are to leave, and what became of them: `ports.OutboxStore` in SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from signaling.domain.invite import Delivery
from signaling.domain.visit import Language
from signaling.ports import Mail, MailKind
from storage.columns import micros, moment

ADD = """
    INSERT INTO mails (
        id, kind, visit, invite, address, language, message_id, state, attempts, next_try_at,
        created_at, accepted_at, reason)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_MAIL = """
    SELECT id, kind, visit, invite, address, language, message_id, state, attempts, next_try_at,
        created_at, accepted_at, reason
    FROM mails"""
MAIL = f"{_MAIL} WHERE id = ?"
UPDATE = """
    UPDATE mails SET state = ?, attempts = ?, next_try_at = ?, accepted_at = ?, reason = ?
    WHERE id = ?"""
# The states are written out, word for word as in the index that holds the waiting mails only.
DUE = f"""{_MAIL}
    WHERE state IN ('sending', 'delayed') AND next_try_at <= ? ORDER BY next_try_at, number LIMIT ?"""
NEXT_TRY_AT = """
    SELECT next_try_at FROM mails
    WHERE state IN ('sending', 'delayed') ORDER BY next_try_at LIMIT 1"""
OF_VISIT = f"{_MAIL} WHERE visit = ? ORDER BY number"


class Outbox:
    """`ports.OutboxStore` over one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute

    def add(self, mail: Mail) -> None:
        columns = (
            mail.id,
            mail.kind.value,
            mail.visit,
            mail.invite,
            mail.address,
            mail.language.value,
            mail.message_id,
            mail.state.value,
            mail.attempts,
            micros(mail.next_try_at),
            micros(mail.created_at),
            micros(mail.accepted_at),
            mail.reason,
        )
        self._execute(ADD, columns)

    def mail(self, id: str) -> Mail | None:
        row = self._execute(MAIL, (id,)).fetchone()
        return None if row is None else _mail(row)

    def update(self, mail: Mail) -> None:
        """Keep how the mail fares; what it is and where it goes never changes. Raises LookupError if unknown."""
        columns = (
            mail.state.value,
            mail.attempts,
            micros(mail.next_try_at),
            micros(mail.accepted_at),
            mail.reason,
            mail.id,
        )
        if self._execute(UPDATE, columns).rowcount == 0:
            raise LookupError("no such mail")

    def due(self, now: datetime, limit: int) -> Sequence[Mail]:
        return [_mail(row) for row in self._execute(DUE, (micros(now), limit))]

    def next_try_at(self) -> datetime | None:
        row = self._execute(NEXT_TRY_AT).fetchone()
        return None if row is None else moment(int(row[0]))

    def of_visit(self, visit: str) -> Sequence[Mail]:
        return [_mail(row) for row in self._execute(OF_VISIT, (visit,))]


def _mail(row: tuple[Any, ...]) -> Mail:
    key, kind, visit, invite, address, language, message_id, state, attempts, next_try, created, accepted, reason = row
    return Mail(
        id=key,
        kind=MailKind(kind),
        visit=visit,
        invite=invite,
        address=address,
        language=Language(language),
        message_id=message_id,
        state=Delivery(state),
        attempts=attempts,
        next_try_at=moment(next_try),
        created_at=moment(created),
        accepted_at=moment(accepted),
        reason=reason,
    )
