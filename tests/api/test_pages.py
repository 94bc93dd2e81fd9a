"""Pages and static files, and the demo's mails."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from signaling.services.hashing import Hashing
from signaling.settings import Settings
from signaling.transport.pages import same_site
from signaling.transport.site import install
from tests.api.house import ANNA, NOON, Browser, House, running

PAGES = {
    "/": "schedule.html",
    "/visits/v1": "visit.html",
    "/visits/v1/call": "call.html",
    "/sign-in": "sign-in.html",
    "/v": "join.html",
}


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A site of small files."""
    root = tmp_path / "static"
    files = {name: f"<!doctype html><title>{name}</title>".encode() for name in PAGES.values()}
    files |= {
        "manifest.webmanifest": b"{}",
        "tsconfig.json": b"{}",
        "README.md": b"notes",
        "js/ui/api.js": b"export const a = 1;\n" * 200,
        "js/ui/types.d.ts": b"export {};",
        "js/ui/notes.md": b"notes",
        "js/.hidden.js": b"",
        "css/base.css": b"a {}",
        "img/favicon.ico": b"\0\0",
        "img/logo.svg": b"<svg/>",
        "locales/fr/common.json": b'{"error.not_found": "Il n\'y a rien ici."}',
    }
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "outside.js").write_bytes(b"secret")
    return root


@pytest.fixture
async def site(settings: Settings, hashing: Hashing, hashed: str, static: Path) -> AsyncIterator[House]:
    """The running site, over those files."""
    async with running(settings, hashing, hashed, static) as site:
        yield site


async def test_staff_pages_ask_to_sign_in_and_come_back(site: House) -> None:
    async with site.browser() as browser:
        for path in ("/", "/visits/v1", "/visits/v1/call"):
            for method in ("GET", "HEAD"):
                answer = await browser.ask(method, f"{path}?a=b")
                assert answer.status == 303
                assert answer.headers["Location"] == f"/sign-in?next={path}"
                assert answer.headers["Cache-Control"] == "no-store"
        assert "sign-in.html" in (await browser.get("/sign-in?next=/visits/v1")).text
    async with site.signed_in(ANNA) as browser:
        for path, name in PAGES.items():
            answer = await browser.get(path)
            if path == "/sign-in":
                assert (answer.status, answer.headers["Location"]) == (303, "/")
                continue
            assert answer.status == 200
            assert name in answer.text
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
            assert answer.headers["Cache-Control"] == "no-store"
            assert "ETag" not in answer.headers
            head = await browser.ask("HEAD", path)
            assert (head.status, head.body) == (200, b"")
            assert head.headers["Content-Length"] == answer.headers["Content-Length"]
        moved = await browser.get("/sign-in?next=/visits/v1")
        assert moved.headers["Location"] == "/visits/v1"
        foreign = await browser.get("/sign-in?next=https://evil.example")
        assert foreign.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/visits/v1", "/visits/v1"),
        ("/", "/"),
        ("/?day=2026-03-02", "/?day=2026-03-02"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: a=b", "/"),
        ("/\t/evil.example", "/"),
        ("", "/"),
    ],
)
def test_one_comes_back_to_this_site_only(wanted: str, path: str) -> None:
    assert same_site(wanted) == path


async def test_the_join_page_is_there_however_the_link_was_rewritten(site: House) -> None:
    token = "A" * 43
    async with site.browser() as browser:
        pages = set()
        for target in ("/v", f"/v%23{token}", f"/v%23{token}?utm=1", f"/v%23{token}/"):
            answer = await raw(site, target)
            assert answer.startswith(b"HTTP/1.1 200"), target
            assert b"set-cookie" not in answer.lower()
            pages.add(answer.partition(b"\r\n\r\n")[2])
        assert len(pages) == 1
        assert (await browser.get("/vx")).status == 404


