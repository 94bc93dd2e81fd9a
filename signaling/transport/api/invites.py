"""`/visits/{id}/invites`: the caregiver invites the client."""

from __future__ import annotations

from typing import Any

from signaling.errors import Code
from signaling.protocol.resources import InviteCommand, InviteView
from signaling.services.inviting import Inviting
from signaling.transport.api.routes import STAFF, Asked, Reply, Route

_REFUSALS = (
    Code.NOT_VIRTUAL,
    Code.NOT_ASSIGNED,
    Code.CLIENT_HAS_NO_EMAIL,
    Code.SESSION_OVER,
    Code.VISIT_CANCELLED,
    Code.TOO_MANY_REQUESTS,
)


class Invites:
    """The handler."""

    def __init__(self, inviting: Inviting) -> None:
        self._inviting = inviting

    def routes(self) -> tuple[Route[Any], ...]:
        """The row of the table."""
        path = "/visits/{id}/invites"
        return (Route("POST", path, STAFF, InviteCommand, InviteView, self.invite_client, _REFUSALS),)

    async def invite_client(self, asked: Asked[InviteCommand]) -> Reply:
        """Mail the client a link, or make one to copy; the first invite creates the session."""
        return Reply(await self._inviting.invite(asked.asker, asked.id, asked.given))
