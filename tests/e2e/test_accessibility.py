"""WCAG 2.2 AA on every page around the call, in both languages, light and dark, small and large (SPEC §11)."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, expect

from tests.e2e.accessibility import Inspector, at, booked, somebody
from tests.e2e.agency import Agency
from tests.e2e.browsers import button
from tests.e2e.scenes import Booking, copy_link, keep_cookies, prepare


def test_an_inspector_finds_what_is_wrong(browser: Browser) -> None:
    inspector = Inspector("en")
    with somebody(browser, "en") as page:
        page.set_content(
            "<title>x</title><main style='width: 900px'><img src='/x.png'>"
            "<a href='/y' style='color: #eee'>far away</a></main>"
        )
        inspector.look(page, "a bad page")
    for word in ("image-alt", "html-has-lang", "color-contrast", "away</a>", "wider than the page", "language"):
        assert [fault for fault in inspector.faults if word in fault], word


def test_signing_in_and_addresses_that_lead_nowhere(agency: Agency, browser: Browser, inspector: Inspector) -> None:
    with somebody(browser, inspector.language) as page:
        page.goto(f"{agency.url}/nowhere")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        inspector.look(page, "404")
        page.goto(f"{agency.url}/sign-in")
        submit = button(page, inspector.text("signIn.submit"))
        expect(submit).to_be_visible()
        inspector.look(page, "sign-in")
        submit.click()
        expect(page.get_by_role("alert")).to_have_text(inspector.text("signIn.bothNeeded"))
        inspector.look(page, "sign-in, nothing entered")
        page.get_by_label(inspector.text("signIn.email")).fill("nobody@linden.example")
        page.get_by_label(inspector.text("signIn.password"), exact=True).fill("wrong")
        submit.click()
        expect(page.get_by_role("alert")).to_have_text(inspector.text("error.wrong_credentials"))
        inspector.look(page, "sign-in, refused")
    inspector.conclude()


def test_the_schedule(agency: Agency, browser: Browser, inspector: Inspector) -> None:
    caregiver = agency.employee(language=inspector.language)
    coordinator = agency.employee("Cora Office", "coordinator", language=inspector.language)
    with somebody(browser, inspector.language) as page:
        keep_cookies(page.context, agency, agency.cookie(caregiver))
        page.goto(agency.url)
        expect(page.get_by_text(inspector.text("schedule.none")).first).to_be_visible()
        inspector.look(page, "schedule, no visits")
        client = agency.client(language=inspector.language)
        for _ in range(2):
            visit = agency.visit(caregiver, client)
        agency.visit(caregiver, client, agency.service(virtual=False))
        agency.call("POST", f"/visits/{visit}/cancel")
        expect(page.get_by_role("listitem").filter(has_text=inspector.text("status.cancelled"))).to_be_visible()
        inspector.look(page, "schedule of a caregiver")
        page.context.clear_cookies()
        keep_cookies(page.context, agency, agency.cookie(coordinator))
        page.goto(agency.url)
        expect(page.get_by_label(inspector.text("schedule.employee"))).to_be_visible()
        expect(page.get_by_role("listitem").first).to_be_visible()
        inspector.look(page, "schedule of a coordinator")
    inspector.conclude()


def test_the_visit_of_a_caregiver(agency: Agency, browser: Browser, inspector: Inspector) -> None:
    text = inspector.text
    booking = booked(agency, inspector.language)
    with somebody(browser, inspector.language) as page:
        keep_cookies(page.context, agency, agency.cookie(booking.caregiver))
        page.goto(f"{agency.url}/visits/nothing")
        expect(page.get_by_text(text("visit.notFound")).first).to_be_visible()
        inspector.look(page, "visit, not found")
        refused = agency.visit(booking.caregiver, agency.client(language=inspector.language))
        agency.postbox.answer = "550 5.1.1 No such user"
        page.goto(f"{agency.url}/visits/{refused}")
        button(page, text("invite.send")).click()
        expect(page.get_by_text(text("delivery.failed"), exact=True).first).to_be_visible()
        agency.postbox.answer = None
        inspector.look(page, "visit, invite refused")
        page.goto(f"{agency.url}/visits/{booking.visit}")
        expect(button(page, text("invite.send"))).to_be_visible()
        inspector.look(page, "visit before the invite")
        button(page, text("invite.send")).click()
        expect(page.get_by_text(text("delivery.sent"), exact=True).first).to_be_visible()
        inspector.look(page, "visit, invited")
        button(page, text("invite.copyLink")).click()
        expect(page.get_by_label(text("link.label"))).to_be_visible()
        inspector.look(page, "visit, link shown")
        agency.change_visit(booking.visit, **at(1))
        expect(page.get_by_text(text("invite.moved")).first).to_be_visible()
        inspector.look(page, "visit, moved")
        button(page, text("clock.in")).click()
        expect(button(page, text("clock.out"))).to_be_visible()
        page.get_by_text(text("documentation.notDone"), exact=True).first.click()
        expect(page.get_by_label(text("documentation.reason")).first).to_be_visible()
        inspector.look(page, "visit, clocked in, a task not done")
        inspector.look_at_question(page, "clock.out", "question before clocking out")
        inspector.look_at_question(page, "session.end", "question before ending the session")
        button(page, text("session.end")).click()
        button(page.get_by_role("dialog"), text("session.endNow")).click()
        expect(page.get_by_text(text("session.terminated"), exact=True).first).to_be_visible()
        inspector.look(page, "visit, session over")
        button(page, text("clock.out")).click()
        expect(button(page, text("clock.in"))).to_be_visible()
        inspector.look_at_question(page, "clock.in", "question before clocking in again")
    inspector.conclude()


def test_the_visit_of_a_coordinator(agency: Agency, browser: Browser, inspector: Inspector) -> None:
    text = inspector.text
    coordinator = agency.employee("Cora Office", "coordinator", language=inspector.language)
    with somebody(browser, inspector.language) as page:
        appointment = prepare(agency, booked(agency, inspector.language))
        keep_cookies(page.context, agency, agency.cookie(coordinator))
        page.goto(f"{agency.url}/visits/{appointment.booking.visit}")
        expect(page.get_by_text(text("event.clocked_in"), exact=True).first).to_be_visible()
        inspector.look(page, "visit of a coordinator, with events")
        inspector.look_at_question(page, "office.edit", "form to edit the visit")
        inspector.look_at_question(page, "office.revokeLinks", "question before revoking links")
        button(page, text("office.clockOut", name="Vera Caregiver")).click()
        question = page.get_by_role("dialog")
        expect(question).to_be_visible()
        inspector.look(page, "question before clocking a caregiver out")
        button(question, text("common.ok")).click()
        expect(question).to_have_count(0)
        inspector.look_at_question(page, "office.cancelVisit", "question before cancelling the visit")
        agency.call("POST", f"/visits/{appointment.booking.visit}/cancel")
        expect(page.get_by_text(text("status.cancelled"), exact=True).first).to_be_visible()
        inspector.look(page, "visit of a coordinator, cancelled")
    inspector.conclude()


def test_links_that_do_not_admit(agency: Agency, browser: Browser, inspector: Inspector) -> None:
    def link_to(**visit: Any) -> tuple[Booking, str]:
        booking = booked(agency, inspector.language, **visit)
        return booking, copy_link(agency, booking, agency.cookie(booking.caregiver))

    over, moved, cancelled, replaced, revoked, early = [link_to() for _ in range(5)] + [link_to(**at(5))]
    cookie = agency.cookie(over[0].caregiver)
    agency.call("POST", f"/visits/{over[0].visit}/session/end", {"commandId": "end"}, cookie=cookie)
    agency.change_visit(moved[0].visit, **at(2))
    agency.call("POST", f"/visits/{cancelled[0].visit}/cancel")
    other = {"name": "Rosa Gardener", "language": inspector.language, "email": "new@home.example"}
    agency.call("PUT", f"/clients/{replaced[0].client}", other)
    agency.call("POST", f"/visits/{revoked[0].visit}/invites/revoke")
    links = {
        "over": over[1],
        "moved": moved[1],
        "cancelled": cancelled[1],
        "replaced": replaced[1],
        "revoked": revoked[1],
        "too_early": early[1],
        "incomplete": over[1][:-20],
        "unknown": f"{agency.url}/v#{'A' * 43}",
    }
    with somebody(browser, inspector.language) as page:
        for code, link in links.items():
            page.goto("about:blank")
            page.goto(link)
            if code != "too_early":
                heading = page.get_by_role("heading", name=inspector.text(f"refused.link_{code}"))
                expect(heading).to_be_visible()
            expect(page.get_by_role("link")).to_be_visible()
            inspector.look(page, f"link {code}")
    with somebody(browser, inspector.language, "delete window.RTCPeerConnection;") as page:
        page.goto(links["over"])
        expect(page.get_by_role("heading", name=inspector.text("unsupported.title"))).to_be_visible()
        inspector.look(page, "a browser without WebRTC")
    inspector.conclude()
