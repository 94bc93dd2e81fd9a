"""`/agency`: what anybody may know of the agency."""

from __future__ import annotations

from typing import Any

from signaling.domain.values import rfc3339
from signaling.ports import Clock
from signaling.protocol.resources import AgencyView
from signaling.settings import Settings
from signaling.transport.api.routes import ANYBODY, Asked, Nothing, Reply, Route


class Agency:
    """The handler."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def routes(self) -> tuple[Route[Any], ...]:
        """The row of the table."""
        return (Route("GET", "/agency", ANYBODY, Nothing, AgencyView, self.get_agency),)

    async def get_agency(self, asked: Asked[Nothing]) -> Reply:  # noqa: ARG002
        """The agency's name, phone, language and time zone, and the server's time."""
        settings = self._settings
        return Reply(
            AgencyView(
                name=settings.agency_name,
                phone=settings.agency_phone,
                language=settings.agency_language,
                time_zone=settings.agency_time_zone,
                server_time=rfc3339(self._clock.now()),
                demo=settings.demo,
            )
        )
