"""`/visits`: the schedule, and the back-office actions on a visit."""

from __future__ import annotations

from typing import Any

from msgspec import field

from signaling.domain.values import check_time
from signaling.errors import Code
from signaling.protocol.messages import Id, Message
from signaling.protocol.resources import EventList, VisitList, VisitPut, VisitView
from signaling.services.registers import checked
from signaling.services.scheduling import Scheduling
from signaling.transport.api.routes import STAFF_OR_KEY, Asked, Nothing, Reply, Route, saved


class VisitsQuery(Message):
    """Which visits: those that overlap [`from`, `to`), of one employee or of all that the asker may see."""

    start: str = field(name="from")
    end: str = field(name="to")
    employee: Id | None = None


class Visits:
    """The handlers."""

    def __init__(self, scheduling: Scheduling) -> None:
        self._scheduling = scheduling

    def routes(self) -> tuple[Route[Any], ...]:
        """The rows of the table."""
        office = (Code.FORBIDDEN, Code.NOT_FOUND)
        put = (Code.FORBIDDEN, Code.STALE, Code.CONFLICT, Code.VISIT_CANCELLED)
        one, revoke = "/visits/{id}", "/visits/{id}/invites/revoke"
        who = STAFF_OR_KEY
        return (
            Route("GET", "/visits", who, VisitsQuery, VisitList, self.list_visits, (Code.FORBIDDEN,)),
            Route("GET", one, who, Nothing, VisitView, self.get_visit, (Code.NOT_FOUND,)),
            Route("PUT", one, who, VisitPut, VisitView, self.put_visit, put, creates=True),
            Route("GET", f"{one}/events", who, Nothing, EventList, self.list_events, office),
            Route("POST", f"{one}/cancel", who, Nothing, VisitView, self.cancel_visit, (*office, Code.CONFLICT)),
            Route("POST", revoke, who, Nothing, VisitView, self.revoke_links, office),
        )

    async def list_visits(self, asked: Asked[VisitsQuery]) -> Reply:
        """Visits of a span of time, 62 days at most; a caregiver's own only."""
        start, end = (checked(name, check_time, text) for name, text in _span(asked.given))
        return Reply(VisitList(visits=await self._scheduling.visits(asked.asker, start, end, asked.given.employee)))

    async def get_visit(self, asked: Asked[Nothing]) -> Reply:
        """One visit with its clock times and session, as the asker may see it."""
        return saved(await self._scheduling.visit(asked.asker, asked.id))

    async def put_visit(self, asked: Asked[VisitPut]) -> Reply:
        """Create, move, reassign or otherwise change a visit."""
        return saved(await self._scheduling.put_visit(asked.asker, asked.id, asked.given, asked.if_match))

    async def list_events(self, asked: Asked[Nothing]) -> Reply:
        """The visit's log."""
        return Reply(EventList(events=await self._scheduling.events(asked.asker, asked.id)))

    async def cancel_visit(self, asked: Asked[Nothing]) -> Reply:
        """Cancel the visit; again changes nothing."""
        return Reply(await self._scheduling.cancel(asked.asker, asked.id))

    async def revoke_links(self, asked: Asked[Nothing]) -> Reply:
        """Revoke every link of the visit."""
        return Reply(await self._scheduling.revoke_links(asked.asker, asked.id))


def _span(query: VisitsQuery) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("from", query.start), ("to", query.end)
