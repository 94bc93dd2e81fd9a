"""The client's link: what looks at it changes nothing, and a link that does not admit says why (SPEC §6)."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.agency import AGENCY, PHONE, Agency, Problem, hhmm
from tests.e2e.browsers import PHONE as SMALL
from tests.e2e.browsers import button, person, says, says_like
from tests.e2e.postbox import wait_for
from tests.e2e.scenes import Booking, book, join_as_client


class Visitor:
    """A caregiver who works by API, so that these tests need one browser only."""

    def __init__(self, agency: Agency, **visit: object) -> None:
        self.agency = agency
        self.booking: Booking = book(agency, **visit)
        self.cookie = agency.cookie(self.booking.caregiver)
        self._count = 0

    def link(self) -> str:
        """A new invite link, copied."""
        self._count += 1
        body = {"delivery": "link", "commandId": f"copy-{self._count}"}
        made = self.agency.call("POST", f"/visits/{self.booking.visit}/invites", body, cookie=self.cookie)
        return str(made["link"])

    def post(self, path: str, body: object = None) -> object:
        """A command on the visit."""
        return self.agency.call("POST", f"/visits/{self.booking.visit}/{path}", body, cookie=self.cookie)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with person(browser, size=SMALL) as context:
        yield context.new_page()


def refusal(agency: Agency, link: str) -> str:
    """The code that the link is answered with now."""
    with pytest.raises(Problem) as refused:
        agency.call("POST", "/invites/preview", {"token": link.partition("#")[2]}, cookie="a=b")
    return refused.value.code


def test_what_looks_at_a_link_changes_nothing(agency: Agency, page: Page) -> None:
    visitor = Visitor(agency)
    link = visitor.link()
    token = link.partition("#")[2]
    for url, method in ((f"{agency.url}/v", "HEAD"), (f"{agency.url}/v", "GET"), (f"{agency.url}/v%23{token}", "GET")):
        request = urllib.request.Request(url, method=method, headers={"Purpose": "prefetch"})
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url))
    page.on("websocket", lambda socket: calls.append(socket.url))
    page.goto(link)
    expect(button(page, "Join visit")).to_be_visible()
    page.wait_for_load_state("networkidle")
    # A scanner that runs scripts and presses buttons is not a person: its clicks are not trusted.
    page.evaluate("document.querySelectorAll('button').forEach((b) => b.click())")
    page.wait_for_load_state("networkidle")
    asked = [url for url in calls if "/api/" in url or ("socket.io/" in url and "vendor" not in url)]
    assert not [url for url in asked if "ticket" in url or "exchange" in url or "/socket.io/" in url], asked
    assert page.context.cookies() == []
    assert agency.state(visitor.booking.visit) == "invited"
    assert "client_joined" not in agency.events(visitor.booking.visit)
    assert token not in agency.log.read_text()
    page.goto(f"{agency.url}/v%23{token}")
    button(page, "Join visit").click()
    expect(button(page, "Hang up")).to_be_visible()
    wait_for("the join", lambda: agency.state(visitor.booking.visit) == "joined")
    assert token not in agency.log.read_text()


def test_the_preview_says_who_and_when(agency: Agency, page: Page) -> None:
    visitor = Visitor(agency)
    page.goto(visitor.link())
    says_like(page, re.escape(AGENCY))
    says_like(page, "Vera")
    expect(page.get_by_text("Caregiver", exact=True)).to_have_count(0)
    starts = agency.call("GET", f"/visits/{visitor.booking.visit}")["startsAt"]
    clock = datetime.fromisoformat(starts)
    hour = hhmm(clock.isoformat())
    twelve = datetime.strptime(hour, "%H:%M").strftime("%I:%M").lstrip("0")  # noqa: DTZ007
    says_like(page, f"{hour}|{twelve}")


def test_the_client_waits_for_the_caregiver(agency: Agency, browser: Browser) -> None:
    visitor = Visitor(agency)
    with person(browser, size=SMALL) as context:
        page = join_as_client(context, visitor.link())
        says(page, "Your caregiver has not joined yet. Please keep this page open.")
        visitor.agency.call("POST", f"/visits/{visitor.booking.visit}/invites/revoke")
        expect(button(page, "Hang up")).to_have_count(0, timeout=5_000)
        expect(page.get_by_role("link", name=re.compile(re.escape(PHONE))).first).to_be_visible()
        live = "() => [...document.querySelectorAll('video')].some(v => v.srcObject?.getTracks().some(t => "
        assert not page.evaluate(live + "t.readyState === 'live'))")


def test_links_that_do_not_admit(agency: Agency, page: Page) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    hour = timedelta(hours=1)

    def span(start: datetime) -> dict[str, str]:
        return {"startsAt": start.isoformat(), "endsAt": (start + hour).isoformat()}

    over, moved, cancelled, replaced, revoked, early = (Visitor(agency) for _ in range(6))
    links = {code: v.link() for code, v in _named(over, moved, cancelled, replaced, revoked, early)}
    over.post("session/end", {"commandId": "end"})
    agency.change_visit(moved.booking.visit, **span(now + 2 * hour))
    agency.call("POST", f"/visits/{cancelled.booking.visit}/cancel")
    client = {"name": "Rosa Gardener", "language": "en", "email": "new@home.example"}
    agency.call("PUT", f"/clients/{replaced.booking.client}", client)
    agency.call("POST", f"/visits/{revoked.booking.visit}/invites/revoke")
    early_visit = Visitor(agency, **span(now + 5 * hour))
    links["link_too_early"] = early_visit.link()
    token = links["link_over"].partition("#")[2]
    links["link_incomplete"] = f"{agency.url}/v#{token[:20]}"
    links["link_unknown"] = f"{agency.url}/v#{'A' * 43}"
    for code, link in links.items():
        assert refusal(agency, link) == code
        page.goto("about:blank")
        page.goto(link)
        expect(page.get_by_role("link", name=re.compile(re.escape(PHONE))).first).to_be_visible()
        expect(button(page, "Join visit").and_(page.locator(":enabled"))).to_have_count(0)
        if code in {"link_replaced", "link_revoked", "link_unknown", "link_incomplete"}:
            expect(page.get_by_text("Vera")).to_have_count(0)
    early_visit.post("clock-in", {"confirm": ["otherDay"]})
    page.goto("about:blank")
    page.goto(links["link_too_early"])
    expect(button(page, "Join visit")).to_be_enabled()


def _named(*visitors: Visitor) -> list[tuple[str, Visitor]]:
    codes = ("link_over", "link_moved", "link_cancelled", "link_replaced", "link_revoked")
    return list(zip(codes, visitors, strict=False))


def test_ending_is_final_for_link_page_and_api(agency: Agency, browser: Browser) -> None:
    visitor = Visitor(agency)
    link = visitor.link()
    with person(browser, size=SMALL) as context:
        page = join_as_client(context, link)
        visitor.post("session/end", {"commandId": "end"})
        says(page, "The visit is over. You can now close the page.")
        page.goto("about:blank")
        page.goto(link)
        expect(button(page, "Join visit")).to_have_count(0)
        cookie = "; ".join(f"{c['name']}={c['value']}" for c in context.cookies(agency.url))
        with pytest.raises(Problem) as refused:
            agency.call("POST", "/invites/exchange", {"token": link.partition("#")[2]}, cookie=cookie)
        assert refused.value.code == "link_over"
    with pytest.raises(Problem) as again:
        visitor.link()
    assert again.value.code == "session_over"
