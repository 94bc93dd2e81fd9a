"""Storage tests run against the real database, in a folder of their own."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from storage.database import SqliteDatabase, open_database
from tests.storage import agency

ROOT = Path(__file__).parents[2]
Start = Callable[[str], Awaitable[asyncio.subprocess.Process]]


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


@pytest.fixture
async def start(path: Path) -> AsyncIterator[Start]:
    """Start `writer_process.py` on the test's database; whatever still runs at the end is killed."""
    started: list[asyncio.subprocess.Process] = []

    async def start(what: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.storage.writer_process",
            what,
            str(path),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            cwd=ROOT,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()