async def raw(site: House, target: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(f"GET {target} HTTP/1.1\r\nHost: localhost:{site.port}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_static_files_have_their_types_and_are_asked_for_again(site: House) -> None:
    types = {
        "/static/js/ui/api.js": ("text/javascript; charset=utf-8", "no-cache"),
        "/static/css/base.css": ("text/css; charset=utf-8", "no-cache"),
        "/static/img/logo.svg": ("image/svg+xml", "public, max-age=3600"),
        "/static/locales/fr/common.json": ("application/json", "no-cache"),
        "/manifest.webmanifest": ("application/manifest+json", "no-cache"),
        "/favicon.ico": ("image/x-icon", "public, max-age=3600"),
    }
    async with site.browser() as browser:
        for path, (media_type, cache) in types.items():
            answer = await browser.get(path)
            assert (answer.status, answer.headers["Content-Type"]) == (200, media_type)
            assert answer.headers["Cache-Control"] == cache
            tag = answer.headers["ETag"]
            for known in (tag, f'"x", W/{tag}', "*"):
                again = await browser.get(path, headers={"If-None-Match": known})
                assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
            assert (await browser.get(path, headers={"If-None-Match": '"x"'})).status == 200


async def test_static_files_are_compressed_for_those_who_take_it(site: House) -> None:
    path = "/static/js/ui/api.js"
    async with site.browser() as browser:
        plain = await browser.get(path, headers={"Accept-Encoding": "identity"})
        small = await browser.get(path, headers={"Accept-Encoding": "br, gzip;q=0.8"})
        never = await browser.get(path, headers={"Accept-Encoding": "gzip;q=0"})
        assert small.headers["Content-Encoding"] == "gzip"
        assert len(small.body) < len(plain.body) / 10
        assert gzip.decompress(small.body) == plain.body == never.body
        assert "Content-Encoding" not in never.headers
        assert small.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
        assert small.headers["ETag"] != plain.headers["ETag"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/tsconfig.json",
        "/static/README.md",
        "/static/schedule.html",
        "/static/js/ui/types.d.ts",
        "/static/js/ui/notes.md",
        "/static/js/",
        "/static/js",
        "/static/",
        "/static/js/../tsconfig.json",
        "/static/js/%2e%2e/tsconfig.json",
        "/static/js/..%2f..%2foutside.js",
        "/static/js/ui/%2e%2e/%2e%2e/%2e%2e/outside.js",
        "/static//etc/passwd",
        "/static/js//etc/passwd",
        "/schedule.html",
    ],
)
async def test_nothing_else_is_served(site: House, path: str) -> None:
    assert (await raw(site, path)).startswith(b"HTTP/1.1 404")


async def test_a_person_gets_a_page_and_a_machine_a_problem(site: House) -> None:
    accept: dict[str, str | None] = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "de, fr-FR;q=0.8"}
    async with site.browser() as browser:
        assert (await browser.get("/nowhere")).code == "not_found"
        assert (await browser.get("/api/v1/nowhere", headers=accept)).code == "not_found"
        page = await browser.get("/nowhere/<b>", headers=accept)
        assert page.status == 404
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert '<html lang="fr">' in page.text
        assert "<h1>Il n&#x27;y a rien ici.</h1>" in page.text
        assert f">{site.settings.agency_phone}</a>" in page.text
        assert "<b>" not in page.text
        english = await browser.get("/nowhere", headers=accept | {"Accept-Language": None})
        assert "There is nothing here." in english.text
        assert (await browser.get("/demo/mail")).code == "not_found"
        assert "Disallow: /" in (await browser.get("/robots.txt")).text


@dataclass(frozen=True)
class Caught:
    id: str
    subject: str
    html: str
    caught_at: datetime = NOON
    sender: str = "Willow <visits@willow.example>"
    to: str = "rose@home.example"
    text: str = "Open <this>: http://localhost/v#TOKEN"


class CaughtMails:
    """Two mails, as the demo's own server would have caught them."""

    mails = (
        Caught(
            "1-a", "Your visit", '<html><head lang="fr"><title>t</title></head><body><a href="/v#T">x</a></body></html>'
        ),
        Caught("2-b", "<script>alert(1)</script>", "<script>alert(1)</script>"),
    )

    async def list(self) -> tuple[Caught, ...]:
        return self.mails

    async def get(self, id: str) -> Caught | None:
        return next((mail for mail in self.mails if mail.id == id), None)


@pytest.fixture
async def with_mails(site: House, static: Path) -> AsyncIterator[Browser]:
    """A browser at a demo that has sent mails."""
    app = web.Application()
    install(app, site.settings, replace(site.services, demo_mails=CaughtMails()), static)
    async with TestServer(app, host="127.0.0.1") as server, site.browser() as browser:
        name = site.settings.public_url.removeprefix("http://")
        assert server.port is not None
        site.port = server.port
        browser.session.headers["Host"] = name
        yield browser


async def test_the_demos_mails_can_be_read_and_can_do_nothing(with_mails: Browser) -> None:
    listed = await with_mails.get("/demo/mail")
    assert listed.status == 200
    assert '<a href="/demo/mail/1-a">Your visit</a>' in listed.text
    assert "<script" not in listed.text
    one = await with_mails.get("/demo/mail/1-a")
    assert 'src="/demo/mail/1-a/html"' in one.text
    assert "Open &lt;this&gt;: http://localhost/v#TOKEN" in one.text
    assert "frame-src 'self'" in one.headers["Content-Security-Policy"]
    assert "script-src 'self'" in one.headers["Content-Security-Policy"]
    framed = await with_mails.get("/demo/mail/1-a/html")
    assert '<head lang="fr"><base target="_blank"><title>' in framed.text
    policy = framed.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox;")
    assert "script-src" not in policy
    assert "frame-ancestors 'self'" in policy
    assert (await with_mails.get("/demo/mail/3-c")).code == "not_found"
    assert (await with_mails.get("/demo/mail/3-c/html")).code == "not_found"
