"""What the command line asks of a running server over its local socket, and the answers. Same machine, same version."""

from __future__ import annotations

from typing import Literal

from signaling.domain.visit import Language, Position
from signaling.protocol.messages import Message


class AddEmployee(Message):
    """Add an employee who can sign in at once."""

    id: str
    name: str
    email: str
    role: Position
    language: Language
    may_initiate_virtual_visits: bool
    password: str


class SetPassword(Message):
    """Give an employee a new password; they are signed out everywhere."""

    id: str
    password: str


class CreateApiKey(Message):
    """Make a key for one of the agency's own systems."""

    name: str
    scope: Literal["schedule", "admin"]


class ListApiKeys(Message):
    """List the keys that there are; never their secrets."""


class RevokeApiKey(Message):
    """Make a key worthless at once."""

    id: str


class TableFile(Message):
    """A file to import; `name` is only for what is reported."""

    name: str
    content: bytes


class ImportTables(Message):
    """Import files, all or nothing."""

    files: list[TableFile]


class Done(Message):
    """It is done and durable; `lines` is what the command prints."""

    lines: list[str]


Request = AddEmployee | SetPassword | CreateApiKey | ListApiKeys | RevokeApiKey | ImportTables
