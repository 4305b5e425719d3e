"""SIGKILL at every submission to the journal, and at every act's start and end: nothing is lost, nothing done twice.

Each point is a real process that dies and a real process that resumes. See tests/support/crash_child.py.
"""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from workflows.journal.codec import decode
from workflows.runs import events as e
from workflows.runs.reduce import replay

ROOT = Path(__file__).parents[3]

LEAST = {"before-write": 14, "after-write": 14, "act-start": 14, "act-end": 14}
"""How many points there are at least; fewer would mean that the test has lost its teeth."""


def run_child(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.support.crash_child", str(folder), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def journal(folder: Path) -> tuple[str, list[e.Recorded]]:
    database = sqlite3.connect(folder / "journal" / "journal.db")
    try:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = database.execute("SELECT run, seq, at, type, version, body FROM events ORDER BY seq").fetchall()
    finally:
        database.close()
    events = [e.Recorded(seq, at, decode(kind, version, json.loads(body))) for _, seq, at, kind, version, body in rows]
    return (rows[0][0] if rows else ""), events


@pytest.mark.parametrize("kind", list(LEAST))
def test_killed_anywhere_the_run_is_resumed_to_its_end(kind: str, tmp_path: Path) -> None:
    point = 0
    while True:
        point += 1
        folder = tmp_path / str(point)
        folder.mkdir()
        died = run_child(folder, "start", f"{kind}:{point}")
        if died.returncode == 0:
            break  # the run has no such point any more: it went to its end
        assert died.returncode == -signal.SIGKILL, died.stderr
        examine(folder, f"{kind}:{point}")
    assert point - 1 >= LEAST[kind]


def finished(events: list[e.Recorded]) -> set[str]:
    """The idempotency keys of the calls that were finished."""
    latest: dict[tuple[str, str], str] = {}
    found: set[str] = set()
    for recorded in events:
        match recorded.event:
            case e.CallStarted() as call:
                latest[call.step, call.key] = call.idempotency_key
            case e.CallFinished() as call:
                found.add(latest[call.step, call.key])
    return found


def examine(folder: Path, point: str) -> None:
    run, before = journal(folder)
    if not run:
        # Killed before the run was durable: nobody was told of it, and nothing happened.
        assert lines(folder / "ledger") == lines(folder / "acknowledged") == [], point
        return
    acknowledged = lines(folder / "acknowledged")
    assert not acknowledged or acknowledged[-1]["seq"] <= before[-1].seq, f"{point}: an acknowledged fact is missing"
    acts_before = lines(folder / "ledger")

    resumed = run_child(folder, "resume")
    if before and isinstance(before[-1].event, e.RunFinished):
        assert "is over" in resumed.stderr
    else:
        assert (resumed.returncode, resumed.stdout.strip()) == (0, "succeeded"), f"{point}: {resumed.stderr}"

    _, events = journal(folder)
    state = replay(run, events)
    assert state.status == "succeeded", point
    acts = lines(folder / "ledger")
    intents = {r.event.idempotency_key for r in events if isinstance(r.event, e.CallStarted)}
    assert {act["key"] for act in acts} <= intents, f"{point}: an act without an intent"

    again = {act["key"] for act in acts[len(acts_before) :]}
    assert not finished(before) & again, f"{point}: a finished call was made again"

    for name in ("send", "gate", "last"):
        times = sum(act["step"] == name for act in acts)
        assert times == 1, f"{point}: the unsafe step {name} acted {times} times"
    keys: dict[tuple[str, str], set[str]] = {}
    for act in acts:
        keys.setdefault((act["step"], act["performer"]), set()).add(act["key"])
    for (name, _), own in keys.items():
        # Only a person who allows an unsafe call to be repeated gives it another key.
        assert name in ("send", "gate", "last") or len(own) == 1, f"{point}: {name} had several keys"

    cut_off = [
        r.event
        for r in before
        if isinstance(r.event, e.CallStarted)
        and r.event.effect == "unsafe"
        and not any(isinstance(later.event, e.CallFinished) and later.event.step == r.event.step for later in before)
    ]
    if cut_off:
        asked = [r.event for r in events if isinstance(r.event, e.Asked) and r.event.reason == "unknown"]
        assert {each.step for each in asked} == {call.step for call in cut_off}, f"{point}: nobody was asked"
