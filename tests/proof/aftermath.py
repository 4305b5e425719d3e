"""What must hold when a game is over: by the outside world, by the journal, and by what the players were told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.proof.ground import Deed, Ground, Told
from tests.support.databases import is_sound
from workflows.journal.port import Query, Summary
from workflows.journal.sqlite.store import SqliteStore
from workflows.runs import events as e
from workflows.runs.events import Recorded
from workflows.runs.reduce import replay
from workflows.runs.state import RunState
from workflows.runs.summary import summarise

FORGIVEN = 5.0
"""Seconds in which a run may still come to its own end after somebody asked to cancel it."""


@dataclass(frozen=True)
class Run:
    """One run as it was left."""

    summary: Summary
    journal: Sequence[Recorded]
    state: RunState


async def read(ground: Ground) -> list[Run]:
    """All runs of a game."""
    store = await SqliteStore.open(ground.paths.journal)
    try:
        found = []
        for summary in await store.runs(Query(limit=10_000)):
            journal = await store.read(summary.run_id)
            found.append(Run(summary, journal, replay(summary.run_id, journal)))
        return found
    finally:
        await store.close()


def violations(ground: Ground, runs: Sequence[Run], wanted: int) -> Iterator[str]:
    """What does not hold."""
    yield from ground.faults()
    deeds, told = ground.deeds(), ground.told()
    if len(runs) < wanted:
        yield f"there are {len(runs)} runs, not {wanted}"
    if lost := {each.run for each in told} - {run.state.run_id for run in runs}:
        yield f"of these runs something was told, and they are not there: {sorted(lost)}"
    if not is_sound(ground.paths.journal):
        yield "SQLite finds the journal damaged"
    if owned := [(run.summary.run_id, run.summary.owner) for run in runs if run.summary.owner]:
        yield f"these runs still have an owner: {owned}"
    for run in runs:
        name = run.state.run_id
        own = [deed for deed in deeds if deed.run == name]
        of_it = [each for each in told if each.run == name]
        for each in (*_ended(run), *_once(run, own), *_answers(run, of_it), *_cancels(run, of_it)):
            yield f"{name}: {each}"


def _ended(run: Run) -> Iterator[str]:
    state = run.state
    if not state.over:
        yield f"it has not come to an end: {state.status}"
    if run.summary != (listed := summarise(state)):
        yield f"it is listed as {run.summary}, and its journal comes to {listed}"
    if sum(isinstance(one.event, e.RunFinished) for one in run.journal) != 1:
        yield "it did not end once"


def _once(run: Run, deeds: Sequence[Deed]) -> Iterator[str]:
    """Each effect once, and none without its intent."""
    intents = {one.event.idempotency_key for one in run.journal if isinstance(one.event, e.CallStarted)}
    times = Counter(deed.step for deed in deeds if deed.effect == "unsafe")
    for step, count in times.items():
        if count > 1:
            yield f"{step} was done {count} times"
    for deed in deeds:
        if deed.key not in intents:
            yield f"{deed.step} was done without its intent"
    if len({deed.key for deed in deeds if deed.effect == "idempotent"}) > 1:
        yield "what may be repeated was repeated under another key"
    done = {deed.step for deed in deeds}
    for step in run.state.steps.values():
        acts = step.planned.kind in ("harm", "same") and not step.planned.holds_steps
        if acts and step.status == "succeeded" and step.id not in done:
            yield f"{step.id} is done, and nothing happened"
    if run.state.status == "succeeded" and "bye" not in done:
        yield "its `finally` was not done"


def _answers(run: Run, told: Sequence[Told]) -> Iterator[str]:
    """Every answer that was acknowledged counted, or what it was for was stopped before."""
    given = [one.event for one in run.journal if isinstance(one.event, e.Answered)]
    for entry, count in Counter(answer.entry for answer in given).items():
        if count > 1:
            yield f"{entry} was answered {count} times"
    by_entry = {answer.entry: answer for answer in given}
    for each in told:
        if each.what != "answered":
            continue
        answer, inquiry = by_entry.get(each.entry), run.state.inquiries[each.entry]
        if answer is None:
            stopped = run.state.steps[inquiry.asked.step].status in ("cancelled", "blocked")
            if not (stopped and run.state.status == "cancelled"):
                yield f"{each.by}'s answer to {each.entry} was acknowledged and lost"
        elif (answer.choice, answer.value, answer.by) != (each.choice, each.value, each.by):
            yield f"{each.entry}: {each.by} was told that it counts, and {answer.by}'s did"
    output = run.state.steps["which"].output
    answered = next((answer.value for answer in given if answer.entry.startswith("which:")), None)
    if run.state.status == "succeeded" and output != answered:
        yield f"it was answered {answered}, and went on with {output}"


def _cancels(run: Run, told: Sequence[Told]) -> Iterator[str]:
    asked = min((each.at for each in told if each.what == "cancelled"), default=None)
    if asked is not None and run.state.status != "cancelled" and run.journal[-1].at > asked + FORGIVEN:
        yield "it was to be cancelled, and was not"
