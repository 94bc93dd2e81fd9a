"""`import FILE.csv …`."""

from __future__ import annotations

from pathlib import Path

import click

from signaling.commands.asking import ask
from signaling.commands.configured import config_option, settings_of
from signaling.commands.failing import Failure
from signaling.protocol.administration import ImportTables, TableFile


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE.csv ...", type=click.Path(path_type=Path))
@config_option
def import_(files: tuple[Path, ...], config: Path | None) -> None:
    """Import service codes, employees, clients and visits from CSV files.

    One file for each kind, known by its header row: id and the field names of the HTTP interface. Tasks of a visit are
    written id:title|id:title, truth as true or false. UTF-8; commas or semicolons.

    All rows of all files are checked first, also what they refer to. Every faulty one is reported with file, line,
    column and reason. Nothing is written unless all are good.
    """
    settings = settings_of(config)
    tables = []
    for file in files:
        try:
            tables.append(TableFile(name=str(file), content=file.read_bytes()))
        except OSError as error:
            raise Failure(f"{file} can't be read: {error.strerror}.") from None
    click.echo("\n".join(ask(settings, ImportTables(files=tables))))
