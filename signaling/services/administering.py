"""What the machine's own administrator does from the command line: first accounts, passwords, API keys, imports."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from signaling.domain.access import Register
from signaling.errors import Code, Refused
from signaling.ports import ApiKey, CallWatch, Clock, Database, MailQueue, Notifier, Unit
from signaling.protocol.administration import (
    AddEmployee,
    CreateApiKey,
    Done,
    ImportTables,
    ListApiKeys,
    Request,
    RevokeApiKey,
    SetPassword,
)
from signaling.protocol.csv_tables import read_tables
from signaling.protocol.resources import EmployeePut
from signaling.services.api_keys import ApiKeys
from signaling.services.asker import Asker
from signaling.services.hashing import Hashing
from signaling.services.importing import Faulty, Imported, import_tables
from signaling.services.passwords import check_password
from signaling.services.registers import apply_employee, checked
from signaling.services.signing_in import SigningIn

# Whoever can run the command can read the database: no credential is asked for, and the log names the command line.
COMMAND_LINE: Final = Asker(key=ApiKey("command-line", "command line", "admin", datetime.fromtimestamp(0, UTC)))
_WORDS = {
    Register.SERVICE_CODES: "service codes",
    Register.EMPLOYEES: "employees",
    Register.CLIENTS: "clients",
    Register.VISITS: "visits",
}


@dataclass(frozen=True)
class Administering:
    """Carries out the requests of the command line."""

    db: Database
    clock: Clock
    hashing: Hashing
    signing_in: SigningIn
    api_keys: ApiKeys
    notifier: Notifier
    calls: CallWatch
    mail_queue: MailQueue

    async def carry_out(self, request: Request) -> Done:
        """Do it. Raises Refused; `faults` holds the lines of a refused import."""
        match request:
            case AddEmployee():
                return await self._add_employee(request)
            case SetPassword():
                return await self._set_password(request)
            case CreateApiKey():
                return await self._create_api_key(request)
            case ListApiKeys():
                return Done(lines=[_line(key) for key in await self.api_keys.all()] or ["There are no keys."])
            case RevokeApiKey():
                return await self._revoke_api_key(request)
            case ImportTables():
                return await self._import(request)

    async def _add_employee(self, request: AddEmployee) -> Done:
        known = (request.id, request.name, request.email, request.email.partition("@")[0])
        password = checked("password", lambda text: check_password(text, *known), request.password)
        hashed = await self.hashing.hash(password)
        body = EmployeePut(
            name=request.name,
            email=request.email,
            role=request.role,
            may_initiate_virtual_visits=request.may_initiate_virtual_visits,
            language=request.language,
            active=True,
        )

        def work(unit: Unit) -> None:
            if unit.people.employee(request.id) is not None:
                raise Refused(Code.CONFLICT, "There is an employee with this id already.", field="id")
            apply_employee(unit, COMMAND_LINE, request.id, body)
            unit.people.set_password_hash(request.id, hashed)

        await self.db.write(work)
        return Done(lines=[f"Added {request.role.value} {request.id}, who can sign in now."])

    async def _set_password(self, request: SetPassword) -> Done:
        await self.signing_in.set_password(request.id, request.password)
        return Done(lines=[f"{request.id} has a new password and is signed out everywhere."])

    async def _create_api_key(self, request: CreateApiKey) -> Done:
        _, secret = await self.api_keys.create(request.name, request.scope)
        return Done(lines=[secret])

    async def _revoke_api_key(self, request: RevokeApiKey) -> Done:
        await self.api_keys.revoke(request.id)
        return Done(lines=[f"The key {request.id} is revoked."])

    async def _import(self, request: ImportTables) -> Done:
        files = [(file.name, file.content) for file in request.files]
        tables = await asyncio.to_thread(read_tables, files)
        now = self.clock.now()
        try:
            done = await self.db.write(lambda unit: import_tables(unit, COMMAND_LINE, tables, now, self.calls))
        except Faulty as faulty:
            faults = [str(fault) for fault in faulty.faults]
            raise Refused(Code.VALIDATION_FAILED, "Nothing was imported.", faults=faults) from None
        self.notifier.publish(done.facts)
        self.mail_queue.wake()
        return Done(lines=_summary(done))


def _line(key: ApiKey) -> str:
    return f"{key.id}  {key.scope:<8}  {key.created_at:%Y-%m-%d}  {key.name}"


def _summary(done: Imported) -> list[str]:
    lines = []
    for register, word in _WORDS.items():
        parts: list[tuple[str, Counter[Register]]] = [
            ("new", done.new),
            ("changed", done.changed),
            ("as before", done.same),
        ]
        counts = [f"{counter[register]} {what}" for what, counter in parts if counter[register]]
        if counts:
            lines.append(f"{word}: {', '.join(counts)}")
    return lines or ["The files have no rows."]
