"""Cameras and microphones that are refused, missing, switched off or switched over (SPEC §6 and §7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e.agency import Agency
from tests.e2e.browsers import DESKTOP, DEVICES, PHONE, button, expect_media, launch, person, received, says, silent
from tests.e2e.scenes import Appointment, prepare

BOTH = ("camera", "microphone")
ROLES = ("client", "caregiver")
# What the other side calls them.
NAMES = {"client": "Rosa Gardener", "caregiver": "Vera"}
ENTER = {"client": "Join visit", "caregiver": "Start the call"}

# Counts everything that a renegotiation would do, on every peer connection that the page has.
_COUNT_NEGOTIATIONS = """() => {
  window.negotiations = 0;
  const count = () => { window.negotiations += 1; };
  for (const peer of window.peers) {
    for (const name of ['createOffer', 'createAnswer', 'setLocalDescription', 'setRemoteDescription']) {
      const native = peer[name].bind(peer);
      peer[name] = (...words) => { count(); return native(...words); };
    }
    peer.addEventListener('negotiationneeded', count);
    peer.addEventListener('signalingstatechange', count);
  }
  return window.peers.length;
}"""

# The second of Chromium's fake cameras is a depth camera, which gives no picture: the first and the third count.
_TWO_CAMERAS = """() => {
  const native = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
  navigator.mediaDevices.enumerateDevices = async () =>
    (await native()).filter(({kind}, index, all) =>
      kind !== 'videoinput' || all.slice(0, index).filter((one) => one.kind === kind).length !== 1);
}"""


@dataclass(frozen=True)
class Trouble:
    """What a browser lacks, and what its person reads and presses, one screen after the other."""

    flags: tuple[str, ...]
    permissions: tuple[str, ...]
    screens: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    heard: bool


NO_CAMERA = "No camera was found."
NOT_ALLOWED = "The camera is not allowed on this page."
UNHEARD = "The microphone is not allowed on this page. You can't be heard."
TROUBLES = {
    "both refused": Trouble(
        (DEVICES,),
        (),
        (
            ("Camera and microphone are not allowed on this page.", "Join without camera"),
            (UNHEARD, "Join without camera and microphone"),
        ),
        (NOT_ALLOWED, UNHEARD),
        heard=False,
    ),
    "camera refused": Trouble(
        (DEVICES,), ("microphone",), ((NOT_ALLOWED, "Join without camera"),), (NOT_ALLOWED,), heard=True
    ),
    "no camera": Trouble(
        (f"{DEVICES}=device-count=0",),
        BOTH,
        ((NO_CAMERA, "Join without camera"),),
        (NO_CAMERA,),
        heard=True,
    ),
    "nothing at all": Trouble(
        (),
        BOTH,
        (("No camera and no microphone was found.", "Join without camera and microphone"),),
        (NO_CAMERA, "No microphone was found. You can't be heard."),
        heard=False,
    ),
}


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    # Not with the flag that answers every question for devices: here each profile has its own permissions.
    browser = launch(playwright, DEVICES)
    yield browser
    browser.close()


@pytest.fixture
def appointment(agency: Agency) -> Appointment:
    return prepare(agency)


def open_as(
    role: str, browser: Browser, agency: Agency, appointment: Appointment, *, script: str = "", **options: Any
) -> Page:
    """A page of this person, before the question for devices."""
    context = person(browser, **options)
    context.add_init_script(script)
    if role == "caregiver":
        return appointment.open_call(context, agency)
    page = context.new_page()
    page.goto(appointment.link)
    expect(button(page, "Join visit")).to_be_visible()
    return page


def enter(role: str, browser: Browser, agency: Agency, appointment: Appointment, **options: Any) -> Page:
    """A page of this person, in the call with camera and microphone."""
    page = open_as(role, browser, agency, appointment, **{"permissions": BOTH} | options)
    button(page, ENTER[role]).click()
    expect(button(page, "Hang up")).to_be_visible()
    return page


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("what", TROUBLES)
def test_whoever_lacks_a_device_gets_in_and_both_are_told(
    playwright: Playwright, browser: Browser, agency: Agency, appointment: Appointment, what: str, role: str
) -> None:
    trouble = TROUBLES[what]
    own = browser if trouble.flags == (DEVICES,) else launch(playwright, *trouble.flags)
    try:
        other = enter("caregiver" if role == "client" else "client", browser, agency, appointment)
        page = open_as(role, own, agency, appointment, permissions=trouble.permissions)
        button(page, ENTER[role]).click()
        for sentence, choice in trouble.screens:
            says(page, sentence)
            expect(button(page, "Try again")).to_be_visible()
            expect(button(page, "Hang up")).to_have_count(0)
            if role == "client":
                assert agency.state(appointment.booking.visit) == "invited", "nobody is in before the choice"
            button(page, choice).click()
        expect(button(page, "Hang up")).to_be_visible()
        says(other, f"{NAMES[role]} has no camera.")
        for sentence in trouble.notes:
            says(page, sentence)
        expect_media(page)
        no_microphone = other.get_by_text("No microphone", exact=True).filter(visible=True)
        if trouble.heard:
            expect_media(other, video=False)
            expect(no_microphone).to_have_count(0)
        else:
            expect(no_microphone).to_be_visible()
        assert received(other)["frames"] == 0
        assert agency.state(appointment.booking.visit) == "joined"
        page.context.close()
        other.context.close()
    finally:
        if own is not browser:
            own.close()


def test_a_device_that_is_allowed_later_comes_in_by_one_button(
    browser: Browser, agency: Agency, appointment: Appointment
) -> None:
    other = enter("caregiver", browser, agency, appointment)
    page = open_as("client", browser, agency, appointment, permissions=("microphone",))
    button(page, "Join visit").click()
    button(page, "Join without camera").click()
    says(other, "Rosa Gardener has no camera.")
    page.context.grant_permissions(list(BOTH))
    button(page, "Try camera again").click()
    expect_media(other)
    expect(other.get_by_text("Rosa Gardener has no camera.").filter(visible=True)).to_have_count(0)
    expect(page.get_by_text(NOT_ALLOWED).filter(visible=True)).to_have_count(0)
    page.context.close()
    other.context.close()


def test_mute_and_camera_off_are_seen_by_the_other_without_renegotiation(
    browser: Browser, agency: Agency, appointment: Appointment
) -> None:
    pages = {role: enter(role, browser, agency, appointment) for role in ROLES}
    for page in pages.values():
        expect_media(page)
        assert page.evaluate(_COUNT_NEGOTIATIONS) == 1
    for role, other_role in zip(ROLES, reversed(ROLES), strict=True):
        page, other = pages[role], pages[other_role]
        button(page, "Mute microphone").click()
        says(other, "Microphone off")
        silent(other)
        button(page, "Unmute microphone").click()
        expect(other.get_by_text("Microphone off", exact=True).filter(visible=True)).to_have_count(0)
        expect_media(other)
        button(page, "Turn camera off").click()
        says(other, f"{NAMES[role]}'s camera is off.")
        button(page, "Turn camera on").click()
        expect(other.get_by_text(f"{NAMES[role]}'s camera is off.").filter(visible=True)).to_have_count(0)
        expect_media(other)
    for page in pages.values():
        assert page.evaluate("window.peers.length") == 1
        assert page.evaluate("window.negotiations") == 0
        assert page.evaluate("window.peers[0].signalingState") == "stable"
    # The control: what does renegotiate is counted, on both sides.
    pages["client"].evaluate("window.peers[0].restartIce()")
    for page in pages.values():
        page.wait_for_function("() => window.negotiations > 0")
        page.context.close()


@pytest.mark.parametrize("role", ROLES)
def test_switch_camera_with_two_cameras(
    playwright: Playwright, browser: Browser, agency: Agency, appointment: Appointment, role: str
) -> None:
    other = enter("caregiver" if role == "client" else "client", browser, agency, appointment)
    expect(button(other, "Turn camera off")).to_be_visible()
    expect(button(other, "Switch camera")).to_have_count(0)
    two = launch(playwright, f"{DEVICES}=device-count=3")
    try:
        page = enter(role, two, agency, appointment, script=f"({_TWO_CAMERAS})()")
        expect_media(other)
        page.evaluate(_COUNT_NEGOTIATIONS)
        camera = "document.querySelector('.picture-own video').srcObject?.getVideoTracks()[0]"
        seen = []
        for _ in range(2):
            before = page.evaluate(f"{camera}.getSettings().deviceId")
            button(page, "Switch camera").click()
            page.wait_for_function(f"() => ({camera} ?? null) && {camera}.getSettings().deviceId !== '{before}'")
            expect_media(other)
            seen.append(before)
        assert len(set(seen)) == 2, "there and back"
        assert page.evaluate(f"{camera}.getSettings().deviceId") == seen[0]
        assert page.evaluate("window.negotiations") == 0
        other.context.close()
    finally:
        two.close()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_own_picture_is_in_the_bottom_right_corner(
    browser: Browser, agency: Agency, appointment: Appointment, size: Mapping[str, int]
) -> None:
    pages = [enter(role, browser, agency, appointment, size=size) for role in ROLES]
    for page in pages:
        expect_media(page)
        own = page.get_by_label("Your own picture").bounding_box()
        large = page.get_by_label("Picture of the other person").bounding_box()
        hang_up = button(page, "Hang up").bounding_box()
        assert own is not None
        assert large is not None
        assert hang_up is not None
        gaps = {
            "right": large["x"] + large["width"] - own["x"] - own["width"],
            "bottom": large["y"] + large["height"] - own["y"] - own["height"],
        }
        for side, gap in gaps.items():
            assert 0 <= gap <= 32, f"{gap} px from the {side} edge of the other's picture"
        assert own["width"] <= large["width"] / 2
        assert own["height"] <= large["height"] / 2
        assert large["width"] * large["height"] >= 0.4 * size["width"] * size["height"], "the other's picture is large"
        for box in (own, hang_up):
            assert box["x"] >= 0
            assert box["y"] >= 0
            assert box["x"] + box["width"] <= size["width"]
            assert box["y"] + box["height"] <= size["height"]
        assert own["y"] + own["height"] <= hang_up["y"] or own["x"] + own["width"] <= hang_up["x"]
    for page in pages:
        page.context.close()
