"""The house's rules, read from the code: who may import whom (DESIGN §1), what is pure, how long a file may be."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from signaling.protocol.export import MODULE

ROOT = Path(__file__).resolve().parents[1]
PURE = ("signaling.domain", "signaling.errors")
INNER = (*PURE, "signaling.ports")
# What each room may import besides itself. A longer name comes before what it begins with.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "signaling.domain": (),
    "signaling.errors": (),
    "signaling.ports": PURE,
    "signaling.protocol": PURE,
    "signaling.services": (*INNER, "signaling.protocol"),
    "signaling.settings": PURE,
    "signaling.system": INNER,
    "signaling.offline": INNER,
    "signaling.mail": INNER,
    "storage": INNER,
    "media": INNER,
    "signaling.transport": (*INNER, "signaling.protocol", "signaling.services", "signaling.settings"),
    # Fills a database by the same rules as everybody.
    "signaling.demo": (*INNER, "signaling.protocol", "signaling.services"),
}
# The composition root and the command line put the rooms together: they see everything, and nobody sees them.
SEE_EVERYTHING = ("signaling.app", "signaling.serving", "signaling.commands", "signaling.cli", "signaling.__main__")
# Libraries that one room keeps to itself, so that the others don't know how it is done.
KEPT_BY = {
    "aiosqlite": ("storage.database",),
    # The command line says so when the file can't be used.
    "sqlite3": ("storage", "signaling.commands"),
    "aiortc": ("media",),
    "aiosmtplib": ("signaling.mail",),
    "aiosmtpd": ("signaling.mail",),
    "socketio": ("signaling.transport",),
    "engineio": ("signaling.transport",),
    "aiohttp": ("signaling.transport", "signaling.app", "signaling.serving"),
}
IMPURE = {"asyncio", "io", "logging", "os", "pathlib", "random", "secrets", "socket", "sqlite3", "threading", "time"}
LONGEST = {".py": 300, ".js": 250}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for top in ("signaling", "storage", "media") for path in (ROOT / top).rglob("*.py")}


def imports(tree: ast.AST) -> Iterator[str]:
    """The full name of everything that is imported, anywhere in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where things come from"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_in(name: str, rooms: tuple[str, ...]) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def faults(module: str, source: str) -> list[str]:
    """The imports of a module that the house forbids."""
    names = list(imports(ast.parse(source)))
    kept = [name for name in names if (rooms := KEPT_BY.get(name.partition(".")[0])) and not is_in(module, rooms)]
    if is_in(module, SEE_EVERYTHING):
        return kept
    # The bare packages say only where they lie and which version they are.
    ours = [name for name in names if name.partition(".")[0] in {"signaling", "storage", "media"}]
    ours = [name for name in ours if name not in {"signaling", "signaling.__version__"}]
    room = next((room for room in MAY_IMPORT if is_in(module, (room,))), module)
    allowed = (room, *MAY_IMPORT.get(room, ()))
    strange = [name for name in names if room in PURE and is_impure(name)]
    return kept + strange + [name for name in ours if not is_in(name, allowed)]


def is_impure(name: str) -> bool:
    top = name.partition(".")[0]
    return top in IMPURE or not (top in sys.stdlib_module_names or top == "signaling")


@pytest.mark.parametrize("module", sorted(MODULES))
def test_nobody_imports_what_the_house_forbids(module: str) -> None:
    assert faults(module, MODULES[module].read_text()) == []


@pytest.mark.parametrize(
    ("module", "source", "forbidden"),
    [
        ("signaling.domain.visit", "from signaling.errors import Code", "signaling.errors.Code"),
        ("signaling.domain.visit", "import random", "random"),
        ("signaling.domain.visit", "import msgspec", "msgspec"),
        ("signaling.protocol.codec", "from signaling.ports import Clock", "signaling.ports.Clock"),
        ("signaling.services.calls", "def f():\n    from storage.database import x", "storage.database.x"),
        ("signaling.services.calls", "import signaling.transport.auth", "signaling.transport.auth"),
        ("signaling.services.calls", "from signaling import transport", "signaling.transport"),
        ("signaling.services.calls", "from signaling.settings import Settings", "signaling.settings.Settings"),
        ("signaling.services.calls", "from aiohttp import web", "aiohttp.web"),
        ("signaling.mail.smtp", "from signaling.transport import auth", "signaling.transport.auth"),
        ("signaling.transport.pages", "from storage import database", "storage.database"),
        ("signaling.transport.pages", "from media.ice import Ice", "media.ice.Ice"),
        ("signaling.transport.pages", "from signaling.app import make_app", "signaling.app.make_app"),
        ("storage.people", "from signaling.services import tokens", "signaling.services.tokens"),
        ("storage.people", "import aiosqlite", "aiosqlite"),
        ("media.ice", "from signaling.mail import smtp", "signaling.mail.smtp"),
        ("signaling.app", "import aiortc", "aiortc"),
        ("signaling.newcomer", "from signaling.domain import visit", "signaling.domain.visit"),
    ],
)
def test_a_forbidden_import_is_found(module: str, source: str, forbidden: str) -> None:
    assert faults(module, source) == [forbidden]


@pytest.mark.parametrize("module", [name for name in sorted(MODULES) if is_in(name, PURE)])
def test_the_pure_part_never_asks_the_time(module: str) -> None:
    assert asks_the_time(MODULES[module].read_text()) == []


def test_who_asks_the_time_is_found() -> None:
    assert asks_the_time("datetime.now(UTC)\ndate.today()\nx.utcnow()") == ["now", "today", "utcnow"]


def asks_the_time(source: str) -> list[str]:
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [f.attr for f in calls if isinstance(f, ast.Attribute) and f.attr in {"now", "today", "utcnow"}]


def only_declares(source: str) -> bool:
    """Whether no function in a file does anything: a list of types may be as long as there are types."""
    functions = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    lines = [line for function in functions for line in function.body]
    return all(isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) for line in lines)


def too_long(path: Path, source: str) -> bool:
    long = source.count("\n") > LONGEST[path.suffix]
    return long and not (path.suffix == ".py" and only_declares(source))


def written_files() -> Iterator[Path]:
    """Files of ours, but not what was generated or comes from others."""
    for top in ("signaling", "storage", "media", "static", "tests", "benchmarks", "deploy"):
        for path in (ROOT / top).rglob("*"):
            if path.suffix in LONGEST and "vendor" not in path.parts and path != ROOT / MODULE:
                yield path


def test_no_file_is_so_long_that_two_things_share_it() -> None:
    files = list(written_files())
    assert {path.suffix for path in files} == set(LONGEST)
    assert [str(path.relative_to(ROOT)) for path in files if too_long(path, path.read_text())] == []


def test_a_file_that_is_too_long_is_found() -> None:
    assert too_long(Path("a.js"), "f();\n" * 251)
    assert not too_long(Path("a.js"), "f();\n" * 250)
    assert too_long(Path("a.py"), "def f() -> int:\n    return 1\n" * 151)
    assert not too_long(Path("a.py"), 'def f() -> int:\n    """Some number."""\n    ...\n' * 151)
