"""`/visits/{id}/clock-in` and `/clock-out`: when the caregiver is at the visit."""

from __future__ import annotations

from typing import Any

from signaling.errors import Code
from signaling.protocol.resources import ClockInCommand, ClockOutCommand, VisitView
from signaling.services.clocking import Clocking
from signaling.transport.api.routes import STAFF, Asked, Reply, Route


class ClockTimes:
    """The handlers."""

    def __init__(self, clocking: Clocking) -> None:
        self._clocking = clocking

    def routes(self) -> tuple[Route[Any], ...]:
        """The rows of the table."""
        into = (Code.CONFIRMATION_NEEDED, Code.VISIT_CANCELLED)
        out = (Code.SESSION_STILL_ACTIVE, Code.NOT_CLOCKED_IN)
        return (
            Route("POST", "/visits/{id}/clock-in", STAFF, ClockInCommand, VisitView, self.clock_in, into),
            Route("POST", "/visits/{id}/clock-out", STAFF, ClockOutCommand, VisitView, self.clock_out, out),
        )

    async def clock_in(self, asked: Asked[ClockInCommand]) -> Reply:
        """Clock in; `confirmations` of a refusal are the questions to answer in `confirm`."""
        return Reply(await self._clocking.clock_in(asked.asker, asked.id, asked.given))

    async def clock_out(self, asked: Asked[ClockOutCommand]) -> Reply:
        """Clock out; the session stays as it is."""
        return Reply(await self._clocking.clock_out(asked.asker, asked.id, asked.given))
