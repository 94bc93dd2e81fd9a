"""How a command fails: in one line on standard error, with exit code 2."""

from __future__ import annotations

import click

EXIT_CODE = 2


class Failure(click.ClickException):
    """Why the command could not be carried out; several lines when there are several reasons."""

    exit_code = EXIT_CODE
