"""Service codes, employees and clients: who writes them, what they may hold (SPEC §1, §9)."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import pytest

from signaling.domain.visit import Language, Position
from signaling.errors import Code
from signaling.ports import SignIn
from signaling.protocol.resources import ClientPut, EmployeePut, ServiceCodePut
from signaling.services.asker import Asker
from tests.services.house import (
    ADAM,
    ADMIN_KEY,
    ANNA,
    BEN,
    CORA,
    DAY,
    NOW,
    SCHEDULE_KEY,
    VISIT,
    House,
    at_once,
    staff,
)

SERVICE = ServiceCodePut(name="Physiotherapy", allows_virtual_care=True)
CLIENT = ClientPut(name="Lena Falk", language=Language.EN, email="lena@home.example", phone="+1 555 0111")


def employee(**changed: Any) -> EmployeePut:
    body: dict[str, Any] = {
        "name": "Dora Quist",
        "email": "dora@agency.example",
        "role": Position.CAREGIVER,
        "may_initiate_virtual_visits": True,
        "language": Language.EN,
        "active": True,
    }
    return EmployeePut(**(body | changed))


def writes(house: House, who: Asker) -> dict[str, Awaitable[Any]]:
    """One write to each register, not begun."""
    return {
        "service": house.registers.put_service_code(who, "physio", SERVICE),
        "employee": house.registers.put_employee(who, "dora", employee()),
        "client": house.registers.put_client(who, "lena", CLIENT),
    }


WRITERS = [
    (staff(ANNA), ""),
    (staff(CORA), "client"),
    (staff(ADAM), "service employee client"),
    (SCHEDULE_KEY, "service employee client"),
    (ADMIN_KEY, "service employee client"),
]


@pytest.mark.parametrize(("who", "allowed"), WRITERS)
async def test_who_writes_which_register(house: House, who: Asker, allowed: str) -> None:
    for register, write in writes(house, who).items():
        if register in allowed.split():
            saved = await write
            assert (saved.created, saved.rev) == (True, 1)
        else:
            await house.refuses(Code.FORBIDDEN, write)


@pytest.mark.parametrize(("who", "allowed"), WRITERS)
async def test_who_reads_the_registers(house: House, who: Asker, allowed: str) -> None:
    reads = (
        house.registers.service_code(who, "nursing"),
        house.registers.employee(who, "anna"),
        house.registers.client(who, "rosa"),
        house.registers.service_codes(who),
        house.registers.employees(who),
        house.registers.clients(who),
    )
    for read in reads:
        if allowed:
            assert await read
        else:
            await house.refuses(Code.FORBIDDEN, read)


async def test_what_is_not_there(house: House) -> None:
    for read in (house.registers.service_code, house.registers.employee, house.registers.client):
        await house.refuses(Code.NOT_FOUND, read(ADMIN_KEY, "unknown"))


async def test_repeated_writes_change_nothing(house: House) -> None:
    for write in writes(house, ADMIN_KEY).values():
        await write
    for write in writes(house, ADMIN_KEY).values():
        saved = await house.changes_nothing(write)
        assert (saved.created, saved.rev) == (False, 1)


async def test_if_match(house: House) -> None:
    puts = (
        lambda rev: house.registers.put_service_code(ADMIN_KEY, "nursing", SERVICE, rev),
        lambda rev: house.registers.put_employee(ADMIN_KEY, "ben", employee(), rev),
        lambda rev: house.registers.put_client(ADMIN_KEY, "rosa", CLIENT, rev),
    )
    for put in puts:
        for stale in (0, 2):
            await house.refuses(Code.STALE, put(stale))
        assert (await put(1)).rev == 2
        await house.refuses(Code.STALE, put(1))
        assert (await house.changes_nothing(put(2))).rev == 2
    await house.refuses(Code.STALE, house.registers.put_client(ADMIN_KEY, "new", CLIENT, 1))


async def test_two_writers_at_once_one_is_stale(house: House) -> None:
    other = ClientPut(name="Rosa M.", language=Language.EN)
    answers = await at_once(
        house.registers.put_client(ADMIN_KEY, "rosa", CLIENT, 1),
        house.registers.put_client(ADMIN_KEY, "rosa", other, 1),
    )
    assert [getattr(answer, "code", None) for answer in answers] == [None, Code.STALE]


async def test_an_optional_field_left_out_is_removed(house: House) -> None:
    await house.registers.put_client(ADMIN_KEY, "rosa", ClientPut(name="Rosa Marin", language=Language.EN))
    view = (await house.registers.client(ADMIN_KEY, "rosa")).view
    assert (view.email, view.phone) == (None, None)


async def test_the_shown_name_is_the_first_word(house: House) -> None:
    saved = await house.registers.put_employee(ADMIN_KEY, "dora", employee())
    assert saved.view.shown_name == "Dora"
    saved = await house.registers.put_employee(ADMIN_KEY, "dora", employee(shown_name="Nurse Q."))
    assert saved.view.shown_name == "Nurse Q."


BAD = "a\u202eb", "", "=?x?=", "two\nlines"


@pytest.mark.parametrize("value", BAD)
async def test_names_are_checked(house: House, value: str) -> None:
    for put in (
        house.registers.put_service_code(ADMIN_KEY, "x", ServiceCodePut(name=value, allows_virtual_care=True)),
        house.registers.put_employee(ADMIN_KEY, "x", employee(name=value)),
        house.registers.put_client(ADMIN_KEY, "x", ClientPut(name=value, language=Language.EN)),
    ):
        refused = await house.refuses(Code.VALIDATION_FAILED, put)
        assert refused.extra == {"field": "name"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "rosa"), ("email", "a@b.co, c@d.co"), ("email", ""), ("phone", "call me"), ("phone", "")],
)
async def test_addresses_are_checked(house: House, field: str, value: str) -> None:
    body = ClientPut(**{"name": "Lena", "language": Language.EN, field: value})  # type: ignore[arg-type]
    refused = await house.refuses(Code.VALIDATION_FAILED, house.registers.put_client(ADMIN_KEY, "x", body))
    assert refused.extra == {"field": field}


@pytest.mark.parametrize("field", ["email", "shown_name"])
async def test_employees_are_checked(house: House, field: str) -> None:
    put = house.registers.put_employee(ADMIN_KEY, "x", employee(**{field: "=?x?="}))
    refused = await house.refuses(Code.VALIDATION_FAILED, put)
    assert refused.extra == {"field": "shownName" if field == "shown_name" else field}


@pytest.mark.parametrize("id", ["", "..", "a b", "x" * 65])
async def test_ids_are_checked(house: House, id: str) -> None:
    for put in (
        house.registers.put_service_code(ADMIN_KEY, id, SERVICE),
        house.registers.put_employee(ADMIN_KEY, id, employee()),
        house.registers.put_client(ADMIN_KEY, id, CLIENT),
    ):
        refused = await house.refuses(Code.VALIDATION_FAILED, put)
        assert refused.extra == {"field": "id"}


@pytest.mark.parametrize("email", ["anna@agency.example", "ANNA@agency.example"])
async def test_an_email_is_one_employees(house: House, email: str) -> None:
    refused = await house.refuses(Code.CONFLICT, house.registers.put_employee(ADMIN_KEY, "dora", employee(email=email)))
    assert refused.extra == {"field": "email"}


# `schedule` keys can't touch roles.


@pytest.mark.parametrize("role", [Position.COORDINATOR, Position.ADMINISTRATOR])
async def test_a_schedule_key_makes_nobody_more_than_a_caregiver(house: House, role: Position) -> None:
    for id in ("dora", "ben"):
        refused = await house.refuses(
            Code.FORBIDDEN, house.registers.put_employee(SCHEDULE_KEY, id, employee(role=role))
        )
        assert refused.extra == {"field": "role"}
    saved = await house.registers.put_employee(ADMIN_KEY, "dora", employee(role=role))
    assert saved.view.role is role


@pytest.mark.parametrize("id", ["cora", "adam"])
@pytest.mark.parametrize("role", Position)
async def test_a_schedule_key_does_not_touch_the_office(house: House, id: str, role: Position) -> None:
    """Nor their email, by which they sign in."""
    await house.refuses(Code.FORBIDDEN, house.registers.put_employee(SCHEDULE_KEY, id, employee(role=role)))


async def test_a_schedule_key_writes_caregivers(house: House) -> None:
    saved = await house.registers.put_employee(SCHEDULE_KEY, "ben", employee(email="ben@agency.example"))
    assert saved.view.name == "Dora Quist"


# Accounts switched off.


async def sign_in(house: House, id: str) -> None:
    await house.db.write(lambda unit: unit.people.add_sign_in(id.encode(), SignIn(id, NOW, NOW)))


async def signed_in(house: House, id: str) -> bool:
    return await house.db.read(lambda unit: unit.people.sign_in(id.encode())) is not None


@pytest.mark.parametrize("changed", [{"active": False}, {"role": Position.COORDINATOR}])
async def test_who_is_switched_off_or_gets_another_role_is_signed_out(house: House, changed: dict[str, Any]) -> None:
    for id in ("anna", "ben"):
        await sign_in(house, id)
    body = employee(email=BEN.email, name=BEN.name, **changed)
    await house.registers.put_employee(ADMIN_KEY, "ben", body)
    assert not await signed_in(house, "ben")
    assert await signed_in(house, "anna")
    assert [(fact.kind, fact.employees) for fact in house.told.facts] == [("employee_switched_off", ("ben",))]


async def test_other_changes_sign_nobody_out(house: House) -> None:
    await sign_in(house, "ben")
    await house.registers.put_employee(ADMIN_KEY, "ben", employee(email=BEN.email, may_initiate_virtual_visits=False))
    assert await signed_in(house, "ben")


async def test_an_asker_has_exactly_one_credential(house: House) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        Asker()
    with pytest.raises(ValueError, match="exactly one"):
        replace(staff(ANNA), key=ADMIN_KEY.key)


async def test_a_client_writes_and_reads_no_register(house: House) -> None:
    entrant = await house.client_in_call()
    client = Asker(client_pass=entrant.client_pass)
    for write in writes(house, client).values():
        await house.refuses(Code.FORBIDDEN, write)
    await house.refuses(Code.FORBIDDEN, house.registers.clients(client))


async def test_the_coordinators_own_account_is_not_theirs_to_write(house: House) -> None:
    body = employee(email=CORA.email, role=Position.ADMINISTRATOR)
    await house.refuses(Code.FORBIDDEN, house.registers.put_employee(staff(CORA), "cora", body))


async def test_a_changed_client_is_shown_anew_where_they_are_still_visited(house: House) -> None:
    today = await house.visit()
    past = replace(today, id="v0", starts_at=today.starts_at - 3 * DAY, ends_at=today.ends_at - 3 * DAY)
    await house.db.write(lambda unit: unit.visits.put_visit(past))
    await house.registers.put_client(ADMIN_KEY, "rosa", CLIENT)
    assert [(fact.kind, fact.visit) for fact in house.told.facts] == [("visit_changed", VISIT)]
