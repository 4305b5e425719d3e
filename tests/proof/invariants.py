"""What must hold of a run whose processes were killed, seen from outside: ledger, journal, and what was told.

The numbers (I1 and so on) are those of docs/proof.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.proof.case import Act, Case, Journal
from tests.proof.spawner import Ended
from workflows.runs import events as e
from workflows.runs.reduce import reduce, replay
from workflows.runs.state import RunState


@dataclass(frozen=True)
class Life:
    """One process that had the run: how it ended, and what the journal and the ledger held then."""

    ended: Ended
    journal: Journal
    acts: tuple[Act, ...]

    @classmethod
    def of(cls, case: Case, ended: Ended) -> Life:
        return cls(ended, case.journal(), tuple(case.acts()))

    def asked(self, reason: str) -> bool:
        """Whether the journal knows a question of this kind."""
        return any(isinstance(r.event, e.Asked) and r.event.reason == reason for r in self.journal.events)


@dataclass(frozen=True)
class Outcome:
    """What a run comes to: what every one that was killed is compared with."""

    outputs: object
    statuses: Mapping[str, str]
    files: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, case: Case, journal: Journal) -> Outcome:
        state = replay(journal.run, journal.events)
        project = case.paths.root
        files = {path.name: path.read_text() for path in sorted(project.iterdir()) if path.is_file()}
        # Whether something had to be verified depends on when the process was killed.
        statuses = {step.id: step.status for step in state.steps.values() if not step.id.endswith("~verify")}
        return cls(state.outputs, {"run": state.status, **statuses}, files)


def violations(case: Case, lives: Sequence[Life], clean: Outcome, *, trouble: bool = False) -> list[str]:
    """Everything that does not hold; empty where all does. With `trouble` steps may have failed meanwhile."""
    found: list[str] = []
    for number, life in enumerate(lives, 1):
        found += [f"life {number}: {each}" for each in _of_one(life)]
    for number, (before, after) in enumerate(pairwise(lives), 2):
        found += [f"life {number}: {each}" for each in _between(before, after)]
    found += _of_all(lives[-1], trouble)
    if lives[-1].journal.run and not found:
        outcome = Outcome.of(case, lives[-1].journal)
        if outcome != clean:
            found.append(f"it came to another end: {outcome}")
    return found


def _of_one(life: Life) -> Iterator[str]:
    journal, ended = life.journal, life.ended
    if journal.damage:
        yield f"I7: the journal is damaged: {journal.damage}"
    if "Traceback" in ended.errors or ended.code not in (0, 4, -9):
        yield f"it ended with {ended.code}: {ended.errors[-2000:]}"
    yield from _not_kept(life)
    intents = {r.event.idempotency_key for r in journal.events if isinstance(r.event, e.CallStarted)}
    for act in life.acts:
        if not act.intended:
            yield f"I3: {act.what} was done before its intent was durable"
        if act.key not in intents:
            yield f"I3: {act.what} was done and has no intent"


def _not_kept(life: Life) -> Iterator[str]:
    """I1: what was told and is not there."""
    events = life.journal.events
    answered = {r.event.entry for r in events if isinstance(r.event, e.Answered)}
    last = events[-1].seq if events else 0
    for line in life.ended.told:
        word, _, rest = line.partition(" ")
        kept = {
            "started": lambda rest: life.journal.run == rest,
            "committed": lambda rest: int(rest) <= last,
            "answered": lambda rest: rest in answered,
            "ended": lambda rest: isinstance(events[-1].event, e.RunFinished) and events[-1].event.status == rest,
            "found": lambda rest: rest in ("interrupted", "waiting", "succeeded", "failed"),
        }.get(word, lambda rest: True)(rest)
        if not kept:
            yield f"I1: it was told '{line}', and the journal (to event {last}) knows nothing of it"


def _between(before: Life, after: Life) -> Iterator[str]:
    known = before.journal.events
    if after.journal.events[: len(known)] != known:
        yield "I1: what was in the journal is not there any more"
        return
    new_acts = after.acts[len(before.acts) :]
    finished = _finished(before.journal)
    for act in new_acts:
        if act.key in finished:
            yield f"I2: {act.what} was finished, and was done again"
    if not known:
        return
    yield from _left_open(before.journal, after.journal)
    state = replay(before.journal.run, known)
    unsure, doubted = _unsafe(state, "started"), _unsafe(state, "started", "unknown")
    new = [r.event for r in after.journal.events[len(known) :]]
    asked = {event.step for event in new if isinstance(event, e.Asked) and event.reason == "unknown"}
    settled = {event.step for event in new if isinstance(event, e.CallSettled)}
    if (asked | settled) - doubted:
        yield f"I4: {sorted((asked | settled) - doubted)} was asked about, where nothing unsafe was open"
    if unsure - settled and new and after.ended.code == 0:
        yield f"I4: nobody and nothing settled {sorted(unsure - settled)}"


def _finished(journal: Journal) -> set[str]:
    """The idempotency keys of the calls whose result is known."""
    latest: dict[tuple[str, str], str] = {}
    found: set[str] = set()
    for recorded in e.facts_in(journal.events):
        match recorded.event:
            case e.CallStarted() as call:
                latest[call.step, call.key] = call.idempotency_key
            case e.CallFinished() as call:
                found.add(latest[call.step, call.key])
            case e.CallSettled(again=False) as call:
                found.add(latest[call.step, call.key])
    return found


def _left_open(before: Journal, after: Journal) -> Iterator[str]:
    """I6: what an earlier process had under way is closed before a later one begins anything."""
    state = replay(before.run, before.events)
    ours = {(step.id, call.key, call.n) for step in state.steps.values() for call in step.calls.values()}
    for recorded in after.events[len(before.events) :]:
        if any(isinstance(fact, e.CallStarted | e.AttemptStarted) for fact in e.facts_of(recorded.event)):
            break
        state = reduce(state, recorded)
    else:
        if len(after.events) == len(before.events):
            return
    for step in state.steps.values():
        if step.last and step.last.status == "started" and not step.over:
            yield f"I6: attempt {step.id}#{step.last.n} of a process that was killed is still open"
        for call in step.calls.values():
            if call.status == "started" and (step.id, call.key, call.n) in ours and not step.over:
                yield f"I6: call {step.id}/{call.key} of a process that was killed is still open"


def _unsafe(state: RunState, *statuses: str) -> set[str]:
    """The steps that have an unsafe call of such a status."""
    return {
        step.id
        for step in state.steps.values()
        if not step.over
        for call in step.calls.values()
        if call.effect == "unsafe" and call.status in statuses
    }


def _of_all(last: Life, trouble: bool) -> Iterator[str]:
    """What holds over all processes together, by the last journal and ledger."""
    per_key = Counter(act.key for act in last.acts if act.effect == "unsafe")
    for act in {act.key: act for act in last.acts}.values():
        if per_key[act.key] > 1:
            yield f"I4: {act.what} was done {per_key[act.key]} times on one authorisation"
    keys: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    allowed: Counter[tuple[str, str]] = Counter()
    taken_over: Counter[str] = Counter()
    done: set[str] = set()
    latest: dict[tuple[str, str], str] = {}
    for recorded in e.facts_in(last.journal.events):
        match recorded.event:
            case e.CallStarted() as call:
                keys[call.step, call.key].add(call.idempotency_key)
                latest[call.step, call.key] = call.idempotency_key
                if call.idempotency_key in done:
                    yield f"I2: {call.step}/{call.key} was finished, and was begun again"
            case e.CallFinished() as call:
                done.add(latest[call.step, call.key])
            case e.FallbackTaken() as taken:
                taken_over[taken.step] += 1
            case e.CallSettled(again=True) as call:
                allowed[call.step, call.key] += 1
            case e.Asked(reason="intervention") as asked if not trouble:
                yield f"{asked.step} failed: {asked.title}"
    for (step, key), own in keys.items():
        if len(own) > 1 + allowed[step, key] + taken_over[step]:
            yield f"I5: {step}/{key} had {len(own)} idempotency keys and {allowed[step, key]} authorised repeats"
    if last.ended.code != 0:
        yield f"it did not come to an end: {last.ended.told[-1:]} {last.ended.errors[-500:]}"
