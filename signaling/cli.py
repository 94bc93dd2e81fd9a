"""The command `virtual-visits`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
from click.exceptions import NoArgsIsHelpError

from signaling import __version__
from signaling.commands.accounts import api_key, employee
from signaling.commands.failing import EXIT_CODE
from signaling.commands.importing import import_
from signaling.commands.serving import demo, serve_
from signaling.commands.settings import settings
from signaling.commands.turning import turn_config

INTERRUPTED = 130


@click.group("virtual-visits", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="virtual-visits", message="%(prog)s %(version)s")
def group() -> None:
    """Virtual visits of a home-care agency, on its own server.

    Commands that change something ask the running server, or write themselves while none is running.
    """


for command in (serve_, demo, settings, turn_config, employee, api_key, import_):
    group.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Carry out a command; its exit code. Errors are lines on standard error, without a usage text."""
    try:
        code = group.main(list(arguments), "virtual-visits", standalone_mode=False)
    except NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return EXIT_CODE
    except click.ClickException as error:
        for line in error.format_message().splitlines():
            click.echo(f"virtual-visits: {line}", err=True)
        return EXIT_CODE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def main() -> None:
    """The entry point of the installed command."""
    sys.exit(run(sys.argv[1:]))
