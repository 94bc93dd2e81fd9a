"""Storage tests run against the real database, in a folder of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import SqliteDatabase, open_database
from tests.storage import agency


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the test's database lies."""
    return tmp_path / "visits.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[SqliteDatabase]:
    """A fresh database that knows the small agency."""
    async with open_database(path, wait=0) as database:
        await database.write(agency.found)
        yield database
