"""Contract of PeopleStore."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from functools import partial

import pytest

from signaling.domain.visit import Client, Language, Position, ServiceCode
from signaling.ports import ApiKey, Database, DuplicateEmail, Kept, SignIn, Unit
from tests.storage.agency import CAREGIVER, CLIENT, COORDINATOR, HOUR, NOON, SERVICE


async def test_registers_come_back_as_they_were_put(database: Database) -> None:
    assert await database.read(lambda unit: unit.people.service_code("nursing")) == Kept(1, SERVICE)
    assert await database.read(lambda unit: unit.people.employee("e1")) == Kept(1, CAREGIVER)
    assert await database.read(lambda unit: unit.people.employee("e2")) == Kept(1, COORDINATOR)
    assert await database.read(lambda unit: unit.people.client("c1")) == Kept(1, CLIENT)


async def test_what_is_not_there_is_none(database: Database) -> None:
    assert await database.read(lambda unit: unit.people.service_code("x")) is None
    assert await database.read(lambda unit: unit.people.employee("x")) is None
    assert await database.read(lambda unit: unit.people.employee_by_email("x@example.org")) is None
    assert await database.read(lambda unit: unit.people.client("x")) is None
    assert await database.read(lambda unit: unit.people.password_hash("e1")) is None
    assert await database.read(lambda unit: unit.people.api_key(b"x")) is None
    assert await database.read(lambda unit: unit.people.sign_in(b"x")) is None


async def test_every_put_replaces_and_raises_the_revision_by_one(database: Database) -> None:
    service = ServiceCode("nursing", "Nursing", False)
    assert await database.write(lambda unit: unit.people.put_service_code(service)) == 2
    assert await database.write(lambda unit: unit.people.put_service_code(service)) == 3
    assert await database.read(lambda unit: unit.people.service_code("nursing")) == Kept(3, service)
    employee = replace(
        CAREGIVER,
        name="Anna M",
        email="anna.m@example.org",
        position=Position.ADMINISTRATOR,
        may_initiate_virtual_visits=False,
        language=Language.EN,
        shown_name="A",
        active=False,
    )
    assert await database.write(lambda unit: unit.people.put_employee(employee)) == 2
    assert await database.read(lambda unit: unit.people.employee("e1")) == Kept(2, employee)
    client = Client("c1", "Rosa", None, None, Language.FR)
    assert await database.write(lambda unit: unit.people.put_client(client)) == 2
    assert await database.read(lambda unit: unit.people.client("c1")) == Kept(2, client)


async def test_lists_are_in_order_of_the_id(database: Database) -> None:
    await database.write(lambda unit: unit.people.put_service_code(replace(SERVICE, id="bathing")))
    await database.write(lambda unit: unit.people.put_client(replace(CLIENT, id="c0")))
    services = await database.read(lambda unit: unit.people.service_codes())
    assert [kept.value.id for kept in services] == ["bathing", "nursing"]
    assert [kept.value.id for kept in await database.read(lambda unit: unit.people.employees())] == ["e1", "e2"]
    assert [kept.value.id for kept in await database.read(lambda unit: unit.people.clients())] == ["c0", "c1"]


async def test_an_email_is_one_employees_without_regard_to_case(database: Database) -> None:
    kept = await database.read(lambda unit: unit.people.employee_by_email("aNNA@example.ORG"))
    assert kept == Kept(1, CAREGIVER)
    with pytest.raises(DuplicateEmail):
        await database.write(lambda unit: unit.people.put_employee(replace(COORDINATOR, email="ANNA@example.org")))
    assert await database.read(lambda unit: unit.people.employee("e2")) == Kept(1, COORDINATOR)
    # One's own address in another spelling is no duplicate, and an address given up is free again.
    renamed = replace(CAREGIVER, email="ANNA@EXAMPLE.ORG")
    assert await database.write(lambda unit: unit.people.put_employee(renamed)) == 2
    await database.write(lambda unit: unit.people.put_employee(replace(CAREGIVER, email="other@example.org")))
    await database.write(lambda unit: unit.people.put_employee(replace(COORDINATOR, email="anna@example.org")))
    assert await database.read(lambda unit: unit.people.employee_by_email("ANNA@example.org")) == Kept(
        2, replace(COORDINATOR, email="anna@example.org")
    )


async def test_two_clients_may_share_an_email(database: Database) -> None:
    assert await database.write(lambda unit: unit.people.put_client(replace(CLIENT, id="c2"))) == 1


async def test_a_password_is_set_and_replaced(database: Database) -> None:
    await database.write(lambda unit: unit.people.set_password_hash("e1", "first"))
    await database.write(lambda unit: unit.people.set_password_hash("e1", "second"))
    assert await database.read(lambda unit: unit.people.password_hash("e1")) == "second"
    with pytest.raises(sqlite3.IntegrityError):
        await database.write(lambda unit: unit.people.set_password_hash("nobody", "x"))


def _add_key(key: ApiKey, unit: Unit) -> None:
    unit.people.add_api_key(key, key.id.encode())


async def test_a_removed_api_key_is_gone(database: Database) -> None:
    keys = [ApiKey(f"k{n}", "payroll", "admin", NOON + n * HOUR) for n in (2, 1)]
    for key in keys:
        await database.write(partial(_add_key, key))
    assert await database.read(lambda unit: unit.people.api_keys()) == keys[::-1]
    assert await database.write(lambda unit: unit.people.remove_api_key("k1"))
    assert not await database.write(lambda unit: unit.people.remove_api_key("k1"))
    assert await database.read(lambda unit: unit.people.api_key(b"k1")) is None
    assert await database.read(lambda unit: unit.people.api_keys()) == keys[:1]


async def test_an_api_key_is_found_by_its_digest(database: Database) -> None:
    key = ApiKey("k1", "Planning", "schedule", NOON)
    await database.write(lambda unit: unit.people.add_api_key(key, b"digest"))
    assert await database.read(lambda unit: unit.people.api_key(b"digest")) == key
    assert await database.read(lambda unit: unit.people.api_key(b"Digest")) is None
    with pytest.raises(sqlite3.IntegrityError):
        await database.write(lambda unit: unit.people.add_api_key(replace(key, id="k2", scope="other"), b"2"))


async def test_sign_ins_are_seen_and_removed(database: Database) -> None:
    sign_in = SignIn("e1", NOON, NOON)
    await database.write(lambda unit: unit.people.add_sign_in(b"1", sign_in))
    await database.write(lambda unit: unit.people.add_sign_in(b"2", sign_in))
    await database.write(lambda unit: unit.people.add_sign_in(b"3", replace(sign_in, employee="e2")))
    await database.write(lambda unit: unit.people.touch_sign_in(b"1", NOON + HOUR))
    assert await database.read(lambda unit: unit.people.sign_in(b"1")) == SignIn("e1", NOON, NOON + HOUR)
    assert await database.read(lambda unit: unit.people.sign_in(b"2")) == sign_in
    await database.write(lambda unit: unit.people.remove_sign_in(b"1"))
    assert await database.read(lambda unit: unit.people.sign_in(b"1")) is None
    await database.write(lambda unit: unit.people.remove_sign_ins_of("e1"))
    assert await database.read(lambda unit: unit.people.sign_in(b"2")) is None
    assert await database.read(lambda unit: unit.people.sign_in(b"3")) == replace(sign_in, employee="e2")
