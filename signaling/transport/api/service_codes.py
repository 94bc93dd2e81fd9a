"""`/service-codes`: the agency's service codes, for its own systems and its office."""

from __future__ import annotations

from typing import Any

from signaling.errors import Code
from signaling.protocol.resources import ServiceCodeList, ServiceCodePut, ServiceCodeView
from signaling.services.registers import Registers
from signaling.transport.api.routes import STAFF_OR_KEY, Asked, Nothing, Reply, Route, saved


class ServiceCodes:
    """The handlers."""

    def __init__(self, registers: Registers) -> None:
        self._registers = registers

    def routes(self) -> tuple[Route[Any], ...]:
        """The rows of the table."""
        listed = (Code.FORBIDDEN,)
        read = (Code.FORBIDDEN, Code.NOT_FOUND)
        put = (Code.FORBIDDEN, Code.STALE)
        return (
            Route("GET", "/service-codes", STAFF_OR_KEY, Nothing, ServiceCodeList, self.list_service_codes, listed),
            Route("GET", "/service-codes/{id}", STAFF_OR_KEY, Nothing, ServiceCodeView, self.get_service_code, read),
            Route(
                "PUT",
                "/service-codes/{id}",
                STAFF_OR_KEY,
                ServiceCodePut,
                ServiceCodeView,
                self.put_service_code,
                put,
                creates=True,
            ),
        )

    async def list_service_codes(self, asked: Asked[Nothing]) -> Reply:
        """All service codes."""
        return Reply(ServiceCodeList(service_codes=await self._registers.service_codes(asked.asker)))

    async def get_service_code(self, asked: Asked[Nothing]) -> Reply:
        """One service code."""
        return saved(await self._registers.service_code(asked.asker, asked.id))

    async def put_service_code(self, asked: Asked[ServiceCodePut]) -> Reply:
        """Create or replace one service code."""
        return saved(await self._registers.put_service_code(asked.asker, asked.id, asked.given, asked.if_match))
