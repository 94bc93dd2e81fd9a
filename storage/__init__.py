"""The storage edge: SQLite with one writer and group commit (DESIGN §5)."""


class DatabaseUnusable(Exception):
    """The database can't be opened; the message is one sentence for the person at the command line."""


class DatabaseTooNew(DatabaseUnusable):
    """A newer version of the product has written this database."""


class DatabaseAltered(DatabaseUnusable):
    """The database was made by migrations that are not those of this version."""


class DatabaseInUse(DatabaseUnusable):
    """Another process holds the writer's lock."""
