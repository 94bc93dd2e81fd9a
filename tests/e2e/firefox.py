"""Firefox as the distribution ships it, driven by WebDriver BiDi: Playwright drives only a Firefox of its own.

https://www.w3.org/TR/webdriver-bidi/
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import aiohttp

from tests.e2e.browsers import KEEP_PEERS, RECEIVED
from tests.e2e.postbox import wait_for

_PATIENCE = 60.0
_PREFERENCES: dict[str, bool | int | str] = {
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "media.autoplay.default": 0,
    "media.gmp-manager.updateEnabled": False,
    "media.navigator.permission.disabled": True,
    "media.navigator.streams.fake": True,
    # Addresses of the loopback interface count as candidates: the machine may have no other.
    "media.peerconnection.ice.loopback": True,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.server": "data:,",
}


def executable() -> str:
    """Firefox's path; without one the run fails."""
    found = shutil.which("firefox-esr") or shutil.which("firefox")
    assert found, "Firefox is missing: this test needs firefox-esr, which `apt-get install firefox-esr` installs."
    return found


class Firefox:
    """One Firefox with one tab, fake camera and microphone."""

    def __init__(self, folder: Path) -> None:
        program = executable()
        profile = folder / "profile"
        profile.mkdir()
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _PREFERENCES.items())
        (profile / "user.js").write_text("".join(lines))
        self._log = folder / "firefox.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [program, "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", str(profile)],
                stdout=log,
                stderr=log,
            )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._web: aiohttp.ClientSession | None = None
        self._count = 0
        try:
            self._in_loop(self._connect(wait_for("Firefox", self._address)))
            self.ask("session.new", capabilities={})
            self._tab = self.ask("browsingContext.getTree")["contexts"][0]["context"]
            self.ask("script.addPreloadScript", functionDeclaration=f"() => {{{KEEP_PEERS}}}")
        except BaseException:
            self.close()
            raise

    def _address(self) -> str | None:
        log = self._log.read_text(errors="replace")
        assert self._process.poll() is None, log
        found = re.search(r"WebDriver BiDi listening on (ws://\S+)", log)
        return found[1] if found else None

    def _in_loop(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)

    async def _connect(self, address: str) -> None:
        self._web = aiohttp.ClientSession()
        self._socket = await self._web.ws_connect(f"{address}/session", max_msg_size=0)

    async def _ask(self, method: str, params: dict[str, Any]) -> Any:
        self._count += 1
        await self._socket.send_json({"id": self._count, "method": method, "params": params})
        while True:
            answer = await self._socket.receive_json()
            if answer.get("id") == self._count:
                assert answer["type"] == "success", f"{method}: {answer}"
                return answer["result"]

    def ask(self, method: str, **params: Any) -> Any:
        """One command and its result."""
        return self._in_loop(self._ask(method, params))

    def open(self, url: str) -> None:
        """Open a page and wait until it is loaded."""
        self.ask("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """What an expression, or the promise that it is, comes to."""
        words = f"Promise.resolve({expression}).then(JSON.stringify)"
        target = {"context": self._tab}
        result = self.ask("script.evaluate", expression=words, target=target, awaitPromise=True)
        assert result["type"] == "success", result["exceptionDetails"]["text"]
        return json.loads(result["result"]["value"])

    def button(self, name: str) -> dict[str, Any] | None:
        """A button by its exact accessible name; None while there is none that can be seen."""
        locator = {"type": "accessibility", "value": {"role": "button", "name": name}}
        nodes = self.ask("browsingContext.locateNodes", context=self._tab, locator=locator)["nodes"]
        return {"type": "element", "element": {"sharedId": nodes[0]["sharedId"]}} if nodes else None

    def press(self, name: str) -> None:
        """A trusted press in the middle of a button, once it is there."""
        target = wait_for(f"the button {name!r}", lambda: self.button(name))
        steps = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": target},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        mouse = {"type": "pointer", "id": "mouse", "actions": steps}
        self.ask("input.performActions", context=self._tab, actions=[mouse])

    def says(self, sentence: str) -> None:
        """The page shows this sentence."""
        shown = f"document.body.innerText.includes({json.dumps(sentence)})"
        wait_for(f"the sentence {sentence!r}", lambda: self.evaluate(shown))

    def received(self) -> dict[str, float]:
        """Frames decoded, audio energy and number of connected peer connections."""
        found: dict[str, float] = self.evaluate(f"({RECEIVED})()")
        return found

    def expect_media(self) -> None:
        """The other's picture advances and their voice is heard."""
        wait_for("sound in Firefox", lambda: self.received()["energy"] > 0)
        start = self.received()["frames"]
        wait_for("pictures in Firefox", lambda: self.received()["frames"] > start + 5)

    def close(self) -> None:
        """End the browser."""
        if self._web is not None:
            self._in_loop(self._web.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=20)
