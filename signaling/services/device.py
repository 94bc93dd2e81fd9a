"""A mark on the devices that an employee has signed in on: it says nothing but "this employee, once, here"."""

from __future__ import annotations

import hashlib
import hmac
import secrets

_RANDOM_BYTES = 16


class Devices:
    """Makes and recognises the marks, with a key of their own that is derived from the settings' secret."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.new(secret, b"known devices", hashlib.sha256).digest()

    def mark(self, employee: str) -> str:
        """A new mark for a device of this employee."""
        return self._signed(secrets.token_hex(_RANDOM_BYTES), employee)

    def known(self, mark: str | None, employee: str) -> bool:
        """Whether the mark was made here for this employee."""
        if mark is None or not mark.isascii():
            return False
        return hmac.compare_digest(self._signed(mark.partition(".")[0], employee), mark)

    def _signed(self, random: str, employee: str) -> str:
        return f"{random}.{hmac.new(self._key, f'{employee} {random}'.encode(), hashlib.sha256).hexdigest()}"
