"""Bad input: the one error shape, a clear code, nothing changed. The table of routes says what there is to ask."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from signaling.errors import MEANINGS, Code, Refused
from signaling.protocol.codec import BODY_MAX
from signaling.transport.api.openapi import codes_of
from signaling.transport.api.routes import PREFIX, Nothing, Route
from signaling.transport.auth import Auth
from signaling.transport.origin import Origins
from signaling.transport.site import api_routes
from tests.api.house import ADA, ANNA, BEN, CORA, Answer, Browser, House


def table(house: House) -> tuple[Route[Any], ...]:
    services = house.services
    auth = Auth(house.settings, services.signing_in, services.api_keys, services.joining)
    return api_routes(house.settings, services, auth, Origins(house.settings))


def path_of(route: Route[Any], id: str = "v1") -> str:
    role = "?role=caregiver" if route.path.endswith("/farewell") else ""
    return PREFIX + route.path.replace("{id}", id) + role


def dump(house: House) -> str:
    """Everything that is stored, but for when somebody was seen."""
    with sqlite3.connect(house.settings.database) as connection:
        return "\n".join(line for line in connection.iterdump() if '"sign_ins"' not in line)


def agrees(route: Route[Any], answer: Answer) -> bool:
    """Whether the answer is one that the route is described with."""
    return answer.status < 300 or Code(answer.code) in codes_of(route)


@asynccontextmanager
async def everybody(house: House) -> AsyncIterator[dict[str, Browser]]:
    async with (
        house.browser() as nobody,
        house.browser() as key,
        house.signed_in(ANNA) as anna,
        house.signed_in(BEN) as ben,
        house.signed_in(CORA) as cora,
        house.signed_in(ADA) as ada,
    ):
        key.key = await house.key("admin")
        yield {"nobody": nobody, "key": key, "anna": anna, "ben": ben, "cora": cora, "ada": ada}


BODIES: tuple[tuple[bytes, str], ...] = (
    (b"{", "validation_failed"),
    (b"null", "validation_failed"),
    (b"[]", "validation_failed"),
    (b'"text"', "validation_failed"),
    (b"\xff\xfe\xfd", "validation_failed"),
    (b'{"unknown": 1}', "validation_failed"),
    (b'{"unknown": 1, "unknown": 1}', "validation_failed"),
    (b'{"unknown": NaN}', "validation_failed"),
    (b"[" * 100_000, "validation_failed"),
    (b'{"a":' * 20 + b"1" + b"}" * 20, "validation_failed"),
    (b" " * (BODY_MAX + 1), "too_large"),
)


async def test_bodies_that_are_no_command_change_nothing(house: House) -> None:
    async with everybody(house) as browsers:
        before = await asyncio.to_thread(dump, house)
        for route in table(house):
            if route.method == "GET":
                continue
            for name, browser in browsers.items():
                for raw, code in BODIES:
                    answer = await browser.ask(route.method, path_of(route), raw=raw)
                    assert answer.status >= 400, (route.path, name, raw[:20])
                    assert agrees(route, answer), (route.path, name, raw[:20], answer.text)
                    if answer.code not in {"not_signed_in", "forbidden"}:
                        assert answer.code == code, (route.path, name, raw[:20], answer.text)
        assert await asyncio.to_thread(dump, house) == before


GOOD: dict[str, dict[str, Any]] = {
    "/service-codes/{id}": {"name": "Walk", "allowsVirtualCare": True},
    "/employees/{id}": {
        "name": "Eve Hall",
        "email": "eve@willow.example",
        "role": "caregiver",
        "mayInitiateVirtualVisits": True,
        "language": "fr",
        "active": True,
        "shownName": "Eve",
    },
    "/clients/{id}": {"name": "Sam", "language": "en", "email": "sam@home.example", "phone": "+33 1 99 00 00 02"},
    "/visits/{id}": {
        "serviceCode": "video",
        "employee": "anna",
        "client": "rose",
        "startsAt": "2026-03-02T13:00:00+01:00",
        "endsAt": "2026-03-02T14:00:00+01:00",
        "timeZone": "Europe/Paris",
        "tasks": [{"id": "t", "title": "Tea"}],
    },
    "/visits/{id}/invites": {"delivery": "link", "commandId": "c1"},
    "/visits/{id}/clock-in": {"confirm": ["otherDay"]},
    "/visits/{id}/clock-out": {"confirmActiveSession": True},
    "/visits/{id}/session/end": {"commandId": "c1", "legId": "l1", "generation": 1},
    "/visits/{id}/hang-up": {"commandId": "c1", "legId": "l1", "generation": 1},
    "/visits/{id}/farewell": {"legId": "l1", "generation": 1, "why": "closed"},
    "/visits/{id}/documentation": {
        "version": 0,
        "notes": "Fine.",
        "tasks": [{"task": "pulse", "done": False, "reason": "Asleep"}],
    },
    "/sign-in": {"email": "nobody@willow.example", "password": "x"},
    "/invites/preview": {"token": "A" * 43},
    "/invites/exchange": {"token": "A" * 43},
}
WRONG: tuple[Any, ...] = (None, True, -1, 1e300, 2**70, "", "\0", "\u202e", "x" * 100_000, "../..", [], {}, [[]], ["x"])


def spoiled(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The body with one member missing, wrong or too much, each in turn."""
    for name in body:
        yield f"without {name}", {key: value for key, value in body.items() if key != name}
        for value in WRONG:
            yield f"{name} = {json.dumps(value)[:30]}", body | {name: value}
    yield "one more", body | {"more": 1}


