"""The machine's own clock and randomness, behind the ports."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime


class SystemClock:
    """`ports.Clock` by the operating system's clock."""

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)


class SystemIds:
    """`ports.Ids` by the operating system's random source."""

    def id(self) -> str:
        """128 random bits as 32 hexadecimal digits."""
        return secrets.token_hex(16)

    def bytes(self, count: int) -> bytes:
        """Random bytes."""
        return secrets.token_bytes(count)
