"""The visit page: the gates of SPEC §2 and the actions of SPEC §4, with their exact words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.agency import PASSWORD, Agency, Problem, hhmm
from tests.e2e.browsers import PHONE, button, person, says, says_like, sign_in
from tests.e2e.postbox import link_in, wait_for
from tests.e2e.scenes import Booking, book, clock_in, invite, join_as_caregiver, open_visit

ACTIVE = (
    "The video session with your client is still active. Clocking out will not close the video session so make sure"
    " you hang up on the video session as well. Would you like to clock out anyway?"
)
LINK = re.compile(r"^http://localhost:\d+/v#[A-Za-z0-9_-]{43}$")
NOT_ASSIGNED = "You need to be assigned to the visit to be able to send an invitation to the client."


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with person(browser, size=PHONE) as context:
        yield context.new_page()


def open_as_caregiver(page: Page, agency: Agency, booking: Booking) -> None:
    sign_in(page, agency, booking.caregiver)
    open_visit(page, agency, booking.visit)


def test_gate_1_an_ordinary_visit_has_no_video_actions(agency: Agency, page: Page) -> None:
    caregiver = agency.employee()
    visit = agency.visit(caregiver, agency.client(), agency.service(virtual=False))
    sign_in(page, agency, caregiver)
    expect(page.get_by_role("listitem").filter(has_text="Rosa Gardener")).to_be_visible()
    expect(page.get_by_role("img", name="Virtual visit")).to_have_count(0)
    open_visit(page, agency, visit)
    expect(button(page, "Clock in")).to_be_visible()
    for name in ("Send invite to client", "Copy invite link", "Join video session", "End video session"):
        expect(button(page, name)).to_have_count(0)


def test_gate_2_without_the_permission_video_actions_are_not_shown(agency: Agency, page: Page) -> None:
    caregiver = agency.employee(mayInitiateVirtualVisits=False)
    visit = agency.visit(caregiver, agency.client())
    sign_in(page, agency, caregiver)
    open_visit(page, agency, visit)
    expect(button(page, "Clock in")).to_be_visible()
    expect(button(page, "Send invite to client")).to_have_count(0)


def test_gate_3_a_coordinator_is_told_that_they_are_not_assigned(agency: Agency, page: Page) -> None:
    booking, coordinator = book(agency), agency.employee("Cora Office", "coordinator")
    sign_in(page, agency, coordinator)
    open_visit(page, agency, booking.visit)
    send = button(page, "Send invite to client")
    if send.is_enabled():
        send.click()
    says(page, NOT_ASSIGNED)
    assert agency.state(booking.visit) is None


def test_gate_4_a_cancelled_visit(agency: Agency, page: Page) -> None:
    booking = book(agency)
    agency.call("POST", f"/visits/{booking.visit}/cancel")
    open_as_caregiver(page, agency, booking)
    says(page, "Cancelled")
    expect(button(page, "Send invite to client").and_(page.locator(":enabled"))).to_have_count(0)


def test_a_client_without_email(agency: Agency, page: Page) -> None:
    caregiver, client = agency.employee(), agency.client(email=False)
    visit = agency.visit(caregiver, client)
    sign_in(page, agency, caregiver)
    open_visit(page, agency, visit)
    button(page, "Send invite to client").click()
    says(page, "Client has no email.")
    assert agency.state(visit) is None
    button(page, "Copy invite link").click()
    expect(page.get_by_label("Invite link")).to_have_value(LINK)
    assert agency.state(visit) == "invited"
    clock_in(page)
    call = join_as_caregiver(page)
    made = agency.call("GET", f"/visits/{visit}")["session"]["lastInvite"]["sentAt"]
    says(call, f"The client has not joined the session yet. The invite link was copied at {hhmm(made)}.")


def test_pressing_twice_sends_one_mail(agency: Agency, page: Page) -> None:
    booking = book(agency)
    open_as_caregiver(page, agency, booking)
    button(page, "Send invite to client").dblclick()
    agency.postbox.wait(booking.address)
    button(page, "Resend invite to client").click()
    wait_for("the answer", lambda: agency.call("GET", f"/visits/{booking.visit}")["session"])
    agency.postbox.wait(booking.address)
    assert len(agency.postbox.mails(booking.address)) == 1
    assert agency.events(booking.visit).count("invite_made") == 1


def test_join_needs_clocking_in(agency: Agency, page: Page) -> None:
    booking = book(agency)
    open_as_caregiver(page, agency, booking)
    invite(page, agency, booking)
    expect(button(page, "Join video session")).to_be_disabled()
    says(page, "Clock in to join the video session.")
    clock_in(page)
    expect(button(page, "Join video session")).to_be_enabled()


def test_clocking_out_of_an_active_session_asks(agency: Agency, page: Page) -> None:
    booking = book(agency)
    open_as_caregiver(page, agency, booking)
    invite(page, agency, booking)
    clock_in(page)
    button(page, "Clock out").click()
    says(page, ACTIVE)
    button(page, "Cancel").click()
    assert agency.call("GET", f"/visits/{booking.visit}")["status"] == "in_progress"
    button(page, "Clock out").click()
    button(page, "OK").click()
    expect(button(page, "Clock in")).to_be_visible()
    view = agency.call("GET", f"/visits/{booking.visit}")
    assert (view["status"], view["session"]["state"]) == ("completed", "invited")
    button(page, "Clock in").click()
    button(page.get_by_role("dialog"), "Clock in").click()
    wait_for(
        "being clocked in again", lambda: agency.call("GET", f"/visits/{booking.visit}")["status"] == "in_progress"
    )


def test_clocking_in_to_a_visit_of_another_day_asks(agency: Agency, page: Page) -> None:
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    booking = book(agency, startsAt=start.isoformat(), endsAt=(start + timedelta(hours=1)).isoformat())
    open_as_caregiver(page, agency, booking)
    button(page, "Clock in").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert agency.call("GET", f"/visits/{booking.visit}")["clockedInAt"] is None
    button(dialog, "Clock in").click()
    expect(button(page, "Clock out")).to_be_visible()


def test_ending_the_session_without_joining(agency: Agency, page: Page) -> None:
    booking = book(agency)
    open_as_caregiver(page, agency, booking)
    invite(page, agency, booking)
    button(page, "End video session").click()
    button(page.get_by_role("dialog"), "End session").click()
    expect(button(page, "End video session")).to_have_count(0)
    assert agency.state(booking.visit) == "terminated"
    expect(button(page, "Resend invite to client").and_(page.locator(":enabled"))).to_have_count(0)


def test_a_moved_visit_asks_to_resend(agency: Agency, page: Page, browser: Browser) -> None:
    booking = book(agency)
    open_as_caregiver(page, agency, booking)
    old = invite(page, agency, booking)
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=30)
    agency.change_visit(booking.visit, startsAt=start.isoformat(), endsAt=(start + timedelta(hours=1)).isoformat())
    says(page, "The visit was moved after the last invite. Please resend the invite to the client.")
    with person(browser) as context:
        client = context.new_page()
        client.goto(old)
        expect(client.get_by_text("Your agency will send you a new mail.").first).to_be_visible()
        expect(button(client, "Join visit")).to_have_count(0)
        button(page, "Resend invite to client").click()
        new = link_in(agency.postbox.wait(booking.address, 2))
        client.goto("about:blank")
        client.goto(new)
        expect(button(client, "Join visit")).to_be_visible()


def test_the_schedule_follows_without_reload(agency: Agency, page: Page) -> None:
    booking = book(agency)
    sign_in(page, agency, booking.caregiver)
    row = page.get_by_role("listitem").filter(has_text="Rosa Gardener")
    expect(row).to_contain_text("Scheduled")
    agency.call("POST", f"/visits/{booking.visit}/cancel")
    expect(row).to_contain_text("Cancelled")


def test_documentation_survives_a_dead_network_and_a_reload(agency: Agency, page: Page) -> None:
    booking = book(agency)
    open_as_caregiver(page, agency, booking)
    notes = page.get_by_label("Progress notes")
    notes.fill("First line.")
    says_like(page, "^Saved")
    page.route("**/documentation", lambda route: route.abort())
    notes.fill("First line. Second line.")
    expect(page.get_by_text("kept on this device").filter(visible=True).first).to_be_visible()
    page.unroute("**/documentation")
    page.reload()
    expect(page.get_by_label("Progress notes")).to_have_value("First line. Second line.")
    cookie = "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies(agency.url))

    def stored() -> bool:
        saved = agency.call("GET", f"/visits/{booking.visit}/documentation", cookie=cookie)
        return bool(saved["notes"] == "First line. Second line.")

    wait_for("the text at the server", stored)


def test_another_caregivers_visit_is_not_found(agency: Agency, page: Page) -> None:
    booking, other = book(agency), agency.employee("Olga Other")
    sign_in(page, agency, other)
    cookie = "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies(agency.url))
    with pytest.raises(Problem) as refused:
        agency.call("POST", f"/visits/{booking.visit}/invites", {"delivery": "email", "commandId": "x"}, cookie=cookie)
    assert refused.value.code == "not_found"


def test_a_switched_off_account_is_out_within_five_seconds(agency: Agency, page: Page) -> None:
    caregiver = agency.employee("Sven Gone")
    sign_in(page, agency, caregiver)
    expect(page.get_by_text("Sven Gone").first).to_be_visible()
    agency.call(
        "PUT",
        f"/employees/{caregiver}",
        {
            "name": "Sven Gone",
            "email": f"{caregiver}@linden.example",
            "role": "caregiver",
            "language": "en",
            "mayInitiateVirtualVisits": True,
            "active": False,
        },
    )
    page.wait_for_url("**/sign-in**", timeout=5_000)
    page.get_by_label("Email").fill(f"{caregiver}@linden.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    button(page, "Sign in").click()
    says(page, "The email or the password is not right.")
