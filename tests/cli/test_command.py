"""The command itself: help everywhere, errors in one line, exit codes."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from signaling import __version__
from signaling.cli import group, run

Command = Callable[..., "subprocess.CompletedProcess[str]"]
ROOT = Path(__file__).parents[2]


def every_command(command: click.Command = group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The words of every command and group."""
    inner = command.commands.items() if isinstance(command, click.Group) else ()
    return [path, *(words for name, child in inner for words in every_command(child, (*path, name)))]


def test_the_commands_are_those_of_the_interface() -> None:
    assert {" ".join(words) for words in every_command()} == {
        *("", "serve", "demo", "settings", "turn-config", "import"),
        *("employee", "employee add", "employee password", "api-key", "api-key create"),
        *("api-key list", "api-key revoke"),
    }


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_help_everywhere(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    assert run([*words, "--help"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith(f"Usage: virtual-visits {' '.join(words)}".rstrip())
    assert shown.err == ""
    assert run([*words, "-h"]) == 0
    assert capsys.readouterr().out == shown.out


def test_the_version_is_the_package_s(command: Command) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert __version__ == project["version"]
    assert command("--version").stdout == f"virtual-visits {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ("fly",),
        ("serve", "--confg", "x"),
        ("employee", "add"),
        ("employee", "add", "e1", "--name", "A", "--email", "a@b.example", "--role", "queen"),
        ("api-key", "create", "x", "--scope", "all"),
        ("import",),
        ("demo", "--port", "many"),
    ],
    ids=" ".join,
)
def test_errors_are_one_line_on_standard_error(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    assert run(words) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("virtual-visits: ")
    assert shown.err.count("\n") == 1


def test_an_error_of_the_real_command(command: Command) -> None:
    done = command("fly")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "virtual-visits: No such command 'fly'.\n")


def test_no_command_at_all_shows_the_help(command: Command) -> None:
    done = command()
    assert done.returncode == 2
    assert "Commands:" in done.stderr
