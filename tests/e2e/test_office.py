"""The coordinator's pages: everybody's schedule, and the back-office actions on a visit (SPEC §5, §9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.agency import Agency
from tests.e2e.browsers import button, person, says, says_like, sign_in
from tests.e2e.postbox import wait_for
from tests.e2e.scenes import Booking, book, clock_in, invite, open_visit, talking


@pytest.fixture
def office(browser: Browser, agency: Agency) -> Iterator[Page]:
    with person(browser) as context:
        page = context.new_page()
        sign_in(page, agency, agency.employee("Cora Office", "coordinator"))
        yield page


def invited(agency: Agency, browser: Browser) -> Booking:
    """A visit whose client was invited by mail."""
    booking = book(agency)
    body = {"delivery": "email", "commandId": "first"}
    agency.call("POST", f"/visits/{booking.visit}/invites", body, cookie=agency.cookie(booking.caregiver))
    agency.postbox.wait(booking.address)
    return booking


def test_the_office_sees_everybodys_visits(agency: Agency, office: Page) -> None:
    clients = [agency.client(f"Client {name}") for name in ("One", "Two")]
    for client in clients:
        agency.visit(agency.employee(), client)
    office.reload()
    for name in ("Client One", "Client Two"):
        expect(office.get_by_role("listitem").filter(has_text=name).first).to_be_visible()


def test_cancelling_a_visit(agency: Agency, browser: Browser, office: Page) -> None:
    booking = invited(agency, browser)
    open_visit(office, agency, booking.visit)
    button(office, "Cancel visit").click()
    button(office.get_by_role("dialog"), "Cancel visit").click()
    says(office, "Cancelled")
    mail = agency.postbox.wait(booking.address, 2)
    calendar = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert calendar.get_param("method") == "CANCEL"
    assert "visit_cancelled" in agency.events(booking.visit)
    says_like(office, "Visit cancelled")


def test_revoking_links_puts_the_client_out(agency: Agency, browser: Browser, office: Page) -> None:
    with talking(agency, browser) as talk:
        open_visit(office, agency, talk.booking.visit)
        button(office, "Revoke links").click()
        button(office.get_by_role("dialog"), "Revoke links").click()
        expect(button(talk.client, "Hang up")).to_have_count(0, timeout=5_000)
        says_like(talk.client, "no longer valid")
        assert agency.state(talk.booking.visit) == "joined"


def test_reassigning_needs_the_caregiver_clocked_out(agency: Agency, browser: Browser, office: Page) -> None:
    booking = invited(agency, browser)
    other = agency.employee("Nora Next")
    agency.call("POST", f"/visits/{booking.visit}/clock-in", {}, cookie=agency.cookie(booking.caregiver))
    open_visit(office, agency, booking.visit)
    reassign(office, other)
    says_like(office, "Clock them out first")
    button(office.get_by_role("dialog"), "Cancel").click()
    button(office, "Clock out Vera Caregiver").click()
    dialog = office.get_by_role("dialog")
    says_like(office, "The video session with your client is still active")
    button(dialog, "OK").click()
    wait_for("the clock-out", lambda: agency.call("GET", f"/visits/{booking.visit}")["status"] == "completed")
    reassign(office, other)
    says_like(office, "Nora Next")
    wait_for("the reassignment", lambda: agency.call("GET", f"/visits/{booking.visit}")["employee"] == other)
    with person(browser) as context:
        page = context.new_page()
        sign_in(page, agency, other)
        open_visit(page, agency, booking.visit)
        clock_in(page)
        expect(button(page, "Join video session")).to_be_enabled()


def reassign(office: Page, employee: str) -> None:
    """Choose another caregiver in the edit form."""
    button(office, "Edit, move or reassign").click()
    dialog = office.get_by_role("dialog")
    dialog.get_by_label("Caregiver").select_option(employee)
    button(dialog, "Save").click()


def test_moving_a_visit_is_seen_by_the_caregiver(agency: Agency, browser: Browser, office: Page) -> None:
    booking = book(agency)
    with person(browser) as context:
        page = context.new_page()
        sign_in(page, agency, booking.caregiver)
        open_visit(page, agency, booking.visit)
        invite(page, agency, booking)
        open_visit(office, agency, booking.visit)
        button(office, "Edit, move or reassign").click()
        dialog = office.get_by_role("dialog")
        for name in ("End", "Start"):
            field = dialog.get_by_label(name, exact=True)
            moved = datetime.fromisoformat(field.input_value()) + timedelta(minutes=25)
            field.fill(moved.isoformat(timespec="minutes"))
        button(dialog, "Save").click()
        expect(dialog).to_have_count(0)
        says(page, "The visit was moved after the last invite. Please resend the invite to the client.")
        says_like(page, f"{moved:%H:%M}")
