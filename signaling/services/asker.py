"""Who asks: the one credential that a request or a connection was let in by."""

from __future__ import annotations

from dataclasses import dataclass

from signaling.domain.access import Party, parties
from signaling.domain.visit import Employee, Position, Visit
from signaling.errors import Code, Refused
from signaling.ports import ApiKey, ClientPass

_OFFICE = frozenset({Position.COORDINATOR, Position.ADMINISTRATOR})
_OF_SCOPE = {"schedule": Party.SCHEDULE_KEY, "admin": Party.ADMIN_KEY}


@dataclass(frozen=True, slots=True)
class Asker:
    """An employee, one of the agency's own systems, or a client: exactly one of the three is set.

    A browser may hold a staff cookie and a client's at once; the address that is asked decides which one counts.
    `connection` says in the visit's log where they acted from: a request's id, or a socket's.
    """

    employee: Employee | None = None
    key: ApiKey | None = None
    client_pass: ClientPass | None = None
    connection: str | None = None

    def __post_init__(self) -> None:
        if sum(credential is not None for credential in (self.employee, self.key, self.client_pass)) != 1:
            raise ValueError("an asker has exactly one credential")

    def parties(self, visit: Visit) -> tuple[Party, ...]:
        """How they stand to a visit, the closest relation last.

        Raises Refused(NOT_FOUND) for a client of another visit.
        """
        if self.employee is not None:
            return parties(self.employee, visit)
        if self.key is not None:
            return (_OF_SCOPE[self.key.scope],)
        if self.client_pass is None or self.client_pass.visit != visit.id:
            raise Refused(Code.NOT_FOUND)
        return (Party.CLIENT,)

    def office(self) -> tuple[Party, ...]:
        """How they stand to the agency's registers, which are not about one visit; a caregiver is a colleague."""
        if self.employee is not None:
            return (Party(self.employee.position),) if self.employee.position in _OFFICE else (Party.COLLEAGUE,)
        if self.key is not None:
            return (_OF_SCOPE[self.key.scope],)
        return (Party.CLIENT,)

    @property
    def actor(self) -> str:
        """Who they are in a visit's log: `employee:<id>` or `key:<id>`. A client's needs the visit: `actor_at`."""
        if self.employee is not None:
            return f"employee:{self.employee.id}"
        if self.key is not None:
            return f"key:{self.key.id}"
        raise ValueError("a client acts on their visit only")

    def actor_at(self, visit: Visit) -> str:
        """Who they are in the log of `visit`; `client:<id>` for its client."""
        return f"client:{visit.client}" if self.client_pass is not None else self.actor
