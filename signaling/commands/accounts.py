"""`employee add`, `employee password`, and `api-key create`, `list` and `revoke`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import click

from signaling.commands.asking import ask
from signaling.commands.configured import config_option, settings_of
from signaling.commands.failing import Failure
from signaling.domain.visit import Language, Position
from signaling.protocol.administration import AddEmployee, CreateApiKey, ListApiKeys, RevokeApiKey, SetPassword
from signaling.services.api_keys import SCOPES

_password_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input instead of the terminal."
)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Failure("There is no terminal to ask for the password: use --password-stdin.")
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return answer


@click.group("employee")
def employee() -> None:
    """Accounts of employees.

    The rest of the register is written by the HTTP interface or by import.
    """


@employee.command("add")
@click.argument("id")
@click.option("--name", required=True, help="The full name; clients read its first word.")
@click.option("--email", required=True, help="The address to sign in with.")
@click.option(
    "--role", required=True, type=click.Choice([p.value for p in Position]), help="What they may do in the agency."
)
@click.option(
    "--language",
    type=click.Choice([language.value for language in Language]),
    help="The language of their pages.  [default: the agency's]",
)
@click.option("--may-initiate", is_flag=True, help="Allow to initiate a virtual visit.")
@_password_stdin
@config_option
def add(
    id: str,
    name: str,
    email: str,
    role: str,
    language: str | None,
    may_initiate: bool,
    password_stdin: bool,
    config: Path | None,
) -> None:
    """Add an employee who can sign in at once.

    ID is the agency's own id of the employee: letters, digits, dots, underscores and hyphens.
    """
    settings = settings_of(config)
    request = AddEmployee(
        id=id,
        name=name,
        email=email,
        role=Position(role),
        language=Language(language) if language else settings.agency_language,
        may_initiate_virtual_visits=may_initiate,
        password=_password(password_stdin),
    )
    click.echo("\n".join(ask(settings, request)))


@employee.command("password")
@click.argument("id")
@_password_stdin
@config_option
def password(id: str, password_stdin: bool, config: Path | None) -> None:
    """Give the employee ID a new password; they are signed out everywhere."""
    settings = settings_of(config)
    click.echo("\n".join(ask(settings, SetPassword(id=id, password=_password(password_stdin)))))


@click.group("api-key")
def api_key() -> None:
    """Keys by which the agency's own systems use the HTTP interface."""


@api_key.command("create")
@click.argument("name")
@click.option(
    "--scope",
    required=True,
    type=click.Choice(SCOPES),
    help="schedule: service codes, employees who are caregivers, clients and visits. admin: everything.",
)
@config_option
def create(name: str, scope: Literal["schedule", "admin"], config: Path | None) -> None:
    """Make a key and print it, once: only its digest is stored.

    NAME says which system it is for.
    """
    settings = settings_of(config)
    click.echo("\n".join(ask(settings, CreateApiKey(name=name, scope=scope))))


@api_key.command("list")
@config_option
def list_(config: Path | None) -> None:
    """List the keys: id, scope, the day it was made, name."""
    click.echo("\n".join(ask(settings_of(config), ListApiKeys())))


@api_key.command("revoke")
@click.argument("id")
@config_option
def revoke(id: str, config: Path | None) -> None:
    """Make the key ID worthless at once, because it has leaked or is no longer used."""
    click.echo("\n".join(ask(settings_of(config), RevokeApiKey(id=id))))
