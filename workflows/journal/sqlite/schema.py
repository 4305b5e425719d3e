"""The tables, as numbered steps. A step that was released is never edited; the next change is a new step."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TypeAlias

Step: TypeAlias = tuple[str, ...]

APPLICATION = 0x756E6472
"""PRAGMA application_id of a journal: the letters "undr"."""

OLDEST_SQLITE = (3, 25, 0)
"""The first SQLite with all that is used here (window functions)."""

_FIRST: Step = (
    """
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        run_id TEXT NOT NULL UNIQUE,
        workflow TEXT NOT NULL,
        title TEXT NOT NULL,
        status TEXT NOT NULL,
        started REAL NOT NULL,
        updated REAL NOT NULL,
        finished REAL,
        steps_done INTEGER NOT NULL,
        steps_total INTEGER NOT NULL,
        steps_failed INTEGER NOT NULL,
        tokens_in INTEGER NOT NULL,
        tokens_out INTEGER NOT NULL,
        cost_usd REAL,
        cost_known INTEGER NOT NULL,
        simulated INTEGER NOT NULL,
        root TEXT NOT NULL,
        owner TEXT NOT NULL,
        holder TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        last_seq INTEGER NOT NULL
    )
    """,
    "CREATE INDEX runs_by_start ON runs (started)",
    # Rows stay in order of arrival: with WITHOUT ROWID a commit of many runs would touch a page for each of them.
    """
    CREATE TABLE events (
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        seq INTEGER NOT NULL,
        at REAL NOT NULL,
        type TEXT NOT NULL,
        version INTEGER NOT NULL,
        body TEXT NOT NULL,
        blobs TEXT,
        PRIMARY KEY (run, seq)
    )
    """,
    """
    CREATE TRIGGER events_stay BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END
    """,
    """
    CREATE TRIGGER events_go_with_their_run BEFORE DELETE ON events
    WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run)
    BEGIN SELECT RAISE(ABORT, 'events are deleted only with their run'); END
    """,
    """
    CREATE TABLE attempts (
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        step TEXT NOT NULL,
        n INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        performer TEXT NOT NULL,
        digest TEXT NOT NULL,
        started REAL NOT NULL,
        finished REAL,
        status TEXT NOT NULL DEFAULT 'started',
        failure TEXT,
        interrupted INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (run, step, n, seq)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE usage (
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        seq INTEGER NOT NULL,
        at REAL NOT NULL,
        step TEXT NOT NULL,
        key TEXT NOT NULL,
        model TEXT NOT NULL,
        tokens_in INTEGER,
        tokens_out INTEGER,
        tokens_cached INTEGER,
        cost_usd REAL,
        simulated INTEGER NOT NULL,
        PRIMARY KEY (run, seq)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE inbox (
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        entry TEXT NOT NULL,
        place INTEGER NOT NULL,
        step TEXT NOT NULL,
        reason TEXT NOT NULL,
        title TEXT NOT NULL,
        asked REAL NOT NULL,
        choices TEXT NOT NULL,
        PRIMARY KEY (run, entry)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE answers (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        entry TEXT NOT NULL,
        choice TEXT NOT NULL,
        value TEXT NOT NULL,
        note TEXT NOT NULL,
        by TEXT NOT NULL,
        digest TEXT NOT NULL
    )
    """,
    "CREATE INDEX answers_by_entry ON answers (run, entry)",
    """
    CREATE TRIGGER answers_stay BEFORE UPDATE ON answers
    BEGIN SELECT RAISE(ABORT, 'answers are never changed'); END
    """,
    """
    CREATE TRIGGER answers_go_with_their_run BEFORE DELETE ON answers
    WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run)
    BEGIN SELECT RAISE(ABORT, 'answers are deleted only with their run'); END
    """,
    """
    CREATE TABLE drafts (
        id TEXT PRIMARY KEY,
        created REAL NOT NULL,
        title TEXT NOT NULL,
        text TEXT NOT NULL
    ) WITHOUT ROWID
    """,
)

_ACROSS_RUNS: Step = (
    # An entry is no more than the place of its event, and goes with it.
    """
    CREATE TABLE remembered (
        run INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        key TEXT NOT NULL,
        at REAL NOT NULL,
        PRIMARY KEY (run, seq),
        FOREIGN KEY (run, seq) REFERENCES events (run, seq) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    "CREATE INDEX remembered_by_key ON remembered (key, at)",
    "CREATE INDEX attempts_by_performer ON attempts (performer, started)",
)

_REQUESTS: Step = (
    """
    CREATE TABLE requests (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        what TEXT NOT NULL,
        why TEXT NOT NULL,
        by TEXT NOT NULL
    )
    """,
    "CREATE INDEX requests_by_run ON requests (run, id)",
    """
    CREATE TRIGGER requests_stay BEFORE UPDATE ON requests
    BEGIN SELECT RAISE(ABORT, 'requests are never changed'); END
    """,
    """
    CREATE TRIGGER requests_go_with_their_run BEFORE DELETE ON requests
    WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run)
    BEGIN SELECT RAISE(ABORT, 'requests are deleted only with their run'); END
    """,
)

_STANDING: Step = (
    # Which version of a workflow a run is of, and what asked for it.
    "ALTER TABLE runs ADD COLUMN version TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE runs ADD COLUMN cause TEXT NOT NULL DEFAULT ''",
    """
    CREATE TABLE versions (
        workflow TEXT NOT NULL,
        number INTEGER NOT NULL,
        digest TEXT NOT NULL,
        text TEXT NOT NULL,
        children TEXT NOT NULL,
        code TEXT NOT NULL,
        status TEXT NOT NULL,
        published REAL NOT NULL,
        "by" TEXT NOT NULL,
        note TEXT NOT NULL,
        root TEXT NOT NULL,
        path TEXT NOT NULL,
        PRIMARY KEY (workflow, number)
    )
    """,
    """
    CREATE TRIGGER versions_stay BEFORE UPDATE ON versions WHEN
        (NEW.workflow, NEW.number, NEW.digest, NEW.text, NEW.children, NEW.code)
        IS NOT (OLD.workflow, OLD.number, OLD.digest, OLD.text, OLD.children, OLD.code)
        OR (NEW.published, NEW."by", NEW.note, NEW.root, NEW.path)
        IS NOT (OLD.published, OLD."by", OLD.note, OLD.root, OLD.path)
    BEGIN SELECT RAISE(ABORT, 'versions are never changed'); END
    """,
    """
    CREATE TRIGGER versions_are_kept BEFORE DELETE ON versions
    BEGIN SELECT RAISE(ABORT, 'versions are never deleted'); END
    """,
    """
    CREATE TABLE schedules (
        id TEXT PRIMARY KEY,
        workflow TEXT NOT NULL,
        cron TEXT NOT NULL,
        every REAL NOT NULL,
        at REAL,
        timezone TEXT NOT NULL,
        parameters TEXT NOT NULL,
        missed TEXT NOT NULL,
        overlap TEXT NOT NULL,
        paused INTEGER NOT NULL,
        note TEXT NOT NULL,
        created REAL NOT NULL,
        since REAL NOT NULL,
        "by" TEXT NOT NULL,
        last REAL,
        count INTEGER NOT NULL,
        source TEXT NOT NULL,
        version INTEGER NOT NULL,
        priority INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE triggers (
        id TEXT PRIMARY KEY,
        workflow TEXT NOT NULL,
        kind TEXT NOT NULL,
        config TEXT NOT NULL,
        parameters TEXT NOT NULL,
        paused INTEGER NOT NULL,
        note TEXT NOT NULL,
        created REAL NOT NULL,
        "by" TEXT NOT NULL,
        last REAL,
        count INTEGER NOT NULL,
        version INTEGER NOT NULL,
        priority INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE starts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE,
        cause TEXT NOT NULL,
        workflow TEXT NOT NULL,
        version INTEGER NOT NULL,
        parameters TEXT NOT NULL,
        priority INTEGER NOT NULL,
        "by" TEXT NOT NULL,
        at REAL NOT NULL,
        due REAL NOT NULL,
        run_id TEXT NOT NULL UNIQUE,
        status TEXT NOT NULL,
        why TEXT NOT NULL,
        holder TEXT NOT NULL
    )
    """,
    "CREATE INDEX starts_in_line ON starts (priority DESC, id) WHERE status = 'queued'",
    "CREATE INDEX starts_by_cause ON starts (cause, id)",
    """
    CREATE TRIGGER starts_stay BEFORE UPDATE ON starts WHEN
        (NEW.key, NEW.run_id, NEW.cause, NEW.workflow, NEW.parameters)
        IS NOT (OLD.key, OLD.run_id, OLD.cause, OLD.workflow, OLD.parameters)
        OR OLD.status <> 'queued'
    BEGIN SELECT RAISE(ABORT, 'what became of a start is never changed'); END
    """,
    """
    CREATE TABLE users (
        name TEXT PRIMARY KEY,
        role TEXT NOT NULL,
        token_digest TEXT NOT NULL UNIQUE,
        created REAL NOT NULL,
        "by" TEXT NOT NULL,
        sees TEXT NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE alerts (
        id TEXT PRIMARY KEY,
        rule TEXT NOT NULL,
        about TEXT NOT NULL,
        since REAL NOT NULL,
        until REAL,
        value REAL NOT NULL,
        told REAL,
        text TEXT NOT NULL,
        facts TEXT NOT NULL
    ) WITHOUT ROWID
    """,
    "CREATE INDEX alerts_by_time ON alerts (since)",
    """
    CREATE TABLE memos (
        key TEXT PRIMARY KEY,
        at REAL NOT NULL,
        value TEXT NOT NULL
    ) WITHOUT ROWID
    """,
)

_WATCHED: Step = (
    # What ended lately, and what is not over: who watches asks for both every few seconds.
    "CREATE INDEX runs_by_end ON runs (finished)",
)

_BY_USER: Step = ('CREATE INDEX starts_by_user ON starts ("by", id)',)

STEPS: tuple[Step, ...] = (_FIRST, _ACROSS_RUNS, _REQUESTS, _STANDING, _WATCHED, _BY_USER)
"""STEPS[n] leads from schema n to schema n + 1. The number is kept in PRAGMA user_version."""


def version_of(connection: sqlite3.Connection) -> int:
    """The schema's number; 0 for an empty database."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, steps: Sequence[Step] = STEPS) -> None:
    """Take the steps that are missing, all or none. The caller holds the file lock. Raises sqlite3.Error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in steps[version_of(connection) :]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(steps)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
