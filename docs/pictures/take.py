"""Takes the pictures of the README from the running demo: `python -m docs.pictures.take`, after `make test` once.

Two browsers hold a call; their cameras show a drawing, since nobody's face belongs into a repository.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from signaling.demo import PASSWORD

HERE = Path(__file__).parent
PORT = 8097
URL = f"http://localhost:{PORT}"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-background-networking",
    "--no-first-run",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
PERSON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 480" width="640" height="480">
<rect width="640" height="480" fill="{wall}"/><rect y="330" width="640" height="150" fill="{floor}"/>
<rect x="60" y="50" width="130" height="150" rx="6" fill="#fff" opacity=".55"/>
<path d="M170 480c0-120 60-170 150-170s150 50 150 170z" fill="{shirt}"/>
<rect x="288" y="250" width="64" height="90" rx="30" fill="{skin}"/>
<ellipse cx="320" cy="205" rx="78" ry="92" fill="{skin}"/>
<path d="M238 205c-8-90 40-128 84-128s92 36 82 128c-14-46-40-70-82-70s-70 24-84 70z" fill="{hair}"/>
<circle cx="291" cy="205" r="7" fill="#333"/><circle cx="349" cy="205" r="7" fill="#333"/>
<path d="M290 246q30 24 60 0" fill="none" stroke="#8a4b3c" stroke-width="6" stroke-linecap="round"/></svg>"""
ANNA = {"wall": "#dfe9e4", "floor": "#c9d8cf", "shirt": "#2f6f6a", "skin": "#e8b796", "hair": "#4a3226"}
ROSE = {"wall": "#efe3d0", "floor": "#dccbb0", "shirt": "#8a5a83", "skin": "#f0c9ae", "hair": "#d9d9d6"}


@contextmanager
def demo(folder: Path) -> Iterator[None]:
    """The demo agency, on a folder of its own."""
    words = [sys.executable, "-m", "signaling", "demo", "--port", str(PORT), "--folder", str(folder)]
    with subprocess.Popen(words, cwd=HERE.parents[1], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            while True:
                try:
                    urllib.request.urlopen(f"{URL}/readyz", timeout=2).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield
        finally:
            server.terminate()


def camera(playwright: Playwright, folder: Path, name: str, colours: dict[str, str]) -> Path:
    """A film of the drawn person, as Chromium takes it for a camera."""
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
    page = browser.new_page(viewport={"width": 640, "height": 480})
    page.set_content(f"<style>body{{margin:0}}</style>{PERSON.format(**colours)}")
    page.screenshot(path=folder / f"{name}.png")
    browser.close()
    film = folder / f"{name}.mjpeg"
    with av.open(str(folder / f"{name}.png")) as drawing, av.open(str(film), "w", format="mjpeg") as out:
        picture = next(drawing.decode(video=0)).reformat(format="yuvj420p", dst_color_range="JPEG")
        stream = out.add_stream("mjpeg", rate=15)
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuvj420p"
        for number in range(15):
            picture.pts = number
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
    return film


def browser_of(playwright: Playwright, film: Path) -> Browser:
    """A browser with this film as its camera."""
    flags = [*FLAGS, f"--use-file-for-fake-video-capture={film}"]
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)


def sign_in(page: Page) -> None:
    """Sign in as the demo's caregiver."""
    page.goto(f"{URL}/sign-in")
    page.get_by_label("Email").fill("caregiver@willow.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Rose Miller").first.wait_for()


def playing(page: Page) -> None:
    """Wait until both pictures of a call move."""
    page.wait_for_function(
        "() => [...document.querySelectorAll('video')].every((v) => v.videoWidth > 0 && v.currentTime > 2)"
    )


def take(folder: Path) -> None:
    """The three pictures."""
    with sync_playwright() as playwright:
        films = [camera(playwright, folder, *who) for who in (("anna", ANNA), ("rose", ROSE))]
        anna, rose = (browser_of(playwright, film) for film in films)
        desk = anna.new_context(viewport={"width": 390, "height": 780}, device_scale_factor=2, locale="en-GB")
        page = desk.new_page()
        sign_in(page)
        page.screenshot(path=HERE / "schedule.png")
        page.get_by_role("link", name="Rose Miller").first.click()
        page.get_by_role("button", name="Send invite to client").click()
        page.get_by_role("button", name="Clock in").click()
        page.get_by_role("button", name="Clock out").wait_for()
        mails = desk.new_page()
        mails.goto(f"{URL}/demo/mail")
        mails.get_by_role("link").filter(has_text="visit").first.click()
        link = mails.frame_locator("iframe").get_by_role("link").filter(has_text="visit").first.get_attribute("href")
        assert link is not None
        phone = rose.new_context(viewport={"width": 390, "height": 780}, device_scale_factor=2, locale="en-GB")
        client = phone.new_page()
        client.goto(link)
        client.get_by_role("button", name="Join visit").wait_for()
        client.screenshot(path=HERE / "client.png")
        client.get_by_role("button", name="Join visit").click()
        call = desk.new_page()
        call.set_viewport_size({"width": 1280, "height": 780})
        call.goto(page.url + "/call")
        call.get_by_role("button", name="Start the call").click()
        playing(call)
        playing(client)
        call.get_by_label("Progress notes").fill("Slept well, ate breakfast. Medicine taken at eight.")
        call.get_by_text("Saved").first.wait_for()
        call.screenshot(path=HERE / "call.png")
        client.screenshot(path=HERE / "client-call.png")
        anna.close()
        rose.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name, demo(Path(name) / "demo"):
        take(Path(name))
