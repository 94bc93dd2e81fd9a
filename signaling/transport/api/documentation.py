"""`/visits/{id}/documentation`: progress notes and tasks."""

from __future__ import annotations

from typing import Any

from signaling.errors import Code
from signaling.protocol.resources import DocumentationPut, DocumentationView
from signaling.services.documenting import Documenting
from signaling.transport.api.routes import STAFF, Asked, Nothing, Reply, Route


class Documentations:
    """The handlers."""

    def __init__(self, documenting: Documenting) -> None:
        self._documenting = documenting

    def routes(self) -> tuple[Route[Any], ...]:
        """The rows of the table."""
        path, save = "/visits/{id}/documentation", self.put_documentation
        refusals = (Code.STALE, Code.NOT_FOUND)
        return (
            Route("GET", path, STAFF, Nothing, DocumentationView, self.get_documentation),
            Route("PUT", path, STAFF, DocumentationPut, DocumentationView, save, refusals),
        )

    async def get_documentation(self, asked: Asked[Nothing]) -> Reply:
        """Notes and tasks as they were saved last."""
        return Reply(await self._documenting.documentation(asked.asker, asked.id))

    async def put_documentation(self, asked: Asked[DocumentationPut]) -> Reply:
        """Save a new version over `version`; if that is not the latest, `current` of the refusal is."""
        return Reply(await self._documenting.save(asked.asker, asked.id, asked.given))