async def test_wrong_members_are_refused_or_were_no_fault(house: House) -> None:
    """Some spoiled bodies are still good (an optional member left out); none may be a fault of the server."""
    seen = set()
    async with everybody(house) as browsers:
        for route in table(house):
            if route.method == "GET" or route.takes is Nothing:
                continue
            seen.add(route.path)
            browser = browsers["anna" if route.path.startswith("/visits/{id}/") else "ada"]
            for what, body in spoiled(GOOD[route.path]):
                answer = await browser.ask(route.method, path_of(route), body)
                if "/sign-in" in route.path and answer.status == 401:
                    house.clock.pass_(minutes=20)
                if route.path.endswith("/hang-up"):
                    assert answer.code in {"not_signed_in", "validation_failed"}
                assert agrees(route, answer), (route.path, what, answer.text)
                assert answer.status != 500, (route.path, what)
                if what == "one more":
                    assert answer.status in {401, 422}, (route.path, answer.text)
    assert seen == GOOD.keys()


async def test_ids_of_nothing_and_of_others(house: House) -> None:
    async with everybody(house) as browsers:
        before = await asyncio.to_thread(dump, house)
        for route in table(house):
            if not route.has_id or route.method == "PUT":
                continue
            body = GOOD.get(route.path) if route.method == "POST" else None
            for id in ("nothing", "a%20b", "%00", "x" * 65, "..%2Fv1", "%2e%2e", "v1%0a", "é"):
                for name, browser in browsers.items():
                    answer = await browser.ask(route.method, path_of(route, id), body)
                    expected = {"not_found", "not_signed_in", "forbidden"}
                    assert answer.code in expected, (route.path, id, name, answer.text)
            if route.path.startswith("/visits/"):
                answer = await browsers["ben"].ask(route.method, path_of(route, "v1"), body)
                assert answer.code in {"not_found", "not_signed_in"}, (route.path, answer.text)
        assert await asyncio.to_thread(dump, house) == before


async def test_ids_that_can_not_be_are_not_made(house: House) -> None:
    async with house.browser() as browser:
        browser.key = await house.key("admin")
        for path in ("/service-codes/{id}", "/employees/{id}", "/clients/{id}", "/visits/{id}"):
            for id in ("a%20b", "%00", "x" * 65, "..%2Fv1", "v1%0a", "é"):
                answer = await browser.put(PREFIX + path.replace("{id}", id), GOOD[path])
                assert answer.code == "validation_failed"
                assert answer.json["field"] == "id"


async def test_queries_are_as_strict_as_bodies(house: House) -> None:
    queries = (
        "",
        "from=2026-03-01T00:00:00Z",
        "from=2026-03-01T00:00:00Z&to=tomorrow",
        "from=2026-03-01&to=2026-03-02",
        "from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z",
        "from=2026-03-01T00:00:00Z&to=2027-03-01T00:00:00Z",
        "from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z&from=2026-03-01T00:00:00Z",
        "from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z&client=rose",
        "from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z&employee=a%20b",
        "from=9999-12-31T23:59:59-23:59&to=0001-01-01T00:00:00Z",
        "from=2026-03-01T00:00:00+01:00&to=2026-03-02T00:00:00Z",
    )
    async with house.signed_in(CORA) as browser:
        for query in queries:
            assert (await browser.get(f"/api/v1/visits?{query}")).code == "validation_failed", query
        assert (await browser.get("/api/v1/visits/v1?x=1")).code == "validation_failed"
        assert (await browser.post("/api/v1/watch-ticket?x=1")).code == "validation_failed"
        for role in ("", "?role=", "?role=x", "?role=client&role=client", "?role=caregiver&x=1"):
            answer = await browser.post(f"/api/v1/visits/v1/farewell{role}", GOOD["/visits/{id}/farewell"])
            assert answer.code == "validation_failed", role


