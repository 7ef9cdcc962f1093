"""A store in one SQLite file, read and written by several processes at once.

Write-ahead log with ``synchronous=FULL``: what is acknowledged survives a crash, and readers never wait for a writer.
"""

from registry.stores.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
