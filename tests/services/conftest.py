"""Service tests run over the real storage, in a folder of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import open_database
from tests.services.house import House


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """An agency whose visit begins in half an hour."""
    path = tmp_path / "visits.db"
    async with open_database(path, wait=0) as database:
        await database.write(House.found)
        yield House(database, path)
