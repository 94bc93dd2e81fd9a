"""The HTTP side put together: gate, headers, interface, pages. The socket is added to the same app."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from signaling.ports import Clock
from signaling.services.api_keys import ApiKeys
from signaling.services.calls import Calls
from signaling.services.clocking import Clocking
from signaling.services.documenting import Documenting
from signaling.services.inviting import Inviting
from signaling.services.joining import Joining
from signaling.services.registers import Registers
from signaling.services.scheduling import Scheduling
from signaling.services.signing_in import SigningIn
from signaling.settings import Settings
from signaling.transport import health, middleware, security_headers
from signaling.transport.api import openapi, routes
from signaling.transport.api.agency import Agency
from signaling.transport.api.clients import Clients
from signaling.transport.api.clocking import ClockTimes
from signaling.transport.api.documentation import Documentations
from signaling.transport.api.employees import Employees
from signaling.transport.api.invites import Invites
from signaling.transport.api.links import Links
from signaling.transport.api.routes import Route
from signaling.transport.api.service_codes import ServiceCodes
from signaling.transport.api.sessions import Sessions
from signaling.transport.api.sign_in import SignIns
from signaling.transport.api.tickets import TicketOffice
from signaling.transport.api.visits import Visits
from signaling.transport.auth import Auth
from signaling.transport.demo_mail import DemoMailPages, DemoMails
from signaling.transport.origin import Origins
from signaling.transport.pages import Pages
from signaling.transport.static_files import ROOT, StaticFiles
from signaling.transport.tickets import Tickets


@dataclass(frozen=True, slots=True)
class Services:
    """What the site speaks to. `demo_mails` is there in the demo only."""

    clock: Clock
    storage: health.Readiness
    signing_in: SigningIn
    api_keys: ApiKeys
    registers: Registers
    scheduling: Scheduling
    inviting: Inviting
    clocking: Clocking
    joining: Joining
    calls: Calls
    documenting: Documenting
    tickets: Tickets
    demo_mails: DemoMails | None = None


def install(app: web.Application, settings: Settings, services: Services, static: Path = ROOT) -> Auth:
    """Put everything but the socket on `app`; gives what knows the cookies, for the socket.

    `static` is the folder of pages.
    """
    origins = Origins(settings)
    auth = Auth(settings, services.signing_in, services.api_keys, services.joining)
    files = StaticFiles(static)
    pages = Pages(settings, files, auth)
    app.middlewares.append(middleware.errors(pages.error_page))
    app.middlewares.append(middleware.gate(settings, origins))
    security_headers.install(app, settings)
    table = api_routes(settings, services, auth, origins)
    routes.mount(app, table, auth)
    openapi.serve(app, table, auth.cookies)
    health.serve(app, services.storage)
    files.serve(app)
    pages.serve(app)
    if services.demo_mails is not None:
        DemoMailPages(settings, services.demo_mails).serve(app)
    return auth


def api_routes(settings: Settings, services: Services, auth: Auth, origins: Origins) -> tuple[Route[Any], ...]:
    """The whole table of `/api/v1`."""
    clock, cookies = services.clock, auth.cookies
    return (
        *SignIns(services.signing_in, cookies, origins).routes(),
        *Agency(settings, clock).routes(),
        *ServiceCodes(services.registers).routes(),
        *Employees(services.registers).routes(),
        *Clients(services.registers).routes(),
        *Visits(services.scheduling).routes(),
        *Invites(services.inviting).routes(),
        *ClockTimes(services.clocking).routes(),
        *Sessions(services.calls).routes(),
        *Documentations(services.documenting).routes(),
        *TicketOffice(services.tickets, services.scheduling, cookies, clock).routes(),
        *Links(services.joining, cookies, origins, clock).routes(),
    )
