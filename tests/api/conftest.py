"""The HTTP interface is tested from outside: a real port, a real database, no blocking call in the loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port
from blockbuster import blockbuster_ctx

from signaling.services.hashing import Hashing
from signaling.services.passwords import hash_password
from signaling.settings import Settings, demo_settings
from tests.api.house import PASSWORD, House, running


@pytest.fixture(autouse=True)
def nothing_blocks() -> Iterator[None]:
    """A blocking call in the event loop fails the test."""
    with blockbuster_ctx():
        yield


@pytest.fixture(scope="session")
def hashed() -> str:
    """The hash of everybody's password."""
    return hash_password(PASSWORD)


@pytest.fixture(scope="session")
def hashing() -> Iterator[Hashing]:
    """The threads that check passwords."""
    pool = Hashing()
    yield pool
    pool.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The demo's settings on a free port."""
    return replace(demo_settings(tmp_path, unused_port()), idle_sign_out=timedelta(minutes=30))


@pytest.fixture
async def house(settings: Settings, hashing: Hashing, hashed: str) -> AsyncIterator[House]:
    """A running site."""
    async with running(settings, hashing, hashed) as house:
        yield house
