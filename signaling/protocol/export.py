"""Writes what is generated from the protocol: `python -m signaling.protocol.export [--check]`.

The tables of PROTOCOL.md between their markers, and `static/js/protocol.js`. With `--check` it writes nothing, names
each file that is not current on a line of its own, and exits with 1.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from signaling.protocol import javascript
from signaling.protocol.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = Path("signaling/protocol/PROTOCOL.md")
MODULE = Path("static/js/protocol.js")
_MARKED = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- /generated -->)", re.DOTALL)


def document(before: str) -> str:
    """PROTOCOL.md with fresh tables. Raises ValueError if a table has no place in it, or a place no table."""
    places = [found[2] for found in _MARKED.finditer(before)]
    if sorted(places) != sorted(TABLES):
        raise ValueError(f"{DOCUMENT} must have one place for each of: {', '.join(TABLES)}")
    return _MARKED.sub(lambda found: f"{found[1]}\n{TABLES[found[2]]()}\n\n{found[3]}", before)


def generated(root: Path) -> dict[Path, str]:
    """What each generated file should hold, by its path under `root`."""
    return {DOCUMENT: document((root / DOCUMENT).read_text("utf-8")), MODULE: javascript.module()}


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Write or check the files; the exit code."""
    if any(argument != "--check" for argument in arguments):
        print("usage: python -m signaling.protocol.export [--check]", file=sys.stderr)
        return 2
    stale = []
    for path, text in generated(root).items():
        file = root / path
        if file.exists() and file.read_text("utf-8") == text:
            continue
        stale.append(path)
        if "--check" not in arguments:
            file.write_text(text, "utf-8")
    if "--check" in arguments:
        for path in stale:
            print(f"{path} is not current: run `make protocol`")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