async def test_what_is_not_served(house: House) -> None:
    async with house.signed_in(ANNA) as browser:
        assert (await browser.get("/api/v1/nothing")).code == "not_found"
        assert (await browser.get("/api/v2/visits")).code == "not_found"
        refused = await browser.ask("DELETE", "/api/v1/visits/v1")
        assert refused.code == "method_not_allowed"
        assert set(refused.headers["Allow"].split(",")) == {"GET", "HEAD", "PUT"}
        plain: dict[str, str | None] = {"Content-Type": "text/plain"}
        path = "/api/v1/visits/v1/clock-in"
        assert (await browser.post(path, {}, headers=plain)).code == "unsupported_media_type"
        form: dict[str, str | None] = {"Content-Type": "application/x-www-form-urlencoded"}
        assert (await browser.ask("POST", path, raw=b"a=b", headers=form)).code == "unsupported_media_type"
        packed: dict[str, str | None] = {"Content-Encoding": "gzip"}
        assert (await browser.post(path, {}, headers=packed)).code == "unsupported_media_type"
        assert (await browser.get("/api/v1/visits/v1")).json["clockedInAt"] is None


@pytest.mark.parametrize("value", ['W/"1"', "1", '"one"', '"1", "2"', '""'])
async def test_if_match_must_be_one_etag(house: House, value: str) -> None:
    async with house.browser() as browser:
        browser.key = await house.key("schedule")
        answer = await browser.put(
            "/api/v1/service-codes/video", GOOD["/service-codes/{id}"], headers={"If-Match": value}
        )
        assert (answer.code, answer.json["field"]) == ("validation_failed", "If-Match")


async def test_a_chunked_body_without_end_is_too_large(house: House) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(BODY_MAX // 1024 + 1):
            yield b" " * 1024

    async with (
        house.signed_in(ANNA) as browser,
        browser.session.post(
            f"http://127.0.0.1:{house.port}/api/v1/visits/v1/clock-in",
            data=endless(),
            headers={"Origin": house.settings.public_url, "Content-Type": "application/json"},
        ) as response,
    ):
        assert (response.status, (await response.json(content_type=None))["code"]) == (413, "too_large")


async def test_a_database_that_can_not_save_is_unavailable(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async with house.signed_in(ANNA) as browser:
        assert (await browser.get("/readyz")).json == {"status": "ready"}

        async def fail(*_: object) -> None:
            raise Refused(Code.UNAVAILABLE)

        monkeypatch.setattr(house.db, "write", fail)
        monkeypatch.setattr(house.db, "ready", fail)
        house.clock.pass_(minutes=2)
        assert (await browser.get("/api/v1/visits/v1")).status == 200
        assert (await browser.post("/api/v1/visits/v1/clock-in", {})).code == "unavailable"
        ready = await browser.get("/readyz")
        assert (ready.status, ready.code) == (503, "unavailable")
        assert (await browser.get("/healthz")).json == {"status": "alive"}


async def test_random_bytes_are_no_fault(house: House) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    async with everybody(house) as browsers:
        for _ in range(150):
            route = chance.choice(table(house))
            browser = chance.choice(list(browsers.values()))
            good = json.dumps(GOOD.get(route.path, {})).encode()
            raw = bytearray(good)
            for _ in range(chance.randrange(1, 4)):
                raw[chance.randrange(len(raw))] = chance.randrange(256)
            answer = await browser.ask(route.method, path_of(route), raw=bytes(raw))
            assert answer.status != 500, (route.path, bytes(raw))
            assert agrees(route, answer), (route.path, bytes(raw), answer.text)


def test_every_code_has_a_status_and_a_sentence() -> None:
    assert MEANINGS.keys() == set(Code)
    for code, meaning in MEANINGS.items():
        assert 400 <= meaning.status <= 599, code
        assert meaning.sentence.endswith((".", "?")), code
