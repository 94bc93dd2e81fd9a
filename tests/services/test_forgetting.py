"""What is removed when the server starts, and what is kept."""

from __future__ import annotations

from signaling.errors import Code, Refused
from signaling.ports import ClientPass, SignIn, Unit
from signaling.services.forgetting import KEPT, forget_outdated
from tests.services.house import DAY, NOW, VISIT, House


async def test_what_nobody_can_use_any_more_is_removed(house: House) -> None:
    await house.link()
    (invite,) = await house.invites()
    ages = {b"old": KEPT + DAY, b"new": KEPT - DAY}

    def store(unit: Unit) -> None:
        for name, age in ages.items():
            unit.people.add_sign_in(name, SignIn("anna", NOW - 2 * KEPT, NOW - age))
            unit.sessions.remember_command("scope", name.decode(), {}, NOW - age)
            unit.invites.add_pass(name, ClientPass(invite.id, VISIT), NOW - age)

    def left(unit: Unit) -> list[bytes]:
        return [
            name
            for name in ages
            for found in (
                unit.people.sign_in(name),
                unit.sessions.command_result("scope", name.decode()),
                unit.invites.client_pass(name),
            )
            if found is not None
        ]

    await house.db.write(store)
    assert await house.db.read(left) == [b"old"] * 3 + [b"new"] * 3
    log = await house.log()
    await forget_outdated(house.db, NOW)
    assert await house.db.read(left) == [b"new"] * 3
    assert await house.invites() == [invite]
    assert await house.log() == log


class FullDisk:
    """A database that can't be written."""

    async def write(self, _: object) -> None:
        raise Refused(Code.UNAVAILABLE)

    async def read(self, _: object) -> None:
        raise NotImplementedError


async def test_a_full_disk_does_not_keep_the_server_from_starting() -> None:
    await forget_outdated(FullDisk(), NOW)  # type: ignore[arg-type]
