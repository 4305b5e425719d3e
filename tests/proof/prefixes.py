"""Every prefix of a recorded journal is gone on with, whether or not what was under way at its end had happened."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.proof.case import Act, Case, Journal
from tests.proof.invariants import Life, Outcome, violations
from tests.proof.lanes import Lane
from tests.proof.spawner import Ended
from workflows.journal.sqlite.store import SqliteStore
from workflows.runs import events as e
from workflows.runs.reduce import replay
from workflows.runs.summary import summarise

WRITES = {"choose>publish": "", "write": "write~undo"}
"""The steps that write a file of the workspace, and those that take it back."""

TEXT = "Three sources say the same.\n"
"""What they write."""

GONE = Ended(-9, (), "", 0.0)


@dataclass(frozen=True)
class Recording:
    """A run that nobody disturbed: its journal, what it did outside, and what it came to."""

    journal: Journal
    acts: tuple[Act, ...]
    outcome: Outcome
    backups: Path


def record(lane: Lane) -> Recording:
    """Play the reference run. A recording is for the lane that made it: the journal has its paths."""
    case = lane.new_case()
    life = lane.live(case, "start")
    assert life.ended.code == 0, life.ended
    backups = lane.folder.with_name(f"{lane.folder.name}-backups")
    shutil.rmtree(backups, ignore_errors=True)
    shutil.copytree(case.paths.backups, backups)
    return Recording(life.journal, life.acts, Outcome.of(case, life.journal), backups)


def play(lane: Lane, recording: Recording, length: int, *, happened: bool) -> tuple[str, ...]:
    """What is violated where a process goes on after so many events.

    `happened`: what was under way then had been done, and only its result was lost.
    """
    case, journal = lane.new_case(), recording.journal
    prefix = journal.events[:length]
    asyncio.run(_write(case, journal.run, prefix))
    started = Counter(r.event.idempotency_key for r in prefix if isinstance(r.event, e.CallStarted))
    if not happened:
        state = replay(journal.run, prefix)
        calls = [call for step in state.steps.values() for call in step.calls.values()]
        started -= Counter(call.idempotency_key for call in calls if call.status == "started")
    acts: list[Act] = []
    for act in recording.acts:
        if started[act.key]:
            started[act.key] -= 1
            acts.append(act)
    case.ledger.write_text("".join(json.dumps({**asdict(act), "pid": 0}) + "\n" for act in acts))
    done = {r.event.step for r in e.facts_in(prefix) if isinstance(r.event, e.CallFinished)}
    if done & WRITES.keys() and not done.intersection(WRITES.values()):
        (case.paths.root / "NOTES.md").write_text(TEXT)
    shutil.copytree(recording.backups, case.paths.backups)
    before = Life(GONE, Journal(journal.run, prefix), tuple(acts))
    return tuple(violations(case, [before, lane.live(case, "resume")], recording.outcome))


async def _write(case: Case, run: str, events: Sequence[e.Recorded]) -> None:
    shutil.rmtree(case.paths.journal, ignore_errors=True)
    store = await SqliteStore.open(case.paths.journal)
    lease = await store.create(run, "a process that is gone", events, summarise(replay(run, events)))
    await store.release(lease)
    await store.close()
