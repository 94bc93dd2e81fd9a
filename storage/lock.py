"""The operating-system lock that a writer holds beside the database for its whole life (DESIGN §5).

SQLite's own locks come and go with each transaction. This one keeps a second writing process out until the first
is gone; the kernel lets it go when its process dies, however it dies.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from storage import DatabaseInUse, DatabaseUnusable

_log = logging.getLogger(__name__)

# How often a waiting process looks again, seconds: as long as a hand-over may last unnoticed.
_LOOK_EVERY = 0.1


def _open(path: Path) -> int:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _try(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@asynccontextmanager
async def writer_lock(database: Path, wait: float | None) -> AsyncIterator[None]:
    """Hold the writer's lock of a database, in the file `<database>.lock`.

    `wait` is for how many seconds to wait for another process that has it; None waits without end.
    Raises DatabaseInUse if it is not free by then, DatabaseUnusable if the file can't be made.
    """
    try:
        lock = await asyncio.to_thread(_open, database.with_name(f"{database.name}.lock"))
    except OSError as error:
        raise DatabaseUnusable(f"The database's folder can't be used: {error.strerror}.") from error
    try:
        if not await asyncio.to_thread(_try, lock):
            await _wait(lock, wait)
        yield
    finally:
        # Closing lets go of the lock. The file stays: removing it would let a third process lock another one.
        os.close(lock)


async def _wait(lock: int, wait: float | None) -> None:
    if wait == 0:
        raise DatabaseInUse("Another process is using the database.")
    _log.warning("another process is using the database: waiting until it has ended")
    try:
        async with asyncio.timeout(wait):
            while not await asyncio.to_thread(_try, lock):  # noqa: ASYNC110 -- the kernel has no event for it
                await asyncio.sleep(_LOOK_EVERY)
    except TimeoutError:
        raise DatabaseInUse("Another process is using the database.") from None
    _log.info("the database is free")
