"""Invites when the mail server is down or refuses, and in the client's language (SPEC §8, §11)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.agency import Agency
from tests.e2e.browsers import PHONE, button, person, says, says_like, sign_in
from tests.e2e.postbox import link_in, text_of
from tests.e2e.scenes import Booking, book, clock_in, join_as_caregiver, open_visit


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with person(browser, size=PHONE) as context:
        yield context.new_page()


def test_an_invite_while_the_mail_server_is_down(agency: Agency, page: Page) -> None:
    booking = book(agency)
    sign_in(page, agency, booking.caregiver)
    open_visit(page, agency, booking.visit)
    agency.postbox.stop()
    try:
        button(page, "Send invite to client").click()
        says(page, "Not sent yet, retrying")
        assert agency.state(booking.visit) == "invited"
        button(page, "Copy invite link").click()
        expect(page.get_by_label("Invite link")).to_have_value(re.compile(r"/v#[A-Za-z0-9_-]{43}$"))
        clock_in(page)
        call = join_as_caregiver(page)
        says(call, "The client has not joined the session yet. The invite has not been sent yet.")
        call.close()
    finally:
        agency.postbox.start()
    # Somebody waits for it: pressing again tries at once, and is still the same mail.
    button(page, "Resend invite to client").click()
    agency.postbox.wait(booking.address)
    says(page, "Sent")
    button(page, "Resend invite to client").click()
    says(page, "Sent")
    assert len(agency.postbox.mails(booking.address)) == 1
    assert agency.events(booking.visit).count("mail_accepted") == 1


def test_a_refused_mail_shows_the_servers_reason(agency: Agency, page: Page) -> None:
    booking = book(agency)
    sign_in(page, agency, booking.caregiver)
    open_visit(page, agency, booking.visit)
    agency.postbox.answer = "550 5.1.1 This mailbox does not exist"
    try:
        button(page, "Send invite to client").click()
        says(page, "Failed")
        says_like(page, "This mailbox does not exist")
    finally:
        agency.postbox.answer = None
    assert agency.call("GET", f"/visits/{booking.visit}")["session"]["lastInvite"]["delivery"] == "failed"
    assert "This mailbox" not in agency.log.read_text()
    assert booking.address not in agency.log.read_text()


def test_a_french_speaking_client(agency: Agency, browser: Browser, page: Page) -> None:
    caregiver = agency.employee("Vera Caregiver", language="fr")
    client = agency.client("Jeanne Petit", language="fr")
    booking = Booking(caregiver, client, agency.visit(caregiver, client, timeZone="Europe/Paris"))
    sign_in(page, agency, caregiver)
    open_visit(page, agency, booking.visit)
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    button(page, "Envoyer l’invitation au client").or_(
        page.get_by_role("button", name=re.compile("nvitation"))
    ).first.click()
    mail = agency.postbox.wait(booking.address)
    assert "visite" in text_of(mail).lower()
    assert mail["Content-Language"] in {None, "fr"}
    with person(browser, size=PHONE) as phone:
        client_page = phone.new_page()
        client_page.goto(link_in(mail))
        expect(client_page.locator("html")).to_have_attribute("lang", "fr")
        expect(button(client_page, "Join visit")).to_have_count(0)
        button(client_page, "Rejoindre la visite").click()
        expect(client_page.get_by_role("button", name="Raccrocher")).to_be_visible()
