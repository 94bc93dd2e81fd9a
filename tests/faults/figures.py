"""What the full form measured, as docs/reliability.md."""

from __future__ import annotations

import os
import platform
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"


@dataclass
class Figures:
    """The seed of a run and its rows: what was done, the bar, what was measured, what the control did."""

    seed: int
    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, what: str, bar: str, measured: str, control: str) -> None:
        row = (what, bar, measured, control)
        print(" | ".join(row))
        self.rows.append(row)

    def write(self) -> None:
        machine = (
            f"{os.cpu_count()} cores, {platform.system()} {platform.release()} ({platform.machine()}), "
            f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
        )
        lines = [
            "# Reliability",
            "",
            "Written by `make test-faults`; do not edit. `make test` runs a short form of the same tests.",
            "",
            f"- Date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            f"- Seed: {self.seed}",
            f"- Machine: {machine}",
            "",
            "| what | bar | measured | control, which must fail |",
            "|---|---|---|---|",
            *(f"| {' | '.join(row)} |" for row in sorted(self.rows)),
            "",
        ]
        DOCUMENT.write_text("\n".join(lines), "utf-8")
