"""WCAG 2.2 AA on both sides of the call in every state, as in `test_accessibility` (SPEC §11)."""

from __future__ import annotations

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.accessibility import Inspector, booked, somebody
from tests.e2e.agency import Agency
from tests.e2e.browsers import button
from tests.e2e.scenes import Appointment, keep_cookies, prepare

# What a page sees of devices that are refused, and of a question that nobody has answered yet.
_REFUSED = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); };"
_UNANSWERED = "navigator.mediaDevices.getUserMedia = () => new Promise(() => {});"


def start(context: BrowserContext, agency: Agency, appointment: Appointment, inspector: Inspector) -> Page:
    """The caregiver, in the call."""
    keep_cookies(context, agency, appointment.cookie)
    page = context.new_page()
    page.goto(f"{agency.url}/visits/{appointment.booking.visit}/call")
    button(page, inspector.text("call.join")).click()
    expect(button(page, inspector.text("controls.hangUp"))).to_be_visible()
    return page


def test_the_call_of_a_caregiver(agency: Agency, browser: Browser, inspector: Inspector) -> None:
    text = inspector.text
    appointment = prepare(agency, booked(agency, inspector.language))
    address = f"{agency.url}/visits/{appointment.booking.visit}/call"
    for script, state in ((_UNANSWERED, "asked for devices"), (_REFUSED, "devices refused")):
        with somebody(browser, inspector.language, script) as page:
            keep_cookies(page.context, agency, appointment.cookie)
            page.goto(address)
            expect(button(page, text("call.join"))).to_be_visible()
            if script == _UNANSWERED:
                inspector.look(page, "call before joining")
            button(page, text("call.join")).click()
            expect(button(page, text("call.join"))).to_have_count(0)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            inspector.look(page, f"call, {state}")
    with somebody(browser, inspector.language) as desk, somebody(browser, inspector.language) as phone:
        page = start(desk.context, agency, appointment, inspector)
        expect(button(page, text("situation.resend"))).to_be_visible()
        inspector.look(page, "call, client has not joined")
        phone.goto(appointment.link)
        button(phone, text("join.join")).click()
        expect(page.locator(".room-time")).to_be_visible()
        inspector.look(page, "call, both there")
        inspector.look_at_question(page, "controls.hangUp", "question before hanging up")
        button(phone, text("controls.mute")).click()
        button(phone, text("controls.cameraOff")).click()
        expect(page.get_by_text(text("cover.microphoneOff")).first).to_be_visible()
        expect(page.get_by_text(text("cover.cameraOff", name="Rosa Gardener")).first).to_be_visible()
        inspector.look(page, "call, client's camera and microphone off")
        button(phone, text("controls.hangUp")).click()
        expect(page.get_by_text(text("situation.clientHungUp")).first).to_be_visible()
        inspector.look(page, "call, client hung up")
        second = desk.context.new_page()
        second.goto(address)
        button(second, text("call.join")).click()
        expect(button(second, text("call.useThis"))).to_be_visible()
        inspector.look(second, "call, question which page to use")
        button(second, text("call.useThis")).click()
        expect(page.get_by_role("heading", name=text("call.moved"))).to_be_visible()
        inspector.look(page, "call, moved elsewhere")
        button(second, text("controls.hangUp")).click()
        button(second, text("call.leave")).click()
        expect(second.get_by_role("heading", name=text("call.left"))).to_be_visible()
        inspector.look(second, "call, left for now")
        appointment.post(agency, "session/end", {"commandId": "end"})
        second.reload()
        expect(second.get_by_role("heading", name=text("call.over"))).to_be_visible()
        inspector.look(second, "call, over")
    inspector.conclude()


def test_the_call_of_a_client(agency: Agency, browser: Browser, inspector: Inspector) -> None:
    text = inspector.text
    appointment = prepare(agency, booked(agency, inspector.language))
    for script, state in ((_UNANSWERED, "asked for devices"), (_REFUSED, "devices refused")):
        with somebody(browser, inspector.language, script) as page:
            page.goto(appointment.link)
            expect(button(page, text("join.join"))).to_be_visible()
            if script == _UNANSWERED:
                inspector.look(page, "preview")
            button(page, text("join.join")).click()
            expect(button(page, text("join.join"))).to_have_count(0)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            inspector.look(page, f"client {state}")
    with somebody(browser, inspector.language) as page, somebody(browser, inspector.language) as tablet:
        page.goto(appointment.link)
        button(page, text("join.join")).click()
        expect(page.get_by_text(text("situation.caregiverNotJoined")).first).to_be_visible()
        inspector.look(page, "client waits")
        start(tablet.context, agency, appointment, inspector)
        expect(page.locator(".room-time")).to_be_visible()
        inspector.look(page, "client in the call")
        button(page, text("controls.hangUp")).click()
        expect(page.get_by_role("heading", name=text("end.left"))).to_be_visible()
        inspector.look(page, "client left")
        button(page, text("end.rejoin")).click()
        expect(button(page, text("controls.hangUp"))).to_be_visible()
        tablet.goto(appointment.link)
        button(tablet, text("join.join")).click()
        expect(page.get_by_role("heading", name=text("end.moved"))).to_be_visible()
        inspector.look(page, "client replaced")
        appointment.post(agency, "session/end", {"commandId": "end"})
        expect(tablet.get_by_role("heading", name=text("end.over"))).to_be_visible()
        inspector.look(tablet, "client, visit over")
    inspector.conclude()


def test_who_asks_for_less_motion_gets_none(agency: Agency, browser: Browser) -> None:
    with somebody(browser, "en", "window.fetch = () => new Promise(() => {});") as page:
        page.goto(f"{agency.url}/v#{'A' * 43}")
        expect(page.locator(".join-waiting")).to_be_visible()
        assert page.evaluate("document.getAnimations().length") > 0
        page.emulate_media(reduced_motion="reduce")
        assert page.evaluate("document.getAnimations().length") == 0
