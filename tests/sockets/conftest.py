"""The socket is tested from outside: a real port, real services, no blocking call in the loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port
from blockbuster import blockbuster_ctx

from signaling.settings import Settings, demo_settings
from signaling.transport.sockets import Deadlines
from tests.sockets.scene import Scene, playing


@pytest.fixture(autouse=True)
def nothing_blocks() -> Iterator[None]:
    """A blocking call in the event loop fails the test."""
    with blockbuster_ctx():
        yield


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The demo's settings on a free port."""
    return demo_settings(tmp_path, unused_port())


@pytest.fixture
def deadlines() -> Deadlines:
    """The usual ones; a test module may have its own."""
    return Deadlines()


@pytest.fixture
async def scene(settings: Settings, deadlines: Deadlines) -> AsyncIterator[Scene]:
    """A running socket."""
    async with playing(settings, deadlines) as scene:
        yield scene
