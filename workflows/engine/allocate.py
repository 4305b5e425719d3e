"""Which of several equal performers takes a step, by a strategy. `choose` is pure; `Allocator` keeps the score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count

from workflows.journal.port import RunStore, StoreError, Try
from workflows.planning.plan import Allocation
from workflows.records import dataclass
from workflows.runs import events as e
from workflows.runs.state import RunState, StepState

LOOKED_AT = 50
"""Tries of a performer that are looked at to foresee the next."""


@dataclass(frozen=True)
class Standing:
    """How a performer stands: how many steps it has now, when it had its last turn, and how its tries went.

    `turn` orders what was given out by this process, 0 for nothing; `last` is seconds since the epoch, in all history.
    """

    name: str
    busy: int = 0
    turn: int = 0
    last: float = 0.0
    tries: int = 0
    failures: int = 0
    seconds: float = 0.0
    """All its successful tries together."""

    @property
    def expected(self) -> float:
        """Seconds until it would have succeeded, its other steps first; 0 of one that nothing is known of.

        A try that fails costs another one. One success and one failure are thought up: a few tries prove little.
        """
        good = self.tries - self.failures
        if not self.tries:
            return 0.0
        chance = (good + 1) / (self.tries + 2)
        return (self.seconds / good if good else 60.0) / chance * (self.busy + 1)

    def after(self, tried: Try) -> Standing:
        """The standing with one more try."""
        good = tried.seconds if tried.succeeded else 0.0
        return replace(
            self,
            last=max(self.last, tried.started),
            tries=self.tries + 1,
            failures=self.failures + (not tried.succeeded),
            seconds=self.seconds + good,
        )


def choose(strategy: Allocation, standings: Sequence[Standing]) -> tuple[int, str]:
    """The index of the performer that takes the step, and why. Of equals the first in the file."""
    order = range(len(standings))
    match strategy:
        case "priority":
            free = [index for index in order if not standings[index].busy]
            if free:
                return free[0], "priority: the first that is free"
            best = min(order, key=lambda index: standings[index].busy)
            return best, "priority: all are at work, and this one has the least to do"
        case "load_balanced":
            best = min(order, key=lambda index: standings[index].busy)
            return best, f"load balanced: it has {standings[best].busy} to do now"
        case "predictive":
            best = min(order, key=lambda index: standings[index].expected)
            known = standings[best]
            if not known.tries:
                return best, "predictive: nothing is known of it yet"
            good = known.tries - known.failures
            return best, f"predictive: about {known.expected:.1f} s, {good} of {known.tries} tries succeeded"
        case _:
            best = min(order, key=lambda index: (standings[index].turn, standings[index].last))
            return best, "round robin: its last turn is the longest ago"


class Allocator:
    """Gives steps to performers, for all runs of a process."""

    def __init__(self) -> None:
        self._known: dict[str, Standing] = {}
        self._turns = count(1)

    async def learn(self, store: RunStore, performers: Iterable[str]) -> None:
        """What the journal knows of performers, where that was not learnt yet."""
        for name in performers:
            if name in self._known:
                continue
            standing = Standing(name)
            try:
                for tried in await store.tries(name, LOOKED_AT):
                    standing = standing.after(tried)
            except StoreError:
                continue  # it is as if there were no history
            self._known.setdefault(name, standing)

    def standing(self, name: str) -> Standing:
        """How a performer stands now."""
        return self._known.get(name, Standing(name))

    def given(self, name: str) -> None:
        """It has one more step."""
        self._known[name] = replace(self.standing(name), busy=self.standing(name).busy + 1, turn=next(self._turns))

    def taken(self, name: str) -> None:
        """It has one step less."""
        self._known[name] = replace(self.standing(name), busy=max(0, self.standing(name).busy - 1))

    def heard(self, name: str, tried: Try) -> None:
        """How a try of it went."""
        if name in self._known:
            self._known[name] = self._known[name].after(tried)


class Share:
    """What one run gives to performers, and takes from them when it is done or gives up."""

    def __init__(self, allocator: Allocator, state: RunState) -> None:
        self._allocator = allocator
        self.given: dict[str, str] = {}
        """Who has which step of those that others could have had."""
        for step in state.steps.values():
            if step.chosen and not step.over:
                self._give(step.id, step.planned.performers[step.performer])

    async def learn(self, store: RunStore, state: RunState) -> None:
        """What the journal knows of those who may get steps of the run."""
        groups = [step.performers[: step.equals] for step in state.plan.every if step.equals > 1]
        await self._allocator.learn(store, dict.fromkeys(name for group in groups for name in group))

    def choose(self, step: StepState) -> tuple[str, str]:
        """Who takes the step, and why."""
        names = step.planned.performers[: step.planned.equals]
        index, why = choose(step.planned.allocate, [self._allocator.standing(name) for name in names])
        return names[index], why

    def heard(self, event: e.Event, state: RunState) -> None:
        """Keep the score by what happens in the run. Nothing follows where nothing was `given` and nobody is chosen."""
        for fact in e.facts_of(event):
            self._heard(fact, state)

    def _heard(self, event: e.Event, state: RunState) -> None:
        match event:
            case e.PerformerChosen(step=step, performer=performer):
                self._give(step, performer)
            case e.AttemptFinished(step=step, status=status, interrupted=False) if step in self.given:
                attempt = state.steps[step].attempts[-1]
                if status in ("succeeded", "failed", "timed_out") and attempt.ended is not None:
                    tried = Try(attempt.started, max(0.0, attempt.ended - attempt.started), status == "succeeded")
                    self._allocator.heard(attempt.performer, tried)
            case e.StepFinished(step=step) | e.StepSkipped(step=step) | e.FallbackTaken(step=step):
                self._take(step)

    def close(self) -> None:
        """Nobody works for this run any more."""
        for step in tuple(self.given):
            self._take(step)

    def _give(self, step: str, performer: str) -> None:
        self._take(step)
        self.given[step] = performer
        self._allocator.given(performer)

    def _take(self, step: str) -> None:
        if performer := self.given.pop(step, ""):
            self._allocator.taken(performer)
