"""The documents say what is: every setting, error code, message, route and make target, and commands that exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from aiohttp import web

from signaling import __version__
from signaling.app import make_app
from signaling.cli import group, run
from signaling.commands.settings import default_of
from signaling.errors import MEANINGS, Code
from signaling.protocol.csv_tables import read_tables
from signaling.settings import CONFIG_VARIABLE, TABLE, demo_settings

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    *("README.md", "CHANGELOG.md", "docs/SETTINGS.md", "docs/API.md", "deploy/turn.md"),
    "signaling/protocol/PROTOCOL.md",
]
# What a Debian machine, or the README's own steps, bring along.
SYSTEM = {"alias", "apt-get", "cd", "cp", "curl", "install", "openssl", "python3", "sqlite3", "systemctl", "useradd"}
HTTP_METHODS = {"GET", "PUT", "POST"}


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks(name: str, language: str) -> list[str]:
    """The code blocks of a document in one language, without their indentation."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```$", read(name), re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]


def commands() -> list[list[str]]:
    """Every command of the shell blocks, as words."""
    lines = [
        line
        for name in DOCUMENTS
        for block in blocks(name, "sh")
        for line in _logical_lines(block.replace("\\\n", " "))
    ]
    return [shlex.split(line, comments=True) for line in lines]


def _logical_lines(block: str) -> Iterator[str]:
    """Lines, joined where a quoted text goes over several."""
    pending = ""
    for line in block.splitlines():
        pending = f"{pending}\n{line}" if pending else line
        if pending.count("'") % 2 == 0:
            yield pending
            pending = ""
    assert not pending, f"an open quote in: {pending}"


def targets() -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+):.*## ", read("Makefile"), re.MULTILINE))


def parse(words: list[str]) -> None:
    """Parse a command line as `virtual-visits` would, without carrying it out. Raises click.ClickException."""
    command: click.Command = group
    context = click.Context(group, info_name="virtual-visits")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        _, found, words = command.resolve_command(context, words)
        assert found is not None
        command = found
        context = click.Context(command, parent=context)
    if "--help" not in words:
        command.make_context("virtual-visits", list(words))


def test_the_readme_has_what_a_newcomer_needs() -> None:
    text = read("README.md")
    assert ["make", "run"] in commands()
    assert ["make", "test"] in commands()
    assert len(re.findall(r"^\d+\. ", text, re.MULTILINE)) == 10
    assert set(re.findall(r"!\[[^\]]+\]\((\S+)\)", text)) == {
        f"docs/pictures/{name}.png" for name in ("schedule", "call", "client")
    }


@pytest.mark.parametrize("words", commands(), ids=lambda words: " ".join(words)[:60])
def test_every_command_exists(words: list[str]) -> None:
    program, *rest = words
    rest = rest[: rest.index(">")] if ">" in rest else rest
    for word in rest:
        if word.startswith(("deploy/", "docs/")) or word == "requirements.lock":
            assert (ROOT / word).is_file(), word
    if program == "make":
        assert {word for word in rest if "=" not in word} <= targets()
    elif program == "virtual-visits":
        parse(rest)
    elif program.startswith("/opt/virtual-visits/bin/"):
        name = program.removeprefix("/opt/virtual-visits/bin/")
        assert name in {"pip", "virtual-visits"}
        if name == "virtual-visits":
            parse(rest)
    else:
        assert program in SYSTEM


def test_the_check_of_commands_can_fail() -> None:
    for words in (["fly"], ["employee", "fly"], ["employee", "add", "e-1"], ["serve", "--fly"], ["import"]):
        with pytest.raises(click.ClickException):
            parse(words)


def test_every_command_that_there_is_is_shown() -> None:
    shown = {" ".join(words[1:3]) for words in commands() if words[0] == "virtual-visits"}
    for name, command in group.commands.items():
        for inner in command.commands if isinstance(command, click.Group) else ("",):
            wanted = f"{name} {inner}".strip()
            assert any(f"{text} ".startswith(f"{wanted} ") for text in shown), wanted


@pytest.mark.parametrize(
    "words", ["", "serve", "demo", "settings", "turn-config", "employee add", "employee password", "import"]
)
def test_the_commands_of_the_readme_explain_themselves(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words.split(), "--help"]) == 0
    assert "Usage: virtual-visits" in capsys.readouterr().out


def test_every_make_target_is_in_the_readme() -> None:
    text = read("README.md")
    assert targets()
    for target in targets():
        assert f"make {target}" in text, target


def test_the_table_of_settings_is_the_table_of_settings() -> None:
    wanted = [f"| `{s.place}` | `{s.variable}` | {default_of(s)} | {s.sentence} |" for s in TABLE]
    assert [line for line in read("docs/SETTINGS.md").splitlines() if line.startswith("| `")] == wanted
    assert CONFIG_VARIABLE in read("docs/SETTINGS.md")


def test_every_error_code_has_its_sentence_in_the_protocol() -> None:
    text = read("signaling/protocol/PROTOCOL.md")
    for code in Code:
        assert f"| `{code}` | {MEANINGS[code].status} | {MEANINGS[code].sentence}" in text, code


async def test_the_table_of_routes_is_that_of_the_server(tmp_path: Path) -> None:
    app = make_app(demo_settings(tmp_path, 8080))
    served = {
        (route.method, resource.canonical)
        for route in app.router.routes()
        if isinstance(resource := route.resource, web.Resource)
        and route.method in HTTP_METHODS
        and resource.canonical.startswith("/api/v1/")
    }
    shown = re.findall(r"^\| `(\w+)` \| `(\S+)` \|", read("docs/API.md"), re.MULTILINE)
    assert len(shown) == len(set(shown))
    assert set(shown) == served
    paths = {resource.canonical for resource in app.router.resources()}
    for path in ("/healthz", "/readyz", "/api/openapi.json"):
        assert path in paths
        assert f"`{path}`" in read("docs/API.md")


def test_the_files_of_the_import_are_good() -> None:
    files = blocks("docs/API.md", "csv")
    tables = read_tables([(f"{n}.csv", text.encode()) for n, text in enumerate(files)])
    assert list(tables.faults) == []
    assert len({row.register for row in tables.rows}) == 4


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_somewhere(name: str) -> None:
    folder = (ROOT / name).parent
    for target in re.findall(r"\]\(([^)\s]+)\)", read(name)):
        if "://" in target:
            continue
        path, _, heading = target.partition("#")
        file = folder / path if path else ROOT / name
        assert file.exists(), target
        if heading:
            headings = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", text).lower().replace(" ", "-") for text in headings}, target


def test_every_path_in_the_readme_exists() -> None:
    for path in re.findall(r"`((?:signaling|storage|media|static|tests|docs|deploy)/[\w./-]*)`", read("README.md")):
        assert (ROOT / path).exists(), path


def test_the_changelog_has_this_version() -> None:
    assert re.search(rf"^## {re.escape(__version__)}\b", read("CHANGELOG.md"), re.MULTILINE)
    assert f"virtual_visits-{__version__}-" in read("README.md")
