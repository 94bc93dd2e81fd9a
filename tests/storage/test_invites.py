"""Contract of InviteStore."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from signaling.domain.invite import How, Standing
from signaling.ports import ClientPass, Database
from tests.storage.agency import INVITE, NOON, visit

COPIED = replace(INVITE, id="i0", how=How.LINK, address=None, seed=b"\xff" * 32)


async def test_an_invite_is_found_by_id_and_by_digest(database: Database) -> None:
    await database.write(lambda unit: unit.invites.add(INVITE, b"\x00\xff"))
    await database.write(lambda unit: unit.invites.add(COPIED, b"2"))
    assert await database.read(lambda unit: unit.invites.invite("i1")) == INVITE
    assert await database.read(lambda unit: unit.invites.invite("x")) is None
    assert await database.read(lambda unit: unit.invites.by_digest(b"\x00\xff")) == INVITE
    assert await database.read(lambda unit: unit.invites.by_digest(b"2")) == COPIED
    assert await database.read(lambda unit: unit.invites.by_digest(b"\x00")) is None


async def test_a_visits_invites_are_in_the_order_they_were_made(database: Database) -> None:
    # The same instant, and ids that sort the other way: only the order of making tells.
    await database.write(lambda unit: unit.invites.add(INVITE, b"1"))
    await database.write(lambda unit: unit.invites.add(COPIED, b"2"))
    assert await database.read(lambda unit: unit.invites.of_visit("v1")) == [INVITE, COPIED]
    assert await database.read(lambda unit: unit.invites.of_visit("v2")) == []


async def test_a_digest_is_one_invites(database: Database) -> None:
    await database.write(lambda unit: unit.invites.add(INVITE, b"1"))
    with pytest.raises(sqlite3.IntegrityError):
        await database.write(lambda unit: unit.invites.add(COPIED, b"1"))


async def test_standings_end(database: Database) -> None:
    await database.write(lambda unit: unit.visits.put_visit(visit("v2", NOON)))
    other = replace(INVITE, id="other", visit="v2")
    await database.write(lambda unit: unit.invites.add(INVITE, b"1"))
    await database.write(lambda unit: unit.invites.add(COPIED, b"2"))
    await database.write(lambda unit: unit.invites.add(other, b"3"))
    assert await database.write(lambda unit: unit.invites.end_live("v1", Standing.MOVED)) == 2
    assert await database.write(lambda unit: unit.invites.end_live("v1", Standing.REPLACED)) == 0
    later = replace(INVITE, id="i2")
    await database.write(lambda unit: unit.invites.add(later, b"later"))
    assert await database.write(lambda unit: unit.invites.end_live("v1", Standing.REPLACED)) == 1
    standings = [i.standing for i in await database.read(lambda unit: unit.invites.of_visit("v1"))]
    assert standings == [Standing.MOVED, Standing.MOVED, Standing.REPLACED]
    assert await database.write(lambda unit: unit.invites.revoke_all("v1")) == 3
    assert await database.write(lambda unit: unit.invites.revoke_all("v1")) == 0
    assert {i.standing for i in await database.read(lambda unit: unit.invites.of_visit("v1"))} == {Standing.REVOKED}
    assert await database.read(lambda unit: unit.invites.of_visit("v2")) == [other]


async def test_a_pass_stands_for_its_invite(database: Database) -> None:
    await database.write(lambda unit: unit.invites.add(INVITE, b"1"))
    await database.write(lambda unit: unit.invites.add_pass(b"cookie", ClientPass("i1", "v1"), NOON))
    assert await database.read(lambda unit: unit.invites.client_pass(b"cookie")) == ClientPass("i1", "v1")
    assert await database.read(lambda unit: unit.invites.client_pass(b"Cookie")) is None
    with pytest.raises(sqlite3.IntegrityError):
        await database.write(lambda unit: unit.invites.add_pass(b"2", ClientPass("nothing", "v1"), NOON))
