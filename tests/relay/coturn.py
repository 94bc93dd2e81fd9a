"""A real coturn on loopback, as `virtual-visits turn-config` would have it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from tests.e2e.postbox import wait_for

SCHEMA = Path("/usr/share/coturn/schema.sql")
MISSING = 'The relay tests need coturn: install it with "apt-get install coturn" as root.'


class Coturn:
    """coturn with a configuration of the command. Only where it keeps its files is the test's.

    And that loopback peers are not refused anyhow: what is refused is refused by the ranges of the configuration.
    """

    def __init__(self, folder: Path, configuration: str) -> None:
        self._log = folder / "coturn.log"
        self._file = folder / "turnserver.conf"
        self._file.write_text(
            f"{configuration}\nallow-loopback-peers\nlog-file=stdout\nrelay-threads=1\n"
            f"userdb={folder}/turndb\npidfile={folder}/turnserver.pid\n"
        )
        # A database that coturn has to make itself is locked for the second of two pages that come at once.
        (folder / "turndb").unlink(missing_ok=True)
        with closing(sqlite3.connect(folder / "turndb")) as database:
            database.executescript(SCHEMA.read_text())
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it serves. Fails in one sentence where there is no coturn."""
        program = shutil.which("turnserver")
        assert program is not None, MISSING
        with self._log.open("wb") as log:
            self._process = subprocess.Popen([program, "-c", str(self._file)], stdout=log, stderr=log)
        wait_for("coturn", self._ready)

    def _ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.said
        return "(admin thread)" in self.said

    @property
    def said(self) -> str:
        """Its log."""
        return self._log.read_text(errors="replace")

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=20)
