"""The whole visit with Tab, Enter, Space and Escape: the focus can always be seen and is never lost (SPEC §11)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.agency import PASSWORD, Agency
from tests.e2e.browsers import PHONE, button, expect_media, person, says
from tests.e2e.postbox import link_in
from tests.e2e.scenes import Booking, book, keep_cookies, prepare

_MOST_TABS = 80

# Why the focus can't be seen; empty when it can. A radio button may be outlined by its label, a card by its link's
# `::after`. What is focused must not lie under something else, nor outside of the window.
_UNSEEN = """() => {
  const focused = document.activeElement;
  if (focused === null || focused === document.body) return 'nothing has the focus';
  const name = focused.outerHTML.slice(0, 140);
  const outlined = (one) => [null, '::before', '::after'].some((pseudo) => {
    const {outlineStyle, outlineWidth} = getComputedStyle(one, pseudo);
    return outlineStyle === 'auto' || (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2);
  });
  const around = [focused, focused.closest('label')].filter((one) => one !== null);
  const seen = around.some((one) => outlined(one) || [...one.children].some(outlined));
  if (!seen) return `no outline: ${name}`;
  const {left, top, right, bottom} = around.at(-1).getBoundingClientRect();
  const points = [0.1, 0.3, 0.5, 0.7, 0.9].flatMap((x) => [0.1, 0.5, 0.9].map((y) =>
    document.elementFromPoint(left + x * (right - left), top + y * (bottom - top))));
  const free = points.some((point) => point !== null && around.some((one) => one.contains(point)));
  return free ? '' : `covered or out of sight: ${name}`;
}"""


class Keyboard:
    """A person with a keyboard at a page."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def go_to(self, target: Locator) -> None:
        """Press Tab until the target has the focus; every stop on the way can be seen."""
        expect(target).to_be_visible()
        self._page.bring_to_front()
        around = 0
        for _ in range(_MOST_TABS):
            self._page.keyboard.press("Tab")
            # Between the page's last element and its first one the browser's own controls have their turn.
            if self._page.evaluate("document.activeElement === document.body"):
                around += 1
                assert around <= 1, f"no Tab leads to {target}"
                continue
            self.see()
            if target.evaluate("(element) => element === document.activeElement"):
                return
        raise AssertionError(f"{_MOST_TABS} Tabs do not lead to {target}")

    def see(self) -> None:
        """The focus is on the page and can be seen."""
        unseen = self._page.evaluate(_UNSEEN)
        assert unseen == "", unseen

    def press(self, target: Locator, key: str = "Enter") -> None:
        """Go to a button or link and press it."""
        self.go_to(target)
        self._page.keyboard.press(key)

    def fill(self, target: Locator, words: str) -> None:
        """Go to a field and type."""
        self.go_to(target)
        self._page.keyboard.type(words)

    def key(self, name: str) -> None:
        """One key, wherever the focus is."""
        self._page.keyboard.press(name)

    def keeps_focus(self) -> None:
        """The focus is somewhere on the page, not on its `<body>`; a script may put it there in a moment."""
        self._page.wait_for_function("() => ![null, document.body].includes(document.activeElement)")

    def question(self) -> Locator:
        """A question that was just asked: it is there, and the focus is in it and can be seen."""
        dialog = self._page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        assert dialog.evaluate("(dialog) => dialog.contains(document.activeElement)"), "the focus is in the question"
        self.see()
        return dialog

    def leave_question(self, back_to: Locator) -> None:
        """Escape, and the focus is where it was."""
        self.key("Escape")
        expect(self._page.get_by_role("dialog")).to_have_count(0)
        expect(back_to).to_be_focused()
        self.see()


def sign_in(page: Page, agency: Agency, booking: Booking) -> Keyboard:
    """Sign in and open the visit from the schedule."""
    keyboard = Keyboard(page)
    page.goto(f"{agency.url}/sign-in")
    expect(button(page, "Sign in")).to_be_visible()
    if page.get_by_label("Email").evaluate("(element) => element !== document.activeElement"):
        keyboard.go_to(page.get_by_label("Email"))
    page.keyboard.type(f"{booking.caregiver}@linden.example")
    keyboard.fill(page.get_by_label("Password", exact=True), PASSWORD)
    keyboard.key("Enter")
    page.wait_for_url(f"{agency.url}/")
    keyboard.press(page.get_by_role("listitem").filter(has_text="Rosa Gardener").get_by_role("link").first)
    page.wait_for_url(f"{agency.url}/visits/{booking.visit}")
    return keyboard


