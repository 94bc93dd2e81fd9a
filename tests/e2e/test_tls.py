"""A whole call over TLS by certificate files: the cookies that only such a server can set, HSTS, no plain HTTP."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Response, expect

from tests.e2e.agency import Agency
from tests.e2e.browsers import PHONE, button, expect_media, person, says, sign_in
from tests.e2e.certificate import certificate
from tests.e2e.postbox import Postbox
from tests.e2e.scenes import book, clock_in, invite, join_as_caregiver, join_as_client, open_visit


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory, postbox: Postbox) -> Iterator[Agency]:
    folder = tmp_path_factory.mktemp("secure")
    agency = Agency(folder, postbox, certificate(folder))
    agency.start()
    yield agency
    agency.stop()


def set_by(responses: list[Response]) -> dict[str, set[str]]:
    """The attributes, in lower case, of each cookie that these answers set."""
    found = {}
    for response in responses:
        for header in response.headers_array():
            if header["name"].lower() == "set-cookie":
                first, *rest = header["value"].split(";")
                found[first.partition("=")[0]] = {word.strip().lower() for word in rest}
    return found


def expect_host_cookies(cookies: dict[str, set[str]], *beginnings: str) -> None:
    """Every cookie is bound to this host and hidden from scripts, and one begins with each of these words."""
    for beginning in beginnings:
        assert [name for name in cookies if name.startswith(beginning)], f"{beginning} among {sorted(cookies)}"
    for name, attributes in cookies.items():
        assert name.startswith("__Host-"), name
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= attributes, (name, attributes)
        assert not [word for word in attributes if word.startswith("domain")], (name, attributes)


def test_a_whole_call_over_tls(agency: Agency, browser: Browser) -> None:
    booking = book(agency)
    with (
        person(browser, ignore_https_errors=True) as desk,
        person(browser, size=PHONE, ignore_https_errors=True) as phone,
    ):
        staff_answers: list[Response] = []
        client_answers: list[Response] = []
        desk.on("response", lambda answer: staff_answers.append(answer))
        phone.on("response", lambda answer: client_answers.append(answer))
        page = desk.new_page()
        sign_in(page, agency, booking.caregiver)
        open_visit(page, agency, booking.visit)
        link = invite(page, agency, booking)
        assert link.startswith(f"{agency.url}/v#")
        clock_in(page)
        call = join_as_caregiver(page)
        client = join_as_client(phone, link)
        expect_media(call)
        expect_media(client)

        expect_host_cookies(set_by(staff_answers), "__Host-signin")
        expect_host_cookies(set_by(client_answers), f"__Host-visit-{booking.visit}")
        for page_cookies in (desk.cookies(), phone.cookies()):
            assert page_cookies
            for cookie in page_cookies:
                assert (cookie["secure"], cookie["httpOnly"], cookie["path"]) == (True, True, "/")
        assert call.evaluate("document.cookie") == client.evaluate("document.cookie") == ""

        # A reload resumes by these cookies alone.
        client.reload()
        expect_media(client)
        button(call, "Hang up").click()
        button(call, "End session").click()
        says(client, "The visit is over. You can now close the page.")
        expect(button(call, "Hang up")).to_have_count(0)
        assert agency.state(booking.visit) == "terminated"


def test_browsers_are_told_to_keep_to_https(agency: Agency, browser: Browser) -> None:
    with person(browser, ignore_https_errors=True) as context:
        page = context.new_page()
        for path in ("/sign-in", "/v", "/api/v1/agency", "/nowhere"):
            answer = page.goto(f"{agency.url}{path}")
            assert answer is not None
            directives = dict(
                word.strip().partition("=")[::2] for word in answer.headers["strict-transport-security"].split(";")
            )
            assert int(directives["max-age"]) >= 180 * 24 * 3600, path


def test_plain_http_gets_nothing(agency: Agency) -> None:
    connection = http.client.HTTPConnection("localhost", urlsplit(agency.url).port, timeout=20)
    connection.request("GET", "/sign-in")
    with pytest.raises((OSError, http.client.HTTPException)):
        connection.getresponse()
    connection.close()
    assert agency.call("GET", "/agency")["name"], "the server goes on"
