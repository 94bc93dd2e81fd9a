"""`/clients`: the agency's clients, for its own systems and its office."""

from __future__ import annotations

from typing import Any

from signaling.errors import Code
from signaling.protocol.resources import ClientList, ClientPut, ClientView
from signaling.services.registers import Registers
from signaling.transport.api.routes import STAFF_OR_KEY, Asked, Nothing, Reply, Route, saved


class Clients:
    """The handlers."""

    def __init__(self, registers: Registers) -> None:
        self._registers = registers

    def routes(self) -> tuple[Route[Any], ...]:
        """The rows of the table."""
        listed = (Code.FORBIDDEN,)
        read = (Code.FORBIDDEN, Code.NOT_FOUND)
        put = (Code.FORBIDDEN, Code.STALE)
        return (
            Route("GET", "/clients", STAFF_OR_KEY, Nothing, ClientList, self.list_clients, listed),
            Route("GET", "/clients/{id}", STAFF_OR_KEY, Nothing, ClientView, self.get_client, read),
            Route("PUT", "/clients/{id}", STAFF_OR_KEY, ClientPut, ClientView, self.put_client, put, creates=True),
        )

    async def list_clients(self, asked: Asked[Nothing]) -> Reply:
        """All clients."""
        return Reply(ClientList(clients=await self._registers.clients(asked.asker)))

    async def get_client(self, asked: Asked[Nothing]) -> Reply:
        """One client."""
        return saved(await self._registers.client(asked.asker, asked.id))

    async def put_client(self, asked: Asked[ClientPut]) -> Reply:
        """Create or replace one client; an optional field left out is removed."""
        return saved(await self._registers.put_client(asked.asker, asked.id, asked.given, asked.if_match))
