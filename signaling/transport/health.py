"""Whether the server is alive and whether it can do its work, for supervisors and load balancers."""

from __future__ import annotations

from typing import Protocol

from aiohttp import web


class Readiness(Protocol):
    async def ready(self) -> None:
        """Raises Refused(UNAVAILABLE) if the storage can't make anything durable."""
        ...


def serve(app: web.Application, storage: Readiness) -> None:
    """Serve `/healthz` (alive) and `/readyz` (the database can write)."""

    async def healthz(request: web.Request) -> web.Response:  # noqa: ARG001
        return web.json_response({"status": "alive"})

    async def readyz(request: web.Request) -> web.Response:  # noqa: ARG001
        await storage.ready()
        return web.json_response({"status": "ready"})

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
