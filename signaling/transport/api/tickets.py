"""`/visits/{id}/ticket`, `/client-ticket`, `/watch-ticket`: tickets for the socket."""

from __future__ import annotations

from typing import Any

from signaling.domain.values import rfc3339
from signaling.errors import Code, Refused
from signaling.ports import Clock
from signaling.protocol.resources import TicketView
from signaling.services.scheduling import Scheduling
from signaling.services.tokens import digest
from signaling.transport.api.routes import CLIENT, STAFF, Asked, Nothing, Reply, Route
from signaling.transport.auth import Cookies
from signaling.transport.tickets import LIFETIME, Entry, Tickets


class TicketOffice:
    """The handlers."""

    def __init__(self, tickets: Tickets, scheduling: Scheduling, cookies: Cookies, clock: Clock) -> None:
        self._tickets = tickets
        self._scheduling = scheduling
        self._cookies = cookies
        self._clock = clock

    def routes(self) -> tuple[Route[Any], ...]:
        """The rows of the table."""
        many = (Code.TOO_MANY_REQUESTS,)
        staff, client = "/visits/{id}/ticket", "/visits/{id}/client-ticket"
        return (
            Route("POST", staff, STAFF, Nothing, TicketView, self.issue_caregiver_ticket, many),
            Route("POST", client, CLIENT, Nothing, TicketView, self.issue_client_ticket, many),
            Route("POST", "/watch-ticket", STAFF, Nothing, TicketView, self.issue_watch_ticket, many),
        )

    async def issue_caregiver_ticket(self, asked: Asked[Nothing]) -> Reply:
        """A ticket for the assigned caregiver's call page; whether they may join is asked at `join`."""
        employee = asked.asker.employee
        visit = (await self._scheduling.visit(asked.asker, asked.id)).view
        if employee is None or visit.employee != employee.id:
            raise Refused(Code.FORBIDDEN)
        return self._issue(Entry("caregiver", employee.id, self._sign_in(asked), visit=asked.id))

    async def issue_client_ticket(self, asked: Asked[Nothing]) -> Reply:
        """A ticket for the client's call page; whether they may join is asked at `join`."""
        return self._issue(Entry("client", client_pass=asked.asker.client_pass, visit=asked.id))

    async def issue_watch_ticket(self, asked: Asked[Nothing]) -> Reply:
        """A ticket for a page that follows the schedule."""
        if asked.asker.employee is None:
            raise Refused(Code.FORBIDDEN)
        return self._issue(Entry("watch", asked.asker.employee.id, self._sign_in(asked)))

    def _sign_in(self, asked: Asked[Nothing]) -> bytes:
        return digest(asked.request.cookies[self._cookies.sign_in])

    def _issue(self, entry: Entry) -> Reply:
        lifetime = int(LIFETIME.total_seconds())
        now = rfc3339(self._clock.now())
        return Reply(TicketView(ticket=self._tickets.issue(entry), expires_in=lifetime, server_time=now))
