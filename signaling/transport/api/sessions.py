"""`/visits/{id}/session/end`, `/hang-up`, `/farewell`: leaving when the socket is down or was never open."""

from __future__ import annotations

from typing import Any

from signaling.domain.presence import Presence
from signaling.domain.session import Role
from signaling.errors import Code, Refused
from signaling.protocol.resources import EndedView, EndSessionCommand, FarewellCommand, LegCommand
from signaling.services.calls import Calls, LegRef
from signaling.transport.api.routes import CLIENT, EITHER_SIDE, STAFF, Asked, Nothing, Reply, Route


class Sessions:
    """The handlers."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def routes(self) -> tuple[Route[Any], ...]:
        """The rows of the table."""
        ending = (Code.NO_SESSION, Code.LEG_REPLACED)
        hanging_up = (*ending, Code.NOT_IN_CALL, Code.SESSION_OVER)
        end, hang_up, farewell = (f"/visits/{{id}}/{last}" for last in ("session/end", "hang-up", "farewell"))
        return (
            Route("POST", end, STAFF, EndSessionCommand, EndedView, self.end_session, ending),
            Route("POST", hang_up, CLIENT, LegCommand, EndedView, self.hang_up, hanging_up),
            Route("POST", farewell, EITHER_SIDE, FarewellCommand, Nothing, self.say_farewell),
        )

    async def end_session(self, asked: Asked[EndSessionCommand]) -> Reply:
        """The caregiver ends the session for good; from a call page with its leg and generation."""
        command = asked.given
        leg = None
        if command.leg_id is not None and command.generation is not None:
            leg = LegRef(command.leg_id, command.generation)
        elif command.leg_id is not None or command.generation is not None:
            raise Refused(Code.VALIDATION_FAILED, "legId and generation go together.", field="generation")
        return Reply(await self._calls.end_session(asked.asker, asked.id, command.command_id, leg))

    async def hang_up(self, asked: Asked[LegCommand]) -> Reply:
        """The client hangs up; they can come back."""
        leg = LegRef(asked.given.leg_id, asked.given.generation)
        return Reply(await self._calls.hang_up(asked.asker, asked.id, asked.given.command_id, leg))

    async def say_farewell(self, asked: Asked[FarewellCommand]) -> Reply:
        """A call page says that it closes; the session's state stays."""
        role = Role.CAREGIVER if asked.asker.employee is not None else Role.CLIENT
        leg = LegRef(asked.given.leg_id, asked.given.generation)
        await self._calls.farewell(asked.asker, asked.id, role, leg, Presence(asked.given.why))
        return Reply()
