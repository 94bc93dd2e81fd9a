"""`--config`: every command that needs the settings takes them from the same places."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from signaling.commands.failing import Failure
from signaling.settings import CONFIG_VARIABLE, ConfigurationError, Settings, load

F = TypeVar("F", bound=Callable[..., Any])


def config_option(command: F) -> F:
    """Add `--config FILE`."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar=CONFIG_VARIABLE,
        show_envvar=True,
        metavar="FILE",
        help="The settings, in TOML. Environment variables go over it.",
    )(command)


def settings_of(config: Path | None) -> Settings:
    """The settings, or a Failure with all their mistakes."""
    try:
        return load(config, os.environ)
    except ConfigurationError as error:
        raise Failure("\n".join(error.mistakes)) from None
