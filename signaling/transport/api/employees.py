"""`/employees`: the agency's employees, for its own systems and its office."""

from __future__ import annotations

from typing import Any

from signaling.errors import Code
from signaling.protocol.resources import EmployeeList, EmployeePut, EmployeeView
from signaling.services.registers import Registers
from signaling.transport.api.routes import STAFF_OR_KEY, Asked, Nothing, Reply, Route, saved


class Employees:
    """The handlers."""

    def __init__(self, registers: Registers) -> None:
        self._registers = registers

    def routes(self) -> tuple[Route[Any], ...]:
        """The rows of the table."""
        listed = (Code.FORBIDDEN,)
        read = (Code.FORBIDDEN, Code.NOT_FOUND)
        put = (Code.FORBIDDEN, Code.STALE, Code.CONFLICT)
        return (
            Route("GET", "/employees", STAFF_OR_KEY, Nothing, EmployeeList, self.list_employees, listed),
            Route("GET", "/employees/{id}", STAFF_OR_KEY, Nothing, EmployeeView, self.get_employee, read),
            Route(
                "PUT", "/employees/{id}", STAFF_OR_KEY, EmployeePut, EmployeeView, self.put_employee, put, creates=True
            ),
        )

    async def list_employees(self, asked: Asked[Nothing]) -> Reply:
        """All employees."""
        return Reply(EmployeeList(employees=await self._registers.employees(asked.asker)))

    async def get_employee(self, asked: Asked[Nothing]) -> Reply:
        """One employee."""
        return saved(await self._registers.employee(asked.asker, asked.id))

    async def put_employee(self, asked: Asked[EmployeePut]) -> Reply:
        """Create or replace one employee; an optional field left out is removed."""
        return saved(await self._registers.put_employee(asked.asker, asked.id, asked.given, asked.if_match))
