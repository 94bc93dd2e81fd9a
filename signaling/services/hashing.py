"""Passwords hashed and checked off the event loop, in a few threads: neither processor nor memory can be used up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from signaling.errors import Code, Refused
from signaling.services import passwords

T = TypeVar("T")

THREADS = 2
WAITING_MAX = 16
# What a flood of strangers' attempts can't use up.
_KEPT_FREE = 8


class Hashing:
    """Two threads of argon2id with a short queue before them."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._under_way = 0
        # Compared with when there is nothing to compare, so that an unknown email costs the same time.
        self._nobody = passwords.hash_password("nobody has this password")

    async def hash(self, password: str) -> str:
        """The hash to store. Raises Refused(TOO_MANY_REQUESTS) while too many wait."""
        return await self._run(lambda: passwords.hash_password(password), _KEPT_FREE)

    async def matches(self, hashed: str | None, password: str, *, stranger: bool = True) -> bool:
        """Whether the password is the one that was hashed; never for None, after the same time.

        Some room in the queue is kept for those who are no stranger.
        Raises Refused(TOO_MANY_REQUESTS) while too many wait.
        """
        if any("\ud800" <= char <= "\udfff" for char in password):
            # JSON can spell half a character; it has no UTF-8, so nobody's password has one.
            password, hashed = "", None
        against = hashed if hashed is not None else self._nobody
        right = await self._run(lambda: passwords.verify_password(against, password), 0 if stranger else _KEPT_FREE)
        return right and hashed is not None

    def close(self) -> None:
        """Stop the threads after what they are doing."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def _run(self, work: Callable[[], T], more: int) -> T:
        if self._under_way >= THREADS + WAITING_MAX + more:
            raise Refused(Code.TOO_MANY_REQUESTS, retryAfter=2)
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._under_way -= 1
