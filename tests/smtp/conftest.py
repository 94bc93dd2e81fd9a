"""Mail tests run against real SMTP servers and the real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import open_database
from tests.smtp import letters
from tests.smtp.post import Post


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    """The small agency, with one mail that is due."""
    async with open_database(tmp_path / "visits.db", wait=0) as database:
        await database.write(letters.found)
        yield Post(database)
