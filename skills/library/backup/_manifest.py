"""What a backup says of itself: the files in it with their digests, as JSON in its first entry."""

from __future__ import annotations

MANIFEST = "understudy-backup.json"

SQLITE = b"SQLite format 3\0"
"""What a database begins with (SQLite, "Database File Format", 1.3)."""
