"""The vendored front-end library is what its README says it is."""

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).parent.parent / "static" / "js" / "vendor"
LIBRARY = VENDOR / "socket.io.esm.min.js"
OURS = {"README.md", "LICENSE.txt", "socket.io.esm.min.d.ts"}


def stated(row: str) -> str:
    """The value of one row of the README's table, without its backquotes."""
    found = re.search(rf"^\| {re.escape(row)} \| (.+) \|$", (VENDOR / "README.md").read_text("utf-8"), re.MULTILINE)
    assert found, f"{VENDOR / 'README.md'} has no row {row!r}"
    return found[1].strip("`")


def test_checksums_are_the_stated_ones() -> None:
    shipped = LIBRARY.read_bytes()
    assert hashlib.sha256(shipped).hexdigest() == stated("sha256 as shipped")
    published = shipped + b"//# sourceMappingURL=socket.io.esm.min.js.map\n"
    assert hashlib.sha256(published).hexdigest() == stated("sha256 as published")


def test_version_is_the_stated_one_and_not_below_the_floor() -> None:
    banner = re.match(rb"/\*!\s+\* Socket\.IO v(\d+)\.(\d+)\.(\d+)\n", LIBRARY.read_bytes())
    assert banner, "the library lost its banner"
    version = tuple(int(part) for part in banner.groups())
    assert ".".join(map(str, version)) == stated("version")
    assert (4, 8, 3) <= version < (5,)


def test_licence_lies_beside_it() -> None:
    licence = (VENDOR / "LICENSE.txt").read_text("utf-8")
    assert "Permission is hereby granted, free of charge" in licence
    assert f"socket.io-client {stated('version')}" in licence
    assert "Guillermo Rauch" in licence
    assert b"Released under the MIT License" in LIBRARY.read_bytes()


def test_it_refers_to_no_file_that_is_not_shipped() -> None:
    assert b"sourceMappingURL" not in LIBRARY.read_bytes()


def test_nothing_else_is_vendored() -> None:
    assert {path.name for path in VENDOR.iterdir()} == OURS | {LIBRARY.name}
