"""One agency, one postbox and one Chromium for each module of end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.e2e.accessibility import Inspector
from tests.e2e.agency import Agency
from tests.e2e.browsers import ALLOWED, DEVICES, launch
from tests.e2e.postbox import Postbox


@pytest.fixture(scope="module")
def postbox() -> Iterator[Postbox]:
    box = Postbox()
    box.start()
    yield box
    box.stop()


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory, postbox: Postbox) -> Iterator[Agency]:
    agency = Agency(tmp_path_factory.mktemp("agency"), postbox)
    try:
        agency.start()
        yield agency
    finally:
        agency.stop()


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    # Not for the whole run: it keeps an event loop running, in which asynchronous tests could not begin theirs.
    expect.set_options(timeout=15_000)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = launch(playwright, ALLOWED, DEVICES)
    yield browser
    browser.close()


@pytest.fixture(params=["en", "fr"])
def inspector(request: pytest.FixtureRequest) -> Inspector:
    return Inspector(request.param)
