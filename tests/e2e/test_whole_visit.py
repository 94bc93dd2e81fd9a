"""A whole virtual visit, by two people in two browsers, one of them phone-sized (SPEC §3 to §7)."""

from __future__ import annotations

import contextlib

from playwright.sync_api import Browser, Error, expect

from tests.e2e.agency import Agency, hhmm
from tests.e2e.browsers import PHONE, button, expect_media, person, received, says, says_like, sign_in
from tests.e2e.scenes import book, clock_in, invite, join_as_caregiver, join_as_client, talking


def test_a_whole_visit(agency: Agency, browser: Browser) -> None:
    booking = book(agency)
    with person(browser) as desk, person(browser, size=PHONE) as phone:
        page = desk.new_page()
        sign_in(page, agency, booking.caregiver)
        row = page.get_by_role("listitem").filter(has_text="Rosa Gardener")
        expect(row.get_by_role("img", name="Virtual visit")).to_be_visible()
        row.get_by_role("link").first.click()
        page.wait_for_url(f"{agency.url}/visits/{booking.visit}")

        expect(button(page, "Join video session")).to_be_disabled()
        says(page, "Clock in to join the video session.")
        link = invite(page, agency, booking)
        expect(button(page, "Join video session")).to_be_disabled()
        expect(button(page, "Resend invite to client")).to_be_visible()
        assert agency.state(booking.visit) == "invited"
        clock_in(page)

        call = join_as_caregiver(page)
        sent = agency.call("GET", f"/visits/{booking.visit}")["session"]["lastInvite"]["sentAt"]
        says(
            call,
            "The client has not joined the session yet. The last invite was sent at "
            f"{hhmm(sent)}. Tap Resend invite to resend the link for the session to the client.",
        )
        client = join_as_client(phone, link)
        expect_media(call)
        expect_media(client)
        assert agency.state(booking.visit) == "joined"

        call.get_by_label("Progress notes").fill("Slept well. Medicine taken.")
        says_like(call, "^Saved")
        button(call, "Hang up").click()
        says(call, "End the video session for good?")
        button(call, "End session").click()
        says(call, "Your session with the client is over. You can now close the page.")
        says(client, "The visit is over. You can now close the page.")
        call.close()

        button(page, "Clock out").click()
        expect(page.get_by_role("dialog")).not_to_be_visible()
        expect(button(page, "Clock in")).to_be_visible()
        assert agency.events(booking.visit) == [
            "invite_made",
            "mail_accepted",
            "clocked_in",
            "caregiver_joined",
            "client_joined",
            "session_ended",
            "clocked_out",
        ]
        view = agency.call("GET", f"/visits/{booking.visit}")
        assert (view["status"], view["session"]["state"]) == ("completed", "terminated")
        documented = agency.call("GET", f"/visits/{booking.visit}/documentation", cookie=cookie(desk, agency))
        assert documented["notes"] == "Slept well. Medicine taken."


def cookie(context: object, agency: Agency) -> str:
    """The cookies of a browser profile as a header."""
    return "; ".join(f"{c['name']}={c['value']}" for c in context.cookies(agency.url))  # type: ignore[attr-defined]


def test_the_client_hangs_up_and_comes_back(agency: Agency, browser: Browser) -> None:
    with talking(agency, browser) as talk:
        button(talk.client, "Hang up").click()
        says(talk.client, "You left the visit.")
        says(
            talk.caregiver,
            "The client has hung up. If the session is not supposed to be over, please reach out to the client.",
        )
        expect(talk.caregiver.get_by_role("link", name="+33 1 99 00 11 22").first).to_be_visible()
        expect(button(talk.caregiver, "Resend invite").first).to_be_visible()
        assert agency.state(talk.booking.visit) == "client_hung_up"
        button(talk.client, "Rejoin visit").click()
        expect_media(talk.client)
        expect_media(talk.caregiver)
        assert agency.state(talk.booking.visit) == "joined"


