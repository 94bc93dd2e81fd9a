"""Service codes, employees, clients and visits as the agency's own systems and its office use them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.house import ADA, ANNA, CORA, NOON, Browser, House, span

EVE = {
    "name": "Eve Hall",
    "email": "eve@willow.example",
    "role": "caregiver",
    "mayInitiateVirtualVisits": True,
    "language": "fr",
    "active": True,
}
VISIT = {
    "serviceCode": "video",
    "employee": "anna",
    "client": "rose",
    "startsAt": "2026-03-02T16:00:00+01:00",
    "endsAt": "2026-03-02T17:00:00+01:00",
    "timeZone": "Europe/Paris",
    "tasks": [{"id": "tea", "title": "Make tea"}],
}
RESOURCES: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("service-codes", {"name": "Walk", "allowsVirtualCare": False}, {"allowsVirtualCare": True}),
    ("employees", EVE, {"language": "en"}),
    ("clients", {"name": "Sam Fox", "email": "sam@home.example", "language": "en"}, {"phone": "+33 1 99 00 00 03"}),
    ("visits", VISIT, {"endsAt": "2026-03-02T17:30:00+01:00"}),
)


@pytest.mark.parametrize(("resource", "body", "change"), RESOURCES)
async def test_put_creates_repeats_and_replaces(
    house: House, resource: str, body: dict[str, Any], change: dict[str, Any]
) -> None:
    path = f"/api/v1/{resource}/new.1"
    async with house.browser() as browser:
        browser.key = await house.key("admin")
        assert (await browser.get(path)).code == "not_found"
        made = await browser.put(path, body)
        assert (made.status, made.headers["ETag"], made.json["id"]) == (201, '"1"', "new.1")
        again = await browser.put(path, body)
        assert (again.status, again.headers["ETag"], again.json) == (200, '"1"', made.json)
        read = await browser.get(path)
        assert (read.status, read.headers["ETag"], read.json) == (200, '"1"', made.json)
        changed = await browser.put(path, body | change, headers={"If-Match": '"1"'})
        assert (changed.status, changed.headers["ETag"]) == (200, '"2"')
        assert (await browser.put(path, body, headers={"If-Match": '"1"'})).code == "stale"
        assert (await browser.get(path)).json == changed.json
        assert (await browser.put(path, body, headers={"If-Match": "*"})).headers["ETag"] == '"3"'
        assert (await browser.put(f"{path}.x", body, headers={"If-Match": '"1"'})).code == "stale"
        head = await browser.ask("HEAD", path)
        assert (head.status, head.headers["ETag"], head.body) == (200, '"3"', b"")


async def test_lists_are_for_the_office_and_for_keys(house: House) -> None:
    async with house.signed_in(CORA) as cora, house.signed_in(ANNA) as anna, house.browser() as system:
        system.key = await house.key("schedule")
        for browser in (cora, system):
            services = (await browser.get("/api/v1/service-codes")).json["serviceCodes"]
            assert [one["id"] for one in services] == ["bath", "video"]
            employees = (await browser.get("/api/v1/employees")).json["employees"]
            assert [one["id"] for one in employees] == ["ada", "anna", "ben", "cora", "off"]
            clients = (await browser.get("/api/v1/clients")).json["clients"]
            assert [(one["id"], one["email"]) for one in clients] == [("max", None), ("rose", "rose@home.example")]
        for path in ("service-codes", "employees", "clients", "service-codes/video", "employees/ben", "clients/rose"):
            assert (await anna.get(f"/api/v1/{path}")).code == "forbidden"


async def test_who_may_write_what(house: House) -> None:
    async def codes(browser: Browser, suffix: str) -> list[int]:
        return [(await browser.put(f"/api/v1/{name}/{suffix}", body)).status for name, body, _ in RESOURCES]

    async with house.signed_in(ANNA) as anna, house.signed_in(CORA) as cora, house.signed_in(ADA) as ada:
        assert await codes(anna, "a") == [403, 403, 403, 403]
        assert await codes(cora, "b") == [403, 403, 201, 201]
        assert await codes(ada, "c") == [201, 201, 201, 201]


async def test_a_schedule_key_can_not_touch_roles(house: House) -> None:
    async with house.browser() as browser:
        browser.key = await house.key("schedule")
        assert (await browser.put("/api/v1/employees/eve", EVE)).status == 201
        refused = await browser.put("/api/v1/employees/eve", EVE | {"role": "administrator"})
        assert (refused.code, refused.json["field"]) == ("forbidden", "role")
        demoted = EVE | {"email": "ada@willow.example", "role": "caregiver"}
        assert (await browser.put("/api/v1/employees/ada", demoted)).code == "forbidden"
        browser.key = await house.key("admin")
        assert (await browser.put("/api/v1/employees/eve", EVE | {"role": "administrator"})).status == 200


async def test_two_employees_can_not_share_an_email(house: House) -> None:
    async with house.signed_in(ADA) as browser:
        refused = await browser.put("/api/v1/employees/eve", EVE | {"email": "ANNA@willow.example"})
        assert (refused.code, refused.json["field"]) == ("conflict", "email")


async def test_switching_an_account_off_signs_it_out(house: House) -> None:
    async with house.signed_in(ADA) as ada, house.signed_in(ANNA) as anna:
        stored = (await ada.get("/api/v1/employees/anna")).json
        body = {name: value for name, value in stored.items() if name != "id"}
        assert (await ada.put("/api/v1/employees/anna", body | {"active": False})).status == 200
        assert (await anna.get("/api/v1/me")).code == "not_signed_in"


async def test_the_schedule_of_a_caregiver_and_of_the_office(house: House) -> None:
    async with house.signed_in(ANNA) as anna, house.signed_in(CORA) as cora, house.browser() as system:
        system.key = await house.key("schedule")
        path = f"/api/v1/visits?{span()}"
        ids = {
            name: [one["id"] for one in (await browser.get(path)).json["visits"]]
            for name, browser in (("anna", anna), ("cora", cora), ("system", system))
        }
        everything = ["v1", "v2", "v3", "v4"]
        assert ids == {"anna": ["v1", "v2", "v3"], "cora": everything, "system": everything}
        bens = (await cora.get(f"{path}&employee=ben")).json["visits"]
        assert [one["id"] for one in bens] == ["v4"]
        assert (await anna.get(f"{path}&employee=ben")).code == "forbidden"
        assert (await cora.get("/api/v1/visits/v1")).json["inviteRefusal"] == "forbidden"


async def test_a_visit_as_the_agency_reads_it(house: House) -> None:
    async with house.browser() as system:
        system.key = await house.key("schedule")
        seen = (await system.get("/api/v1/visits/v1")).json
        assert (seen["status"], seen["session"], seen["startsAt"]) == ("scheduled", None, "2026-03-02T12:30:00.000Z")
        cancelled = await system.post("/api/v1/visits/v1/cancel")
        assert cancelled.json["status"] == "cancelled"
        again = await system.post("/api/v1/visits/v1/cancel")
        assert again.json["cancelledAt"] == cancelled.json["cancelledAt"]
        events = (await system.get("/api/v1/visits/v1/events")).json["events"]
        assert [event["kind"] for event in events] == ["visit_cancelled"]
        assert events[0]["actor"].startswith("key:")
        assert events[0]["connection"].startswith("http:")
        assert events[0]["at"].startswith(NOON.date().isoformat())
        stored = await house.db.read(lambda unit: unit.visits.visit("v1"))
        assert stored is not None
        moved = await system.put("/api/v1/visits/v1", VISIT)
        assert moved.code == "visit_cancelled"
