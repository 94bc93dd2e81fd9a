"""One transaction's view of everything that is stored: `ports.Unit` over one connection."""

from __future__ import annotations

import sqlite3

from storage.invites import Invites
from storage.outbox import Outbox
from storage.people import People
from storage.sessions import Sessions
from storage.visits import Visits

BEAT = "INSERT INTO readiness (id, beats) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET beats = readiness.beats + 1"


class SqliteUnit:
    """The five stores over one connection; which transaction they see is the database's to decide."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute
        self.people = People(connection)
        self.visits = Visits(connection)
        self.sessions = Sessions(connection)
        self.invites = Invites(connection)
        self.outbox = Outbox(connection)

    def beat(self) -> None:
        """Write the one small row that shows that the database can be written."""
        self._execute(BEAT)