def test_the_whole_visit_by_keyboard(agency: Agency, browser: Browser) -> None:
    booking = book(agency)
    with person(browser) as desk, person(browser, size=PHONE) as phone:
        page = desk.new_page()
        keyboard = sign_in(page, agency, booking)
        keyboard.press(button(page, "Send invite to client"))
        link = link_in(agency.postbox.wait(booking.address))
        expect(button(page, "Resend invite to client")).to_be_visible()
        keyboard.keeps_focus()
        keyboard.press(button(page, "Clock in"), "Space")
        expect(button(page, "Clock out")).to_be_visible()
        keyboard.keeps_focus()
        keyboard.press(button(page, "Clock out"))
        keyboard.question()
        keyboard.leave_question(button(page, "Clock out"))
        assert agency.call("GET", f"/visits/{booking.visit}")["status"] == "in_progress"

        with page.expect_popup() as opened:
            keyboard.press(button(page, "Join video session"))
        call, client = opened.value, phone.new_page()
        caregiver, patient = Keyboard(call), Keyboard(client)
        caregiver.press(button(call, "Start the call"))
        expect(button(call, "Hang up")).to_be_visible()
        client.goto(link)
        patient.press(button(client, "Join visit"))
        expect_media(client)
        expect_media(call)

        patient.press(button(client, "Mute microphone"), "Space")
        says(call, "Microphone off")
        expect(button(client, "Unmute microphone")).to_be_focused()
        patient.see()
        patient.key("Space")
        caregiver.fill(call.get_by_label("Progress notes"), "Slept well.")
        patient.press(button(client, "Hang up"))
        says(client, "You left the visit.")
        patient.keeps_focus()
        patient.press(button(client, "Rejoin visit"))
        expect_media(client)

        caregiver.press(button(call, "Hang up"))
        caregiver.question()
        caregiver.leave_question(button(call, "Hang up"))
        assert agency.state(booking.visit) == "joined"
        caregiver.key("Enter")
        question = caregiver.question()
        caregiver.press(button(question, "End session"))
        says(call, "Your session with the client is over. You can now close the page.")
        caregiver.keeps_focus()
        says(client, "The visit is over. You can now close the page.")
        patient.keeps_focus()
        call.close()

        keyboard.press(button(page, "Clock out"))
        expect(button(page, "Clock in")).to_be_visible()
        keyboard.keeps_focus()
        view = agency.call("GET", f"/visits/{booking.visit}")
        assert (view["status"], view["session"]["state"]) == ("completed", "terminated")


def test_the_offices_questions_give_the_focus_back(agency: Agency, browser: Browser) -> None:
    appointment = prepare(agency)
    with person(browser, size=PHONE) as context:
        keep_cookies(context, agency, agency.cookie(agency.employee("Cora Office", "coordinator")))
        page = context.new_page()
        page.goto(f"{agency.url}/visits/{appointment.booking.visit}")
        keyboard = Keyboard(page)
        for name in ("Edit, move or reassign", "Clock out Vera Caregiver", "Revoke links"):
            keyboard.press(button(page, name))
            keyboard.question()
            keyboard.leave_question(button(page, name))
        keyboard.press(button(page, "Revoke links"))
        question = keyboard.question()
        keyboard.press(button(question, "Revoke links"))
        says(page, "The links are revoked.")
        keyboard.keeps_focus()


def test_a_focus_that_can_not_be_seen_is_found(browser: Browser) -> None:
    with person(browser) as context:
        page = context.new_page()
        page.set_content("<button style='outline: none'>Plain</button>")
        with pytest.raises(AssertionError, match="no outline"):
            Keyboard(page).go_to(button(page, "Plain"))
        page.set_content("<button>Under</button><div style='position: fixed; inset: 0; background: #fff'></div>")
        with pytest.raises(AssertionError, match="covered"):
            Keyboard(page).go_to(button(page, "Under"))
        page.set_content("<button>Other</button><button tabindex='-1'>Never</button>")
        with pytest.raises(AssertionError, match="no Tab leads to"):
            Keyboard(page).go_to(button(page, "Never"))
