"""Real browsers: how they are started, and what is measured in their pages."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect

from tests.e2e.agency import PASSWORD, Agency
from tests.e2e.postbox import wait_for

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1440, "height": 900}

_QUIET = [
    "--headless=new",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
ALLOWED = "--use-fake-ui-for-media-stream"
DEVICES = "--use-fake-device-for-media-stream"

# Playwright's init scripts see the page's own objects before its modules do: the test keeps every peer connection
# that the page makes, to measure what it receives.
KEEP_PEERS = """
window.peers = [];
const Native = window.RTCPeerConnection;
if (Native) window.RTCPeerConnection = class extends Native {
  constructor(...words) { super(...words); window.peers.push(this); }
};
"""

RECEIVED = """async () => {
  const found = {frames: 0, energy: 0, connected: 0};
  for (const peer of window.peers) {
    if (peer.connectionState !== 'connected') continue;
    found.connected += 1;
    for (const report of (await peer.getStats()).values()) {
      if (report.type !== 'inbound-rtp') continue;
      if (report.kind === 'video') found.frames += report.framesDecoded ?? 0;
      if (report.kind === 'audio') found.energy += report.totalAudioEnergy ?? 0;
    }
  }
  return found;
}"""


def launch(playwright: Playwright, *flags: str) -> Browser:
    """Chromium with these media flags."""
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*_QUIET, *flags])


def person(browser: Browser, *, size: Mapping[str, int] = DESKTOP, **more: Any) -> BrowserContext:
    """One person's browser profile, with a time zone that is not the visit's."""
    options: dict[str, Any] = {"timezone_id": "Asia/Tokyo", "locale": "en-GB"} | more
    context = browser.new_context(viewport={"width": size["width"], "height": size["height"]}, **options)
    context.add_init_script(KEEP_PEERS)
    context.set_default_timeout(20_000)
    return context


def received(page: Page) -> dict[str, float]:
    """Frames decoded, audio energy and number of connected peer connections."""
    found: dict[str, float] = page.evaluate(RECEIVED)
    return found


def expect_media(page: Page, *, video: bool = True) -> None:
    """The other's picture advances and their voice is heard, from now on."""
    before = received(page)

    def flowing() -> bool:
        now = received(page)
        # A new peer connection counts from zero.
        energy, frames = now["energy"] - before["energy"], now["frames"] - before["frames"]
        if now["connected"] != before["connected"] or energy < 0 or frames < 0:
            before.update(now)
            return False
        return now["connected"] > 0 and energy > 0 and (frames > 5 or not video)

    wait_for("the other's picture and voice", flowing)


def silent(page: Page) -> None:
    """Nothing of the other's voice is heard for longer than the fake microphone's pause between two beeps."""
    page.wait_for_function(
        f"""async () => {{
          const before = (await ({RECEIVED})()).energy;
          await new Promise((resolve) => setTimeout(resolve, 1500));
          return (await ({RECEIVED})()).energy - before < 1e-7;
        }}"""
    )


def sign_in(page: Page, agency: Agency, employee: str) -> None:
    """Sign in by the form."""
    page.goto(f"{agency.url}/sign-in")
    page.get_by_label("Email").fill(f"{employee}@linden.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{agency.url}/")


def button(page: Page | Locator, name: str) -> Locator:
    """A button by its exact accessible name."""
    return page.get_by_role("button", name=name, exact=True)


def says(page: Page, sentence: str) -> None:
    """The page shows this sentence."""
    expect(page.get_by_text(sentence, exact=True).filter(visible=True).first).to_be_visible()


def says_like(page: Page, pattern: str) -> None:
    """The page shows a sentence of this pattern."""
    expect(page.get_by_text(re.compile(pattern)).filter(visible=True).first).to_be_visible()
