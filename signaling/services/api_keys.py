"""API keys of the agency's own systems. A key is shown once, when it is made; only its digest is stored."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from signaling.domain import values
from signaling.errors import Code, Refused
from signaling.ports import ApiKey, Clock, Database, Ids, Unit
from signaling.services.registers import checked
from signaling.services.tokens import digest

# Makes a key that was left lying in a file easy to find and to recognise.
PREFIX = "vv_"
SCOPES = ("schedule", "admin")


class ApiKeys:
    """Makes and finds keys."""

    def __init__(self, db: Database, clock: Clock, ids: Ids) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids

    async def create(self, name: str, scope: str) -> tuple[ApiKey, str]:
        """A new key and the secret to send as `Authorization: Bearer`. Raises Refused(VALIDATION_FAILED)."""
        if scope not in SCOPES:
            raise Refused(Code.VALIDATION_FAILED, "scope must be schedule or admin.", field="scope")
        key = ApiKey(self._ids.id(), checked("name", values.check_name, name), scope, self._clock.now())
        secret = PREFIX + secrets.token_urlsafe(32)
        await self._db.write(lambda unit: unit.people.add_api_key(key, digest(secret)))
        return key, secret

    async def find(self, secret: str) -> ApiKey | None:
        """The key of this secret, or None."""
        if not secret.startswith(PREFIX) or not secret.isascii():
            return None
        return await self._db.read(lambda unit: unit.people.api_key(digest(secret)))

    async def all(self) -> Sequence[ApiKey]:
        """Every key that has not been revoked, the oldest first."""
        return await self._db.read(lambda unit: unit.people.api_keys())

    async def revoke(self, id: str) -> None:
        """End a key for good. Raises Refused(NOT_FOUND)."""

        def work(unit: Unit) -> None:
            if not unit.people.remove_api_key(id):
                raise Refused(Code.NOT_FOUND, "There is no key with this id.")

        await self._db.write(work)
