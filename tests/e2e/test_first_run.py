"""The first command of the README, from a fresh copy of the repository to the sign-in page."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.e2e.agency import ROOT
from tests.e2e.browsers import PHONE, button, person
from tests.e2e.postbox import free_port, wait_for

# Installing the locked packages takes most of it.
INSTALL_SECONDS = 300.0


def fresh_copy(folder: Path) -> Path:
    """What git would clone, with what is not committed yet, and nothing that was installed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def test_make_run_leads_to_the_sign_in_page(tmp_path: Path, browser: Browser) -> None:
    port = free_port()
    log = tmp_path / "run.log"
    with log.open("wb") as out:
        run = subprocess.Popen(
            ["make", "run", f"PORT={port}"],
            cwd=fresh_copy(tmp_path / "copy"),
            stdout=out,
            stderr=out,
            env={name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))},
            start_new_session=True,
        )
    try:

        def ready() -> bool:
            assert run.poll() is None, log.read_text()
            try:
                with urllib.request.urlopen(f"http://localhost:{port}/readyz", timeout=5) as answer:
                    return bool(answer.status == 200)
            except (urllib.error.URLError, ConnectionError):
                return False

        wait_for("make run", ready, INSTALL_SECONDS)
        wait_for("the greeting", lambda: "the demo agency" in log.read_text())
        greeting = log.read_text()
        assert f"http://localhost:{port}" in greeting
        password = greeting.split("Sign in with the password ")[1].split()[0]
        with person(browser, size=PHONE) as context:
            page = context.new_page()
            page.goto(f"http://localhost:{port}/")
            page.get_by_label("Email").fill("caregiver@willow.example")
            page.get_by_label("Password", exact=True).fill(password)
            button(page, "Sign in").click()
            for name in ("Rose Miller", "Walter Brown", "Jeanne Petit", "Edith Clarke"):
                expect(page.get_by_role("link", name=name)).to_be_visible()
    finally:
        os.killpg(run.pid, signal.SIGINT)
        run.wait(timeout=15)
