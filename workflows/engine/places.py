"""Places for work: an attempt takes one before it begins and gives it back. One set for all runs of a process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Protocol, TypeVar

from workflows.clock import Clock
from workflows.engine.limits import Claim, Load, Thresholds, adapt, admitted, room_ahead, strain, too_full
from workflows.errors import Failure
from workflows.planning.plan import PlannedStep
from workflows.runs.state import StepState

T = TypeVar("T")

STEPS, AGENTS = "steps", "agents"
SETTINGS = {STEPS: "execution.max_concurrent_steps", AGENTS: "resources.agent_pool_size"}

SOON = 1.0
"""Seconds until the second look: what is measured from look to look is known only then."""

SMOOTHING = 0.2
"""How much one commit counts in what they take on average."""


NONE: Mapping[str, int] = {}
ONE: Mapping[str, int] = {STEPS: 1}
ONE_WITH_AGENT: Mapping[str, int] = {STEPS: 1, AGENTS: 1}


class Probe(Protocol):
    """How busy the machine is now. Quick: it is asked on the event loop."""

    def look(self) -> Load: ...


def needs_of(planned: PlannedStep) -> Mapping[str, int]:
    """The places that a step's attempt takes. What holds others or waits for people takes none."""
    if planned.holds_steps or planned.people:
        return NONE
    return ONE_WITH_AGENT if planned.uses and any(use.what == "agent" for use in planned.uses) else ONE


