"""What is wrong: each rule finds its causes in the facts. Pure.

A cause is there as long as the facts say so; what follows from that over time, `alerting` says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, TypeAlias

from app.monitoring.facts import Facts
from workflows.journal.pulse import UnderWay
from workflows.records import dataclass
from workflows.text import one_line

FEW_TRIES = 10
"""Tries of steps, of which a rate says something."""

FEW_RUNS = 5
"""Runs of a workflow, of which a rate or a usual duration says something."""

LEAST_GROWTH = 256 * 1024 * 1024
"""Bytes by which memory must grow before a percentage of it is looked at: programs come and go."""

LEAST_LOOKS = 12
"""Looks at the memory within a window, before growth is told from coming and going."""

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Cause:
    """What a rule found: about what (a workflow, a run, or empty for the machine), how much, and in words.

    `run` is where to look.
    """

    rule: str
    about: str
    value: float
    said: str
    run: str = ""


@dataclass(frozen=True)
class Limit:
    """What a rule is held against: its threshold, and the seconds of its window."""

    threshold: float
    window: float


Find: TypeAlias = Callable[[Facts, Limit], Iterator[Cause]]


def _failure(facts: Facts, limit: Limit) -> Iterator[Cause]:
    """A workflow's runs failed, and none has succeeded since."""
    for workflow, ended in facts.lately[limit.window].runs.items():
        at, run = ended.last_failed
        if ended.failed >= limit.threshold and at > ended.last_succeeded:
            times = "a run failed" if ended.failed == 1 else f"{ended.failed} runs failed"
            yield Cause("failure", workflow, ended.failed, f"{one_line(workflow, 60)}: {times}", run)


def _tries(facts: Facts, limit: Limit) -> Iterator[Cause]:
    for run in facts.under_way:
        if run.failed_tries >= limit.threshold:
            yield _of_run("tries", run, run.failed_tries, f"{run.failed_tries} tries failed")


def _failure_rate(facts: Facts, limit: Limit) -> Iterator[Cause]:
    """Of one run: the steps that failed among those that are over."""
    for run in facts.under_way:
        if run.failed and (rate := 100 * run.failed / run.done) > limit.threshold:
            yield _of_run("failure-rate", run, rate, f"{rate:.0f}% of the steps that are over failed")


def _error_rate(facts: Facts, limit: Limit) -> Iterator[Cause]:
    found = facts.lately[limit.window]
    if found.tries >= FEW_TRIES and (rate := 100 * found.failed_tries / found.tries) > limit.threshold:
        yield Cause("error-rate", "", rate, f"{rate:.0f}% of {found.tries} tries of steps failed")


def _degradation(facts: Facts, limit: Limit) -> Iterator[Cause]:
    found = facts.lately[limit.window]
    if found.first >= FEW_TRIES and (rate := 100 * found.at_once / found.first) < limit.threshold:
        yield Cause("degradation", "", rate, f"{rate:.0f}% of {found.first} steps succeeded at once")


def _success_rate(facts: Facts, limit: Limit) -> Iterator[Cause]:
    for workflow, ended in facts.lately[limit.window].runs.items():
        over = ended.succeeded + ended.failed
        if over >= FEW_RUNS and (rate := 100 * ended.succeeded / over) < limit.threshold:
            said = f"{one_line(workflow, 60)}: {rate:.0f}% of {over} runs succeeded"
            yield Cause("success-rate", workflow, rate, said, ended.last_failed[1])


def _duration(facts: Facts, limit: Limit) -> Iterator[Cause]:
    for run in _moving(facts):
        if (took := facts.now - run.started) > limit.threshold:
            yield _of_run("duration", run, took, f"it takes {took:.0f} s")


def _slow(facts: Facts, limit: Limit) -> Iterator[Cause]:
    """Against the workflow's own history: so many times as long as 95 of 100 of its runs at most took."""
    for run in _moving(facts):
        usual = facts.usual.get(run.workflow)
        if usual is None or usual.runs < FEW_RUNS:
            continue
        # Of what usually takes a moment, a second more is nothing to call anybody for.
        took, long = facts.now - run.started, max(usual.p95 * limit.threshold, usual.p95 + 1.0)
        if took > long:
            yield _of_run("slow", run, took, f"it takes {took:.0f} s; 95 of 100 took {usual.p95:.1f} s at most")


def _memory(facts: Facts, limit: Limit) -> Iterator[Cause]:
    if facts.memory and (used := facts.memory[-1][1] / MEGABYTE) > limit.threshold:
        yield Cause("memory", "", used, f"we and our tools use {used:.0f} MB of memory")


def _memory_growth(facts: Facts, limit: Limit) -> Iterator[Cause]:
    """The least of the newest quarter of the window is so many percent above the most of its oldest quarter."""
    used = [count for at, count in facts.memory if at >= facts.now - limit.window]
    if len(used) < LEAST_LOOKS:
        return
    quarter = len(used) // 4
    before, after = max(used[:quarter]), min(used[-quarter:])
    grown = 100 * (after - before) / max(before, 1)
    if after - before >= LEAST_GROWTH and grown > limit.threshold:
        said = f"memory of us and our tools grew by {grown:.0f}%, to {after / MEGABYTE:.0f} MB"
        yield Cause("memory-growth", "", grown, said)


def _exhausted(rule: str, part: Literal["cpu", "memory", "storage", "network"], what: str) -> Find:
    def find(facts: Facts, limit: Limit) -> Iterator[Cause]:
        used = getattr(facts.load, part)
        if used is not None and used > limit.threshold:
            yield Cause(rule, "", used, f"{what} {used:.0f}% used")

    return find


RULES: Mapping[str, Find] = {
    "failure": _failure,
    "tries": _tries,
    "failure-rate": _failure_rate,
    "error-rate": _error_rate,
    "degradation": _degradation,
    "success-rate": _success_rate,
    "duration": _duration,
    "slow": _slow,
    "memory": _memory,
    "memory-growth": _memory_growth,
    "cpu": _exhausted("cpu", "cpu", "the processors are"),
    "machine-memory": _exhausted("machine-memory", "memory", "the machine's memory is"),
    "storage": _exhausted("storage", "storage", "the journal's disk is"),
    "network": _exhausted("network", "network", "the network is"),
}
"""Every rule, by its name, in the order that they are listed in."""


def causes(facts: Facts, limits: Mapping[str, Limit]) -> list[Cause]:
    """What these rules find, each with what it is held against."""
    return [cause for name, limit in limits.items() for cause in RULES[name](facts, limit)]


def _moving(facts: Facts) -> Iterator[UnderWay]:
    """Runs that go on by themselves: how long people take says nothing about a workflow."""
    return (run for run in facts.under_way if run.status == "running")


def _of_run(rule: str, run: UnderWay, value: float, said: str) -> Cause:
    return Cause(rule, run.run_id, value, f"{one_line(run.workflow, 60)} ({run.run_id}): {said}", run.run_id)