def test_a_reload_on_either_side_comes_back(agency: Agency, browser: Browser) -> None:
    with talking(agency, browser) as talk:
        talk.client.reload()
        expect_media(talk.client)
        expect_media(talk.caregiver)
        talk.caregiver.reload()
        expect_media(talk.caregiver)
        expect_media(talk.client)
        assert agency.state(talk.booking.visit) == "joined"
        assert "leg_taken_over" not in agency.events(talk.booking.visit)


def test_the_client_closes_the_page_and_comes_back(agency: Agency, browser: Browser) -> None:
    with talking(agency, browser) as talk:
        talk.client.close()
        says(talk.caregiver, "The client closed the page. They can come back with the same link.")
        assert agency.state(talk.booking.visit) == "joined"
        again = join_as_client(talk.client_context, talk.link)
        expect_media(again)
        expect_media(talk.caregiver)


def test_the_clients_page_crashes(agency: Agency, browser: Browser) -> None:
    with talking(agency, browser) as talk:
        # A crash says no farewell: the server hears nothing more, and 20 s later says so.
        with contextlib.suppress(Error):
            talk.client.goto("chrome://crash", timeout=1_000)
        lost = talk.caregiver.get_by_text("The client lost the connection. Waiting for them to come back…")
        expect(lost.filter(visible=True).first).to_be_visible(timeout=60_000)
        assert agency.state(talk.booking.visit) == "joined"
        again = join_as_client(talk.client_context, talk.link)
        expect_media(again)
        expect_media(talk.caregiver)


def test_a_second_device_takes_over_without_a_question(agency: Agency, browser: Browser) -> None:
    with talking(agency, browser) as talk, person(browser) as tablet:
        second = join_as_client(tablet, talk.link)
        expect_media(second)
        expect_media(talk.caregiver)
        expect(talk.client.get_by_text("moved", exact=False).filter(visible=True).first).to_be_visible()
        live = "() => [...document.querySelectorAll('video')].some(v => v.srcObject?.getTracks().some(t => "
        assert not talk.client.evaluate(live + "t.readyState === 'live'))")
        assert agency.state(talk.booking.visit) == "joined"


def test_the_caregivers_second_tab_asks(agency: Agency, browser: Browser) -> None:
    with talking(agency, browser) as talk:
        second = talk.visit_page.context.new_page()
        second.goto(f"{agency.url}/visits/{talk.booking.visit}/call")
        button(second, "Start the call").click()
        expect(button(second, "Use this page")).to_be_visible()
        button(second, "Use this page").click()
        expect_media(second)
        expect_media(talk.client)
        expect(talk.caregiver.get_by_text("moved", exact=False).filter(visible=True).first).to_be_visible()


def test_the_server_is_killed_in_the_middle_of_a_call(agency: Agency, browser: Browser) -> None:
    with talking(agency, browser) as talk:
        before = [talk.caregiver.evaluate("window.peers.length"), talk.client.evaluate("window.peers.length")]
        agency.kill()
        frames = [received(page)["frames"] for page in (talk.caregiver, talk.client)]
        for page, start in zip((talk.caregiver, talk.client), frames, strict=True):
            page.wait_for_function("() => window.peers.at(-1).connectionState === 'connected'")
            expect_media(page)
            assert received(page)["frames"] > start
        agency.start()
        button(talk.client, "Mute microphone").click()
        says(talk.caregiver, "Microphone off")
        assert agency.state(talk.booking.visit) == "joined"
        after = [talk.caregiver.evaluate("window.peers.length"), talk.client.evaluate("window.peers.length")]
        assert after == before, "the same peer connections"
        button(talk.caregiver, "Hang up").click()
        button(talk.caregiver, "End session").click()
        says(talk.client, "The visit is over. You can now close the page.")
        assert agency.state(talk.booking.visit) == "terminated"
