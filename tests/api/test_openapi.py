"""The description is the interface: the same rows, and answers that are as it says."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest

from signaling.errors import MEANINGS, Code
from signaling.transport.api.openapi import PATH
from tests.api.house import ANNA, CORA, Answer, House, span


async def described(house: House) -> dict[str, Any]:
    async with house.browser() as browser:
        answer = await browser.get(PATH)
        assert answer.headers["Content-Type"] == "application/json"
        document: dict[str, Any] = answer.json
        return document


async def test_what_is_served_is_described_and_nothing_else(house: House) -> None:
    served = {
        (route.method.lower(), route.resource.canonical)
        for route in house.app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api/v1") and route.method != "HEAD"
    }
    document = await described(house)
    paths = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert paths == served
    assert len(served) > 25


async def test_the_description_is_complete(house: House) -> None:
    document = await described(house)
    assert document["openapi"] == "3.1.0"
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    schemes = document["components"]["securitySchemes"].keys()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert re.fullmatch(r"[a-z][A-Za-z]+", operation["operationId"])
            assert operation["summary"]
            assert {name for need in operation["security"] for name in need} <= schemes
            assert ("{id}" in path) == any(one["in"] == "path" for one in operation["parameters"])
            for status, answer in operation["responses"].items():
                for media in answer.get("content", {}).values():
                    jsonschema.Draft202012Validator.check_schema(media["schema"])
                    assert status[0] in "245"
    codes = set()
    for operation in operations:
        for status, answer in operation["responses"].items():
            for code in problem_codes(answer):
                codes.add(code)
                assert str(MEANINGS[Code(code)].status) == status
    only_on_the_socket = {"clock_in_required", "call_open_elsewhere", "ticket_invalid", "protocol_unsupported"}
    assert codes | only_on_the_socket | {"method_not_allowed"} == {code.value for code in Code}


def problem_codes(answer: dict[str, Any]) -> list[str]:
    content = answer.get("content", {}).get("application/problem+json")
    return [] if content is None else list(content["schema"]["properties"]["code"]["enum"])


async def test_every_reference_leads_somewhere(house: House) -> None:
    document = await described(house)
    references = set(re.findall(r"'\$ref': '#/components/schemas/(\w+)'", str(document)))
    assert references
    assert references <= document["components"]["schemas"].keys()
    unused = document["components"]["schemas"].keys() - references
    assert unused <= {"VisitsQuery"}


@pytest.mark.parametrize(
    ("method", "path", "template", "body"),
    [
        ("GET", f"/api/v1/visits?{span()}", "/api/v1/visits", None),
        ("GET", "/api/v1/visits/v1", "/api/v1/visits/{id}", None),
        ("GET", "/api/v1/visits/v1/documentation", "/api/v1/visits/{id}/documentation", None),
        ("GET", "/api/v1/me", "/api/v1/me", None),
        ("GET", "/api/v1/agency", "/api/v1/agency", None),
        ("GET", "/api/v1/employees", "/api/v1/employees", None),
        ("POST", "/api/v1/visits/v1/clock-in", "/api/v1/visits/{id}/clock-in", {}),
        (
            "POST",
            "/api/v1/visits/v1/invites",
            "/api/v1/visits/{id}/invites",
            {"delivery": "link", "commandId": "c"},
        ),
        ("POST", "/api/v1/watch-ticket", "/api/v1/watch-ticket", None),
    ],
)
async def test_answers_are_as_described(
    house: House, method: str, path: str, template: str, body: dict[str, Any] | None
) -> None:
    document = await described(house)
    operation = document["paths"][template][method.lower()]
    async with house.signed_in(ANNA) as anna, house.signed_in(CORA) as cora, house.browser() as nobody:
        for browser in (anna, cora, nobody):
            check(document, operation, await browser.ask(method, path, body))


def check(document: dict[str, Any], operation: dict[str, Any], answer: Answer) -> None:
    described = operation["responses"][str(answer.status)]
    ((media_type, content),) = described["content"].items()
    assert answer.headers["Content-Type"].startswith(media_type)
    schema = content["schema"] | {"components": document["components"]}
    jsonschema.validate(answer.json, schema, cls=jsonschema.Draft202012Validator)
