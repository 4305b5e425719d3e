"""The journal in an SQLite database that several processes share."""

from workflows.journal.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
