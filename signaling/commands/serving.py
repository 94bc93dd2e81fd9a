"""`serve`: the server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from signaling import __version__
from signaling.commands.configured import config_option, settings_of
from signaling.commands.failing import Failure
from signaling.demo import greeting
from signaling.serving import CannotListen, serve, set_up_logging
from signaling.settings import Settings, demo_settings
from storage import DatabaseInUse, DatabaseUnusable
from storage.lock import writer_lock


@click.command("serve")
@config_option
def serve_(config: Path | None) -> None:
    """Run the server until it is told to stop.

    It refuses to start while the settings have mistakes, and names all of them.
    """
    settings = settings_of(config)
    set_up_logging()
    run(settings, [f"Virtual Visits {__version__} is ready at {settings.public_url}"])


def run(settings: Settings, greeting: list[str]) -> None:
    """Serve; print the greeting once the server can be reached. Raises Failure."""
    # The other commands do without the whole server.
    from signaling.app import make_app

    def announce() -> None:
        click.echo("\n".join(greeting))

    try:
        serve(settings, make_app(settings), announce)
    except (CannotListen, DatabaseUnusable) as error:
        raise Failure(str(error)) from None


@click.command("demo")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Where to listen.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/demo"),
    show_default=True,
    help="Where the demo keeps its database and the mails it has caught.",
)
def demo(port: int, folder: Path) -> None:
    """Run a demo agency on this machine, with its own mail server; nothing leaves the machine.

    A second start keeps the data and brings the schedule up to now.
    """
    settings = demo_settings(folder.absolute(), port)
    set_up_logging()
    try:
        asyncio.run(_require_free(settings))
    except DatabaseInUse:
        raise Failure(f"The demo in {folder} is running already.") from None
    except DatabaseUnusable as error:
        raise Failure(str(error)) from None
    run(settings, greeting(settings.public_url))


async def _require_free(settings: Settings) -> None:
    """A second server would wait for the first one; somebody who tries out a demo wants to be told."""
    async with writer_lock(settings.database, wait=0):
        pass
