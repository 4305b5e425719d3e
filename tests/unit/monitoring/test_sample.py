"""A sample adds up what is under way, and what it uses is measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from app.monitoring.facts import Use
from app.monitoring.processes import Processes
from app.monitoring.sample import sample_document, sampled
from app.monitoring.sampler import Sampler
from tests.support.journals import BEGAN, recorded, started, summary
from workflows.journal.memory import MemoryStore
from workflows.journal.pulse import AtWork, Lately, Pulse, UnderWay

RUNS = (
    UnderWay("r1", "build", "running", 90.0, done=2, failed=1, total=9, active=3),
    UnderWay("r2", "build", "pending", 95.0, total=4),
)


def test_it_adds_up() -> None:
    pulse = Pulse(RUNS, (AtWork("r1", "build", "a", "git.log", 99.0),))
    found = sampled(100.0, pulse, Lately({}, 8, 2, 8, 6), Use(5, None), 3, ())
    assert (found.elapsed, found.waiting, found.done, found.failed, found.queued, found.active) == (10, 4, 2, 1, 8, 3)
    assert (found.throughput, found.success, found.errors) == (8, 0.75, 0.25)
    written = json.loads(json.dumps(sample_document(found)))
    assert written["runs"][0]["steps"] == {"done": 2, "failed": 1, "queued": 4, "active": 3, "total": 9}
    assert written["at_work"] == [{"run": "r1", "step": "a", "performer": "git.log", "for_s": 1.0}]


def test_of_nothing_there_is_no_rate() -> None:
    found = sampled(100.0, Pulse(), Lately(), Use(5, 1.0), 0, ())
    assert (found.elapsed, found.success, found.errors, found.waiting) == (0, None, None, 0)


def test_what_we_started_counts_and_what_is_gone_does_not() -> None:
    processes = Processes()
    alone = processes.use()
    assert alone.cpu is None
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        both = processes.use([os.getpid(), child.pid])
        assert both.cpu is not None
        assert both.memory > 0
        assert child.pid in processes._seen
    finally:
        child.communicate(b"\n")
    processes.use([child.pid])
    assert child.pid not in processes._seen


async def test_a_sample_is_of_the_journal() -> None:
    store = MemoryStore()
    await store.create("r1", "pid 1", recorded(started()), summary("r1", steps_total=3))
    found = await Sampler(store).sample(BEGAN + 5)
    assert ([run.run_id for run in found.runs], found.queued, found.elapsed) == (["r1"], 3, 5.0)
    assert found.use.memory > 0
