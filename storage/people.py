"""Service codes, employees, clients, API keys and sign-ins: `ports.PeopleStore` in SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from signaling.domain.visit import Client, Employee, Language, Position, ServiceCode
from signaling.ports import ApiKey, DuplicateEmail, Kept, SignIn
from storage.columns import micros, moment

SERVICE_CODE = "SELECT rev, id, name, allows_virtual_care FROM service_codes WHERE id = ?"
SERVICE_CODES = "SELECT rev, id, name, allows_virtual_care FROM service_codes ORDER BY id"
PUT_SERVICE_CODE = """
    INSERT INTO service_codes (id, name, allows_virtual_care, rev) VALUES (?, ?, ?, 1)
    ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, allows_virtual_care = excluded.allows_virtual_care, rev = service_codes.rev + 1
    RETURNING rev"""

_EMPLOYEE = """
    SELECT rev, id, name, email, position, may_initiate_virtual_visits, language, shown_name, active
    FROM employees"""
EMPLOYEE = f"{_EMPLOYEE} WHERE id = ?"
EMPLOYEE_BY_EMAIL = f"{_EMPLOYEE} WHERE email_key = ?"
EMPLOYEES = f"{_EMPLOYEE} ORDER BY id"
EMAIL_TAKEN = "SELECT 1 FROM employees WHERE email_key = ? AND id <> ?"
PUT_EMPLOYEE = """
    INSERT INTO employees (
        id, name, email, email_key, position, may_initiate_virtual_visits, language, shown_name, active, rev)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
    ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, email = excluded.email, email_key = excluded.email_key, position = excluded.position,
        may_initiate_virtual_visits = excluded.may_initiate_virtual_visits, language = excluded.language,
        shown_name = excluded.shown_name, active = excluded.active, rev = employees.rev + 1
    RETURNING rev"""

PASSWORD_HASH = "SELECT hashed FROM passwords WHERE employee = ?"  # noqa: S105 -- a query, no password
SET_PASSWORD_HASH = """
    INSERT INTO passwords (employee, hashed) VALUES (?, ?)
    ON CONFLICT (employee) DO UPDATE SET hashed = excluded.hashed"""  # noqa: S105 -- a query, no password

CLIENT = "SELECT rev, id, name, email, phone, language FROM clients WHERE id = ?"
CLIENTS = "SELECT rev, id, name, email, phone, language FROM clients ORDER BY id"
PUT_CLIENT = """
    INSERT INTO clients (id, name, email, phone, language, rev) VALUES (?, ?, ?, ?, ?, 1)
    ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, email = excluded.email, phone = excluded.phone, language = excluded.language,
        rev = clients.rev + 1
    RETURNING rev"""

ADD_API_KEY = "INSERT INTO api_keys (digest, id, name, scope, created_at) VALUES (?, ?, ?, ?, ?)"
API_KEYS = "SELECT id, name, scope, created_at FROM api_keys ORDER BY created_at, id"
REMOVE_API_KEY = "DELETE FROM api_keys WHERE id = ?"
API_KEY = "SELECT id, name, scope, created_at FROM api_keys WHERE digest = ?"

ADD_SIGN_IN = "INSERT INTO sign_ins (digest, employee, created_at, seen_at) VALUES (?, ?, ?, ?)"
SIGN_IN = "SELECT employee, created_at, seen_at FROM sign_ins WHERE digest = ?"
TOUCH_SIGN_IN = "UPDATE sign_ins SET seen_at = ? WHERE digest = ?"
REMOVE_SIGN_IN = "DELETE FROM sign_ins WHERE digest = ?"
REMOVE_SIGN_INS_OF = "DELETE FROM sign_ins WHERE employee = ?"
FORGET_SIGN_INS = "DELETE FROM sign_ins WHERE seen_at < ?"


class People:
    """`ports.PeopleStore` over one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute

    def service_code(self, id: str) -> Kept[ServiceCode] | None:
        row = self._execute(SERVICE_CODE, (id,)).fetchone()
        return None if row is None else _service_code(row)

    def service_codes(self) -> Sequence[Kept[ServiceCode]]:
        return [_service_code(row) for row in self._execute(SERVICE_CODES)]

    def put_service_code(self, value: ServiceCode) -> int:
        row = self._execute(PUT_SERVICE_CODE, (value.id, value.name, value.allows_virtual_care)).fetchone()
        return int(row[0])

    def employee(self, id: str) -> Kept[Employee] | None:
        row = self._execute(EMPLOYEE, (id,)).fetchone()
        return None if row is None else _employee(row)

    def employee_by_email(self, email: str) -> Kept[Employee] | None:
        row = self._execute(EMPLOYEE_BY_EMAIL, (email.casefold(),)).fetchone()
        return None if row is None else _employee(row)

    def employees(self) -> Sequence[Kept[Employee]]:
        return [_employee(row) for row in self._execute(EMPLOYEES)]

    def put_employee(self, value: Employee) -> int:
        key = value.email.casefold()
        if self._execute(EMAIL_TAKEN, (key, value.id)).fetchone() is not None:
            raise DuplicateEmail(value.id)
        columns = (
            value.id,
            value.name,
            value.email,
            key,
            value.position.value,
            value.may_initiate_virtual_visits,
            value.language.value,
            value.shown_name,
            value.active,
        )
        return int(self._execute(PUT_EMPLOYEE, columns).fetchone()[0])

    def password_hash(self, employee: str) -> str | None:
        row = self._execute(PASSWORD_HASH, (employee,)).fetchone()
        return None if row is None else str(row[0])

    def set_password_hash(self, employee: str, hashed: str) -> None:
        self._execute(SET_PASSWORD_HASH, (employee, hashed))

    def client(self, id: str) -> Kept[Client] | None:
        row = self._execute(CLIENT, (id,)).fetchone()
        return None if row is None else _client(row)

    def clients(self) -> Sequence[Kept[Client]]:
        return [_client(row) for row in self._execute(CLIENTS)]

    def put_client(self, value: Client) -> int:
        columns = (value.id, value.name, value.email, value.phone, value.language.value)
        return int(self._execute(PUT_CLIENT, columns).fetchone()[0])

    def add_api_key(self, key: ApiKey, digest: bytes) -> None:
        self._execute(ADD_API_KEY, (digest, key.id, key.name, key.scope, micros(key.created_at)))

    def api_key(self, digest: bytes) -> ApiKey | None:
        row = self._execute(API_KEY, (digest,)).fetchone()
        return None if row is None else ApiKey(row[0], row[1], row[2], moment(row[3]))

    def api_keys(self) -> Sequence[ApiKey]:
        return [ApiKey(row[0], row[1], row[2], moment(row[3])) for row in self._execute(API_KEYS)]

    def remove_api_key(self, id: str) -> bool:
        return self._execute(REMOVE_API_KEY, (id,)).rowcount == 1

    def add_sign_in(self, digest: bytes, sign_in: SignIn) -> None:
        columns = (digest, sign_in.employee, micros(sign_in.created_at), micros(sign_in.seen_at))
        self._execute(ADD_SIGN_IN, columns)

    def sign_in(self, digest: bytes) -> SignIn | None:
        row = self._execute(SIGN_IN, (digest,)).fetchone()
        return None if row is None else SignIn(row[0], moment(row[1]), moment(row[2]))

    def touch_sign_in(self, digest: bytes, seen_at: datetime) -> None:
        self._execute(TOUCH_SIGN_IN, (micros(seen_at), digest))

    def remove_sign_in(self, digest: bytes) -> None:
        self._execute(REMOVE_SIGN_IN, (digest,))

    def remove_sign_ins_of(self, employee: str) -> None:
        self._execute(REMOVE_SIGN_INS_OF, (employee,))

    def forget_sign_ins(self, before: datetime) -> None:
        self._execute(FORGET_SIGN_INS, (micros(before),))


def _service_code(row: tuple[Any, ...]) -> Kept[ServiceCode]:
    rev, key, name, allows_virtual_care = row
    return Kept(rev, ServiceCode(key, name, bool(allows_virtual_care)))


def _employee(row: tuple[Any, ...]) -> Kept[Employee]:
    rev, key, name, email, position, may_initiate, language, shown_name, active = row
    employee = Employee(
        key, name, email, Position(position), bool(may_initiate), Language(language), shown_name, bool(active)
    )
    return Kept(rev, employee)


def _client(row: tuple[Any, ...]) -> Kept[Client]:
    rev, key, name, email, phone, language = row
    return Kept(rev, Client(key, name, email, phone, Language(language)))
