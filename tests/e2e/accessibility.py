"""What every page owes everybody (SPEC §11), measured: axe-core at WCAG 2.2 AA, large targets, reflow."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.e2e.agency import ROOT, Agency
from tests.e2e.browsers import DESKTOP, PHONE, button, person
from tests.e2e.scenes import Booking

_AXE = ROOT / "node_modules/axe-core/axe.min.js"
_LOCALES = {"en": "en-GB", "fr": "fr-FR"}
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_LOOKS = (("phone, light", PHONE, "light"), ("desktop, dark", DESKTOP, "dark"))
# Reflow (WCAG 1.4.10), and text of twice the size (1.4.4) on a screen that is not large.
_NARROW = ViewportSize(width=320, height=640)
_TABLET = ViewportSize(width=768, height=1024)

_RUN_AXE = """async (tags) => {
  const {violations} = await axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']});
  return violations.flatMap(({id, nodes}) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary.replaceAll('\\n', ' ')}`));
}"""

# Links inside a sentence are as high as its line (WCAG 2.5.8 excepts them). A radio button is as large as its label,
# and a link that is spread over its card by `::after` as large as the card.
_SMALL_TARGETS = """(least) => {
  const top = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document;
  const found = [];
  for (const element of top.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')) {
    const label = element.matches('[type=radio], [type=checkbox]') ? element.labels?.[0] : null;
    const card = getComputedStyle(element, '::after').position === 'absolute' ? element.offsetParent : null;
    const {width, height} = (label ?? card ?? element).getBoundingClientRect();
    if (width <= 1 || height <= 1 || !element.checkVisibility({visibilityProperty: true})) continue;
    const sentence = element.matches('a') && getComputedStyle(element).display === 'inline'
      && element.parentElement.textContent.trim() !== element.textContent.trim();
    if (width < least - 0.5 && !sentence || height < least - 0.5 && !sentence)
      found.push(`${element.outerHTML.slice(0, 120)}: ${Math.round(width)} x ${Math.round(height)} px`);
  }
  return found;
}"""

_TOO_WIDE = """() => {
  const wide = (box) => box.scrollWidth > box.clientWidth;
  const boxes = [document.documentElement, ...document.querySelectorAll('dialog[open]')];
  if (!boxes.some(wide)) return [];
  const right = document.documentElement.clientWidth;
  const over = [...document.body.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > right + 1);
  return [`wider than the page: ${over.slice(0, 4).map((one) => one.outerHTML.slice(0, 100)).join(' | ')}`];
}"""


def axe_source() -> str:
    """axe-core's program; without it the run fails."""
    assert _AXE.is_file(), "axe-core is missing: `npm ci` installs it."
    return _AXE.read_text()


class Inspector:
    """Looks at pages in their states, and keeps what is wrong with them so that one run tells everything."""

    def __init__(self, language: str) -> None:
        self.faults: list[str] = []
        self.looked_at: list[str] = []
        self.language = language
        self._axe = axe_source()
        self._texts: dict[str, str] = {}
        for name in ("common", "staff", "call", "unsupported"):
            path = ROOT / f"static/locales/{language}/{name}.json"
            self._texts |= json.loads(path.read_text(encoding="utf-8"))

    def text(self, key: str, **values: str) -> str:
        """A text of the catalogue, in the inspector's language."""
        return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), self._texts[key])

    def look(self, page: Page, state: str) -> None:
        """Inspect a page in the state that it is in: on a phone and on a desktop, light and dark, narrow, enlarged."""
        self.looked_at.append(state)
        size = page.viewport_size
        page.evaluate(self._axe)
        for look, viewport, scheme in _LOOKS:
            page.set_viewport_size(ViewportSize(width=viewport["width"], height=viewport["height"]))
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            self._keep(f"{state} ({look})", page.evaluate(_RUN_AXE, _TAGS))
            self._keep(f"{state} ({look})", page.evaluate(_SMALL_TARGETS, 44))
        page.set_viewport_size(_NARROW)
        self._keep(f"{state} (320 px)", page.evaluate(_TOO_WIDE))
        page.set_viewport_size(_TABLET)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        self._keep(f"{state} (text at 200 %)", page.evaluate(_TOO_WIDE))
        page.evaluate("document.documentElement.style.fontSize = ''")
        language = page.evaluate("document.documentElement.lang")
        if language != self.language:
            self._keep(state, [f"the page's language is {language!r}"])
        if size is not None:
            page.set_viewport_size(size)

    def look_at_question(self, page: Page, key: str, state: str, **values: str) -> None:
        """Press the button that asks a question, inspect it, and leave it with Escape."""
        button(page, self.text(key, **values)).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        self.look(page, state)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)

    def _keep(self, state: str, faults: list[Any]) -> None:
        self.faults += [f"{state}: {fault}" for fault in faults]

    def conclude(self) -> None:
        """Fail with everything that was found."""
        assert self.looked_at
        assert not self.faults, "\n".join(["", *self.faults])


@contextmanager
def somebody(browser: Browser, language: str, script: str = "") -> Iterator[Page]:
    """A page of a browser in this language."""
    with person(browser, locale=_LOCALES[language]) as context:
        context.add_init_script(script)
        yield context.new_page()


def booked(agency: Agency, language: str, **visit: Any) -> Booking:
    """A visit whose people read this language."""
    caregiver, client = agency.employee(language=language), agency.client(language=language)
    return Booking(caregiver, client, agency.visit(caregiver, client, **visit))


def at(hours: float) -> dict[str, str]:
    """An hour that begins so many hours from now."""
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=hours)
    return {"startsAt": start.isoformat(), "endsAt": (start + timedelta(hours=1)).isoformat()}
