"""Invites and the cookies that their links were exchanged for: `ports.InviteStore` in SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from signaling.domain.invite import How, Invite, Standing
from signaling.ports import ClientPass
from storage.columns import micros, moment

ADD = """
    INSERT INTO invites (digest, id, visit, how, address, made_at, made_by, starts_at, standing, seed)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_INVITE = "SELECT id, visit, how, address, made_at, made_by, starts_at, standing, seed FROM invites"
INVITE = f"{_INVITE} WHERE id = ?"
BY_DIGEST = f"{_INVITE} WHERE digest = ?"
OF_VISIT = f"{_INVITE} WHERE visit = ? ORDER BY number"
END_LIVE = "UPDATE invites SET standing = ? WHERE visit = ? AND standing = 'live'"
REPLACE_ALL = "UPDATE invites SET standing = 'replaced' WHERE visit = ? AND standing NOT IN ('replaced', 'revoked')"
REVOKE_ALL = "UPDATE invites SET standing = 'revoked' WHERE visit = ? AND standing <> 'revoked'"

ADD_PASS = "INSERT INTO client_passes (digest, invite, made_at) VALUES (?, ?, ?)"  # noqa: S105 -- a query
CLIENT_PASS = """
    SELECT invites.id, invites.visit FROM client_passes JOIN invites ON invites.id = client_passes.invite
    WHERE client_passes.digest = ?"""  # noqa: S105 -- a query
FORGET_PASSES = "DELETE FROM client_passes WHERE made_at < ?"


class Invites:
    """`ports.InviteStore` over one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute

    def add(self, invite: Invite, digest: bytes) -> None:
        columns = (
            digest,
            invite.id,
            invite.visit,
            invite.how.value,
            invite.address,
            micros(invite.made_at),
            invite.made_by,
            micros(invite.starts_at),
            invite.standing.value,
            invite.seed,
        )
        self._execute(ADD, columns)

    def invite(self, id: str) -> Invite | None:
        row = self._execute(INVITE, (id,)).fetchone()
        return None if row is None else _invite(row)

    def by_digest(self, digest: bytes) -> Invite | None:
        row = self._execute(BY_DIGEST, (digest,)).fetchone()
        return None if row is None else _invite(row)

    def of_visit(self, visit: str) -> Sequence[Invite]:
        return [_invite(row) for row in self._execute(OF_VISIT, (visit,))]

    def end_live(self, visit: str, standing: Standing) -> int:
        return self._execute(END_LIVE, (standing.value, visit)).rowcount

    def replace_all(self, visit: str) -> int:
        return self._execute(REPLACE_ALL, (visit,)).rowcount

    def revoke_all(self, visit: str) -> int:
        """Revoke every invite of the visit; how many were not revoked before."""
        return self._execute(REVOKE_ALL, (visit,)).rowcount

    def add_pass(self, digest: bytes, client_pass: ClientPass, at: datetime) -> None:
        self._execute(ADD_PASS, (digest, client_pass.invite, micros(at)))

    def client_pass(self, digest: bytes) -> ClientPass | None:
        row = self._execute(CLIENT_PASS, (digest,)).fetchone()
        return None if row is None else ClientPass(row[0], row[1])

    def forget_passes(self, before: datetime) -> None:
        self._execute(FORGET_PASSES, (micros(before),))


def _invite(row: tuple[Any, ...]) -> Invite:
    key, visit, how, address, made_at, made_by, starts_at, standing, seed = row
    return Invite(key, visit, How(how), address, moment(made_at), made_by, moment(starts_at), Standing(standing), seed)
