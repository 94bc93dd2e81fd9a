"""`settings`: what can be set."""

from __future__ import annotations

import json

import click

from signaling.settings import REQUIRED, TABLE, Setting


@click.command("settings")
def settings() -> None:
    """Print every setting with its default and what it means."""
    for setting in TABLE:
        click.echo(f"{setting.place}  ({setting.variable})")
        click.echo(f"    {setting.sentence}")
        click.echo(f"    A {setting.kind.name}{', secret' if setting.secret else ''}. {default_of(setting)}\n")


def default_of(setting: Setting) -> str:
    """The default as the file would spell it."""
    if setting.default is REQUIRED:
        return "It must be set."
    if setting.default is None:
        return "Not set by default."
    return f"Default: {json.dumps(setting.default)}"
