"""What people do in the tests, as they do it: by role and accessible name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.agency import Agency
from tests.e2e.browsers import PHONE, button, expect_media, person, sign_in
from tests.e2e.postbox import link_in


@dataclass(frozen=True)
class Booking:
    """A visit with its people."""

    caregiver: str
    client: str
    visit: str

    @property
    def address(self) -> str:
        """The client's email."""
        return f"{self.client}@home.example"


def book(agency: Agency, **visit: Any) -> Booking:
    """A virtual visit that starts soon, whose client has an email."""
    caregiver, client = agency.employee(), agency.client()
    return Booking(caregiver, client, agency.visit(caregiver, client, **visit))


def keep_cookies(context: BrowserContext, agency: Agency, cookie: str) -> None:
    """Give a browser profile these cookies: an employee who signed in before."""
    pairs = (pair.split("=", 1) for pair in cookie.split("; "))
    context.add_cookies([{"name": name, "value": value, "url": agency.url} for name, value in pairs])


def copy_link(agency: Agency, booking: Booking, cookie: str) -> str:
    """An invite link that the caregiver copies."""
    body = {"delivery": "link", "commandId": "link-1"}
    return str(agency.call("POST", f"/visits/{booking.visit}/invites", body, cookie=cookie)["link"])


@dataclass(frozen=True)
class Appointment:
    """A visit that is prepared by API, so that a test's browsers are there for what it is about."""

    booking: Booking
    link: str
    cookie: str

    def post(self, agency: Agency, path: str, body: Any = None) -> Any:
        """A command of the caregiver on the visit."""
        return agency.call("POST", f"/visits/{self.booking.visit}/{path}", body, cookie=self.cookie)

    def open_call(self, context: BrowserContext, agency: Agency) -> Page:
        """The call's page as the caregiver, before anything is pressed."""
        keep_cookies(context, agency, self.cookie)
        page = context.new_page()
        page.goto(f"{agency.url}/visits/{self.booking.visit}/call")
        expect(button(page, "Start the call")).to_be_visible()
        return page


def prepare(agency: Agency, booking: Booking | None = None) -> Appointment:
    """The client has a link, the caregiver is signed in and clocked in."""
    booking = booking or book(agency)
    cookie = agency.cookie(booking.caregiver)
    appointment = Appointment(booking, copy_link(agency, booking, cookie), cookie)
    appointment.post(agency, "clock-in", {})
    return appointment


def open_visit(page: Page, agency: Agency, visit: str) -> None:
    """Open the visit's page and wait until it shows the visit."""
    page.goto(f"{agency.url}/visits/{visit}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def invite(page: Page, agency: Agency, booking: Booking) -> str:
    """Send the invite; the link of the mail that arrives."""
    count = len(agency.postbox.mails(booking.address))
    button(page, "Send invite to client").click()
    return link_in(agency.postbox.wait(booking.address, count + 1))


def clock_in(page: Page) -> None:
    """Clock in."""
    button(page, "Clock in").click()
    expect(button(page, "Clock out")).to_be_visible()


def join_as_caregiver(page: Page) -> Page:
    """Join from the visit's page; the call's window, in the call."""
    with page.expect_popup() as opened:
        button(page, "Join video session").click()
    call = opened.value
    start_call(call)
    return call


def start_call(call: Page) -> None:
    """Go past the sentence that tells to press Allow."""
    button(call, "Start the call").click()
    expect(button(call, "Hang up")).to_be_visible()


def join_as_client(context: BrowserContext, link: str) -> Page:
    """Open the link and press the button; the page, in the call."""
    page = context.new_page()
    page.goto(link)
    button(page, "Join visit").click()
    expect(button(page, "Hang up")).to_be_visible()
    return page


@dataclass(frozen=True)
class Talk:
    """A call under way: the caregiver's visit page and call window, and the client's page on a phone."""

    booking: Booking
    link: str
    visit_page: Page
    caregiver: Page
    client: Page
    client_context: BrowserContext


@contextmanager
def talking(agency: Agency, browser: Browser) -> Iterator[Talk]:
    """Two people in a call who see and hear each other."""
    booking = book(agency)
    with person(browser) as desk, person(browser, size=PHONE) as phone:
        page = desk.new_page()
        sign_in(page, agency, booking.caregiver)
        open_visit(page, agency, booking.visit)
        link = invite(page, agency, booking)
        clock_in(page)
        call = join_as_caregiver(page)
        client = join_as_client(phone, link)
        expect_media(call)
        expect_media(client)
        yield Talk(booking, link, page, call, client, phone)
