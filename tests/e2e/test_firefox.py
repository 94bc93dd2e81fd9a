"""One call between two makes of browser: the caregiver in Chromium, the client in Firefox (SPEC §11)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.agency import Agency
from tests.e2e.browsers import button, expect_media, person, says, sign_in
from tests.e2e.firefox import Firefox
from tests.e2e.scenes import book, clock_in, invite, join_as_caregiver, open_visit


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    firefox = Firefox(tmp_path_factory.mktemp("firefox"))
    yield firefox
    firefox.close()


def test_a_missing_firefox_is_one_clear_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(AssertionError, match=r"^Firefox is missing: this test needs firefox-esr"):
        Firefox(tmp_path)


def test_firefox_and_chromium_see_and_hear_each_other(agency: Agency, browser: Browser, firefox: Firefox) -> None:
    booking = book(agency)
    with person(browser) as desk:
        page = desk.new_page()
        sign_in(page, agency, booking.caregiver)
        open_visit(page, agency, booking.visit)
        link = invite(page, agency, booking)
        clock_in(page)
        call = join_as_caregiver(page)

        firefox.open(link)
        firefox.press("Join visit")
        firefox.expect_media()
        expect_media(call)
        assert agency.state(booking.visit) == "joined"

        firefox.press("Hang up")
        firefox.says("You left the visit.")
        says(
            call,
            "The client has hung up. If the session is not supposed to be over, please reach out to the client.",
        )
        assert agency.state(booking.visit) == "client_hung_up"
        firefox.press("Rejoin visit")
        firefox.expect_media()
        expect_media(call)

        button(call, "Hang up").click()
        button(call, "End session").click()
        firefox.says("The visit is over. You can now close the page.")
        expect(button(call, "Hang up")).to_have_count(0)
        assert agency.state(booking.visit) == "terminated"
