"""Acts that the outside world remembers: each leaves a line in the ledger, beside the workspace.

A line says what was done, under which idempotency key, and whether the intent was durable at that very moment: the act
looks into the journal itself, as a stranger would.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from pathlib import Path
from typing import Any

from skills import Context, SkillError, skill


@skill(name="outside.look", effect="pure")
def look(context: Context, what: str, known: str = "") -> dict[str, Any]:
    """Look at something.

    Args:
        what: What is looked at.
        known: What is known already.
    """
    note(context.root.parent, context.key, what, "pure")
    return {"seen": what, "known": known}


@skill(name="outside.keep", effect="idempotent")
def keep(context: Context, what: str, flaky: bool = False) -> dict[str, Any]:
    """Keep something: doing it twice comes to the same.

    Args:
        what: What is kept.
        flaky: Whether the first try fails.
    """
    before = note(context.root.parent, context.key, what, "idempotent")
    if flaky and before == 0:
        raise SkillError("The other side is overloaded.", kind="transient")
    return {"kept": what}


@skill(name="outside.send", effect="unsafe")
def send(context: Context, what: str) -> dict[str, Any]:
    """Send something: doing it twice does harm.

    Args:
        what: What is sent.
    """
    note(context.root.parent, context.key, what, "unsafe")
    return {"sent": what}


@skill(name="outside.fail", effect="idempotent")
def fail(context: Context, what: str) -> None:
    """Do something that fails, and is known to have failed.

    Args:
        what: What fails.
    """
    note(context.root.parent, context.key, what, "idempotent")
    raise SkillError(f"{what} does not work.")


@skill(name="outside.happened", effect="pure")
def happened(context: Context, key: str) -> dict[str, Any]:
    """Find out whether something was done.

    Args:
        key: The idempotency key that it was done under.
    """
    ledger = context.root.parent / "ledger"
    lines = [json.loads(line) for line in ledger.read_text().splitlines()] if ledger.exists() else []
    found = [line["what"] for line in lines if line["key"] == key]
    return {"happened": bool(found), "output": {"sent": found[0]} if found else None}


def note(case: Path, key: str, what: str, effect: str) -> int:
    """Add a line to a case's ledger, and say how many there were of the same act."""
    strike(case, f"before {what}")
    ledger = case / "ledger"
    before = ledger.read_text().splitlines() if ledger.exists() else []
    line = {
        "what": what,
        "effect": effect,
        "key": key,
        "pid": os.getpid(),
        "intended": intended(case / "home" / "data" / "journal" / "journal.db", key),
    }
    descriptor = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(descriptor, (json.dumps(line) + "\n").encode())
    os.close(descriptor)
    strike(case, f"after {what}")
    return sum(json.loads(each)["what"] == what for each in before)


def strike(case: Path, moment: str) -> None:
    """Kill the process that has the run, if it is to be killed now."""
    struck = case / "struck"
    if struck.exists():
        pid, _, when = struck.read_text().partition(" ")
        if when == moment:
            struck.unlink()
            os.kill(int(pid), signal.SIGKILL)


def intended(journal: Path, key: str) -> bool:
    """Whether the journal holds the intent of a call with this key. Waits for nobody and writes nothing."""
    database = sqlite3.connect(f"{journal.as_uri()}?mode=ro", uri=True, timeout=60)
    try:
        query = "SELECT 1 FROM events WHERE type = 'CallStarted' AND json_extract(body, '$.idempotency_key') = ?"
        return database.execute(query, (key,)).fetchone() is not None
    finally:
        database.close()