class Places:
    """So many places for steps, and for agents among them. With a probe, fewer while the machine is busy.

    `queue_timeout` is how long an attempt waits at most (seconds); None for as long as it takes.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        steps: int = 256,
        agents: int = 20,
        probe: Probe | None = None,
        thresholds: Thresholds | None = None,
        interval: float = 5.0,
        queue_timeout: float | None = None,
    ) -> None:
        self.clock = clock
        self.limit = steps
        """How many steps may be at work at once now."""
        self.load = Load()
        """What the last look said."""
        self.strained = ""
        """Why less is done at once than could be; empty where nothing holds it back."""
        self.queue_timeout = queue_timeout
        self.busy: dict[str, int] = {STEPS: 0, AGENTS: 0}
        self._most = {STEPS: steps, AGENTS: agents}
        self._probe = probe
        self._thresholds = thresholds or Thresholds()
        self._interval = interval
        self._looks = 0
        self._next_look = 0.0
        self._commit = 0.0
        self._held: dict[str, int] = {}
        self._waiting: dict[Hashable, dict[asyncio.Future[None], Claim]] = {}
        """Those who wait, in groups of such as differ only in age, the oldest first."""
        self._looking: asyncio.Task[None] | None = None

    @property
    def queued(self) -> int:
        """How many attempts wait for a place."""
        return sum(map(len, self._waiting.values()))

    def too_full(self) -> str:
        """Why no run may begin: the disk. Empty where there is room."""
        self._look()
        return too_full(self.load, self._thresholds)

    def felt(self, commit: float) -> None:
        """A commit took so many seconds."""
        self._commit += SMOOTHING * (commit - self._commit)

    def take_at_once(self, claim: Claim) -> bool:
        """Take the places that are claimed where they are free and nobody waits. False where that is not so."""
        self._look()
        if self._waiting:
            return False
        for name, count in claim.needs.items():
            if self._free(name) < count:
                return False
        self._occupy(claim)
        return True

    async def take(
        self, claim: Claim, told: Callable[[str], None] = lambda why: None, *, again: bool = False
    ) -> Failure | None:
        """Wait for the places that are claimed. A failure where that outlasts `queue_timeout`.

        `told` hears why where it is not only that others are at work. What had a place before and comes back for it
        `again` waits as long as it takes.
        """
        if self.take_at_once(claim):
            return None
        if self.strained:
            told(self.strained)
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        group = (claim.party, claim.priority, *claim.needs, again)
        self._waiting.setdefault(group, {})[granted] = claim
        self._grant()
        self._keep_looking()
        try:
            await self._until(granted, None if again else self.queue_timeout)
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled():
                self.give(claim)
            raise
        finally:
            self._forget(group, granted)
        return None if granted.done() else self._refusal(claim)

    def give(self, claim: Claim) -> None:
        """Give back what was taken."""
        for name, count in claim.needs.items():
            self.busy[name] -= count
        self._held[claim.party] -= 1
        if not self._held[claim.party]:
            del self._held[claim.party]
        self._grant()

    async def _until(self, granted: asyncio.Future[None], timeout: float | None) -> None:
        if timeout is None:
            await granted
            return
        patience = asyncio.ensure_future(self.clock.sleep(timeout))
        try:
            await asyncio.wait({granted, patience}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            patience.cancel()

    def _refusal(self, claim: Claim) -> Failure:
        full = [name for name in claim.needs if self._free(name) <= 0] or list(claim.needs)
        why = self.strained or " and ".join(f"all {self._most[name]} places for {name} were taken" for name in full)
        raised = " or ".join(SETTINGS[name] for name in full)
        return Failure(
            "resource",
            f"No place was free within {self.queue_timeout:g} s (execution.queue_timeout): {why}.",
            f"Try again later, or raise {raised} or execution.queue_timeout in settings.yaml.",
        )

    def _free(self, name: str) -> int:
        return (self.limit if name == STEPS else self._most[name]) - self.busy[name]

    def _occupy(self, claim: Claim) -> None:
        for name, count in claim.needs.items():
            self.busy[name] += count
        self._held[claim.party] = self._held.get(claim.party, 0) + 1

    def _grant(self) -> None:
        if not self._waiting:
            return
        free = {name: self._free(name) for name in self.busy}
        if free[STEPS] <= 0:
            return
        # Of each group no more than there is room for: looking through all who wait would cost more with each of them.
        groups = [(key, islice(group.items(), free[STEPS])) for key, group in self._waiting.items()]
        first = [(key, *entry) for key, group in groups for entry in group if not entry[0].done()]
        for index in admitted([claim for _, _, claim in first], free, self._held):
            group, granted, claim = first[index]
            self._occupy(claim)
            self._forget(group, granted)
            granted.set_result(None)

    def _forget(self, group: Hashable, granted: asyncio.Future[None]) -> None:
        others = self._waiting.get(group, {})
        others.pop(granted, None)
        if not others:
            self._waiting.pop(group, None)

    def _look(self) -> None:
        """Look at the machine, where the last look is old."""
        now = self.clock.monotonic()
        if self._looks and now < self._next_look:
            return
        self._looks += 1
        self._next_look = now + (min(SOON, self._interval) if self._looks == 1 else self._interval)
        if self._probe is not None and self._thresholds.any:
            self.load = self._probe.look()
        self.strained = strain(self.load, self._thresholds, self._commit)
        self.limit = adapt(self.limit, self._most[STEPS], self.busy[STEPS], strained=bool(self.strained))

    def _keep_looking(self) -> None:
        """While anybody waits because the machine is busy, look again and again."""
        if self._looking is None and self.limit < self._most[STEPS]:
            self._looking = asyncio.create_task(self._look_again(), name="look at the machine")

    async def _look_again(self) -> None:
        try:
            while self._waiting and self.limit < self._most[STEPS]:
                await self.clock.sleep(max(0.0, self._next_look - self.clock.monotonic()))
                self._look()
                self._grant()
        finally:
            self._looking = None


class Work:
    """The places of one run. They bound what it begins too, so that a long list is not all in memory at once."""

    def __init__(self, places: Places, run_id: str, priority: int) -> None:
        self._places = places
        self._run_id = run_id
        self._priority = priority
        self._claims: dict[str, Claim] = {}
        """Of attempts that have no place yet."""
        self._inside: dict[str, Claim] = {}
        """Of those that have."""
        self._told: set[str] = set()

    def soon(self, found: Iterable[StepState]) -> Iterator[StepState]:
        """Those of the steps that may be begun now; the others may when more is done."""
        room = room_ahead(self._places.limit, len(self._claims) + len(self._inside))
        for step in found:
            if not needs_of(step.planned):
                yield step
            elif room > 0:
                room -= 1
                yield step

    def claim(self, step: StepState) -> None:
        """Claim a place for an attempt that is about to be made."""
        if needs := needs_of(step.planned):
            self._claims[step.id] = self._claim(needs)

    def _claim(self, needs: Mapping[str, int]) -> Claim:
        return Claim(needs, self._priority, self._places.clock.monotonic(), self._run_id)

    def take(self, step: StepState) -> bool:
        """Take a place for an attempt, where one is free now."""
        if needs := needs_of(step.planned):
            claim = self._claim(needs)
            if not self._places.take_at_once(claim):
                return False
            self._inside[step.id] = claim
        return True

    async def enter(self, step: str, told: Callable[[str], None]) -> Failure | None:
        """Wait for the place. `told` hears once why that takes long, where the machine is busy."""
        claim = self._claims.get(step)
        if claim is None:
            return None
        failure = None
        if not self._places.take_at_once(claim):
            failure = await self._places.take(claim, lambda why: self._tell(why, told))
        if failure is None:
            self._inside[step] = claim
            self._claims.pop(step, None)
        return failure

    def leave(self, step: str) -> None:
        """The attempt is over, or was never made."""
        claim = self._inside.pop(step, None)
        if claim is not None:
            self._places.give(claim)
        elif self._claims:
            self._claims.pop(step, None)

    def _tell(self, why: str, told: Callable[[str], None]) -> None:
        kind = why.partition(" is ")[0]
        if kind not in self._told:
            self._told.add(kind)
            told(f"waits for a place: {why}")

    async def away(self, step: str, waiting: Awaitable[T]) -> T:
        """Wait for a person or for time: others use the place meanwhile."""
        claim = self._inside.pop(step, None)
        if claim is None:
            return await waiting
        self._places.give(claim)
        result = await waiting
        self._claims[step] = claim
        await self._places.take(claim, again=True)
        self._inside[step] = claim
        del self._claims[step]
        return result
