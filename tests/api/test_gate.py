"""What every request goes through: name, scheme, origin, headers, log."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from dataclasses import replace

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from signaling.services.hashing import Hashing
from signaling.settings import Settings
from signaling.transport.origin import Origins
from tests.api.house import ANNA, PASSWORD, Browser, House, running, span

EVERYWHERE = ("/api/v1/agency", "/api/v1/me", "/api/v1/nothing", "/nowhere", "/sign-in", "/", "/v", "/healthz")


async def test_every_answer_carries_the_security_headers(house: House) -> None:
    async with house.browser() as browser:
        for path in (*EVERYWHERE, "/static/css/base.css", "/static/css/none.css"):
            for method in ("GET", "HEAD", "POST"):
                answer = await browser.ask(method, path)
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "frame-ancestors 'none'" in policy
                assert "unsafe" not in policy
                assert f"connect-src 'self' ws://localhost:{house.port}" in policy
                powers = answer.headers["Permissions-Policy"]
                assert "camera=(self)" in powers
                assert "microphone=(self)" in powers
                assert "display-capture=()" in powers
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
                assert "Server" not in answer.headers
                assert "Strict-Transport-Security" not in answer.headers
                if not (path == "/static/css/base.css" and method != "POST"):
                    assert answer.headers["Cache-Control"] == "no-store", (path, method)


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost", "localhost:1", "localhost:{port}.evil.example", "", "a b"]
)
async def test_another_name_is_refused(house: House, host: str) -> None:
    async with house.browser() as browser:
        answer = await browser.get("/api/v1/agency", headers={"Host": host.format(port=house.port)})
        assert answer.code == "origin_refused"
        assert (await browser.get("/healthz", headers={"Host": "10.0.0.7"})).status == 200


@pytest.mark.parametrize("host", ["localhost:{port}", "LOCALHOST:{port}", "127.0.0.1:{port}", "[::1]:{port}"])
async def test_the_names_of_the_demo_are_its_own(house: House, host: str) -> None:
    async with house.browser() as browser:
        answer = await browser.get("/api/v1/agency", headers={"Host": host.format(port=house.port)})
        assert answer.status == 200


FOREIGN: list[dict[str, str | None]] = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost"},
    {"Origin": None},
    {"Origin": None, "Sec-Fetch-Site": "cross-site"},
    {"Origin": None, "Sec-Fetch-Site": "same-site"},
    {"Origin": None, "Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_a_change_from_another_site_is_refused(house: House, headers: dict[str, str | None]) -> None:
    async with house.signed_in(ANNA) as browser:
        for path in ("/api/v1/sign-out", "/api/v1/visits/v1/clock-in", "/api/v1/sign-in", "/api/v1/invites/preview"):
            assert (await browser.post(path, {}, headers=headers)).code == "origin_refused"
        assert (await browser.get("/api/v1/me", headers=headers)).status == 200


async def test_a_change_from_a_page_of_ours_is_taken(house: House) -> None:
    async with house.signed_in(ANNA) as browser:
        fetch_metadata = {"Origin": None, "Sec-Fetch-Site": "same-origin"}
        assert (await browser.post("/api/v1/watch-ticket", headers=fetch_metadata)).status == 200
        assert (await browser.post("/api/v1/watch-ticket")).status == 200


async def test_a_key_needs_no_origin_and_makes_cookies_count_for_nothing(house: House) -> None:
    async with house.signed_in(ANNA) as browser:
        browser.key = await house.key("schedule")
        assert (
            await browser.put("/api/v1/service-codes/new", {"name": "New", "allowsVirtualCare": True})
        ).status == 201
        assert (await browser.get(f"/api/v1/visits?{span()}")).status == 200
        browser.key = "vv_unknown"
        assert (await browser.get("/api/v1/me")).code == "not_signed_in"
        for value in ("Basic YTpi", "Bearer", "Bearer vv_ü", "vv_x", ""):
            answer = await browser.get("/api/v1/visits/v1", headers={"Authorization": value})
            assert answer.code == "not_signed_in"


async def test_the_log_has_ids_and_templates_but_nothing_that_was_sent(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    token = "T" * 43
    with caplog.at_level(logging.INFO):
        async with house.signed_in(ANNA) as browser:
            await browser.get("/api/v1/visits/v1")
            await browser.get(f"/api/v1/visits/{token}")
            await browser.get(f"/visits/{token}")
            await browser.get(f"/v%23{token}")
            await browser.get(f"/v/{token}?q={token}")
            await browser.post("/api/v1/invites/preview", {"token": token})
            await browser.ask("GET", "/healthz", headers={"User-Agent": token, "Referer": token})
            await browser.post("/api/v1/sign-in", {"email": token, "password": token})
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(b"GET /v%23" + token.encode() + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
    text = "\n".join(record.getMessage() for record in caplog.records)
    assert "GET /api/v1/visits/{id} id=v1 by=employee:anna 200" in text
    assert "GET /v{fragment} id=- by=- " in text
    for secret in (token, ANNA.email, PASSWORD, "127.0.0.1", "Anna"):
        assert secret not in text


async def test_a_fault_says_nothing_of_what_was_sent(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr(house.services.documenting, "save", fail)
    async with house.signed_in(ANNA) as browser:
        answer = await browser.put("/api/v1/visits/v1/documentation", {"version": 0, "notes": "secret words"})
    assert answer.status == 500
    assert answer.code == "internal"
    assert answer.json["requestId"] == answer.headers["X-Request-Id"]
    assert "secret" not in answer.text
    faults = [record for record in caplog.records if record.name == "signaling.http"]
    assert [record.levelname for record in faults] == ["ERROR"]
    message = faults[0].getMessage()
    assert answer.headers["X-Request-Id"] in message
    assert "RuntimeError" in message
    assert "test_gate.py" in message
    assert "secret" not in "".join(record.getMessage() + str(record.exc_text) for record in caplog.records)


@pytest.fixture
def behind_proxy(settings: Settings) -> Settings:
    """An agency whose proxy does TLS."""
    trusted = (ipaddress.ip_network("127.0.0.1"), ipaddress.ip_network("10.1.0.0/16"))
    return replace(settings, public_url="https://visits.example.org", trusted_proxies=trusted, demo=False)


async def test_behind_a_proxy_cookies_are_for_https_and_plain_http_is_sent_there(
    behind_proxy: Settings, hashing: Hashing, hashed: str
) -> None:
    proxied: dict[str, str | None] = {"Host": "visits.example.org", "X-Forwarded-Proto": "https"}
    plain = proxied | {"X-Forwarded-Proto": "http"}
    async with running(behind_proxy, hashing, hashed) as house, house.browser() as browser:
        credentials = {"email": ANNA.email, "password": PASSWORD}
        answer = await browser.post("/api/v1/sign-in", credentials, headers=proxied)
        assert answer.status == 200
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "wss://visits.example.org" in answer.headers["Content-Security-Policy"]
        cookie = answer.cookies["__Host-signin"]
        assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (True, True, "/", "")
        assert (await browser.post("/api/v1/sign-in", credentials, headers=plain)).code == "origin_refused"
        assert (await browser.get("/api/v1/agency", headers=plain)).code == "origin_refused"
        moved = await browser.get("/visits/v1?a=b", headers=plain)
        assert (moved.status, moved.headers["Location"]) == (308, "https://visits.example.org/visits/v1?a=b")
        without = {name: value for name, value in proxied.items() if name == "Host"}
        assert (await browser.get("/api/v1/agency", headers=without)).status == 200
        demo_name = proxied | {"Host": f"localhost:{house.port}"}
        assert (await browser.get("/api/v1/agency", headers=demo_name)).code == "origin_refused"
        assert (await browser.get("/readyz", headers={"Host": "10.0.0.1"})).status == 200


class _Transport(asyncio.Transport):
    def __init__(self, peer: str) -> None:
        super().__init__({"peername": (peer, 1)})


@pytest.mark.parametrize(
    ("peer", "forwarded", "network"),
    [
        ("198.51.100.7", [], "198.51.100.7/32"),
        ("198.51.100.7", ["203.0.113.9"], "198.51.100.7/32"),
        ("127.0.0.1", ["203.0.113.9"], "203.0.113.9/32"),
        ("127.0.0.1", ["192.0.2.66, 203.0.113.9"], "203.0.113.9/32"),
        ("127.0.0.1", ["192.0.2.66", "203.0.113.9, 10.1.2.3"], "203.0.113.9/32"),
        ("127.0.0.1", ["203.0.113.9:4711"], "203.0.113.9/32"),
        ("127.0.0.1", ["[2001:db8:1:203::9]:4711"], "2001:db8:1:200::/56"),
        ("::ffff:198.51.100.7", [], "198.51.100.7/32"),
        ("127.0.0.1", ["192.0.2.66, rubbish"], "127.0.0.1/32"),
        ("127.0.0.1", [], "127.0.0.1/32"),
        ("", [], "unknown"),
    ],
)
def test_the_network_of_origin_is_what_a_trusted_proxy_says(
    behind_proxy: Settings, peer: str, forwarded: list[str], network: str
) -> None:
    headers = CIMultiDict(("X-Forwarded-For", value) for value in forwarded)
    request = make_mocked_request("GET", "/", headers=headers, transport=_Transport(peer))
    assert Origins(behind_proxy).network(request) == network


async def sent_slowly(house: House, browser: Browser) -> bytes:
    cookie = "; ".join(f"{c.key}={c.value}" for c in browser.session.cookie_jar)
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    head = (
        f"POST /api/v1/visits/v1/clock-in HTTP/1.1\r\nHost: localhost:{house.port}\r\nCookie: {cookie}\r\n"
        f"Origin: {house.settings.public_url}\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{{"
    )
    writer.write(head.encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return answer


async def test_a_dripping_body_is_cut_off(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaling.transport.limits.BODY_SECONDS", 0.2)
    async with house.signed_in(ANNA) as browser:
        answer = await sent_slowly(house, browser)
        assert answer.startswith(b"HTTP/1.1 422")
        assert b"connection: close" in answer.lower()
        assert (await browser.get("/api/v1/visits/v1")).json["clockedInAt"] is None
