"""Circuit breakers: whoever failed again and again is left alone for a while, then tried with one call at a time.

`enter` and `leave` are pure and hold all the rules; `Breakers` keeps one circuit for each name, such as
`host:api.example.org` or `model:openai/gpt-4o`. Nothing is kept beyond the process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Literal

from workflows.clock import Clock
from workflows.errors import CallFailed, Failure, OutcomeUnknown
from workflows.records import dataclass

State = Literal["closed", "open", "half_open"]

ILL = frozenset({"transient", "rate_limited", "timeout"})
"""Failures that say that the other side is ill."""

ANSWERED = frozenset({"business", "authentication", "agent"})
"""Failures that say that the other side is well: it answered, and said no. Of any other nobody knows."""

BUSY = 5.0
"""Seconds to wait where another call is just trying out whether the other side is well again."""


@dataclass(frozen=True)
class Limits:
    """After `failures` in a row a circuit opens for `seconds`; `successes` in a row of single calls close it again."""

    failures: int = 5
    seconds: float = 60.0
    successes: int = 3


@dataclass(frozen=True)
class Circuit:
    """`count` is failures in a row while closed, successes in a row while half-open. `until` is on the clock's
    monotonic scale. `era` rises with each change of state: a call that began in another era tells nothing about this.
    """

    state: State = "closed"
    count: int = 0
    until: float = 0.0
    probing: bool = False
    era: int = 0


@dataclass(frozen=True)
class Transition:
    """A circuit changed its state."""

    name: str
    before: State
    after: State
    why: str

    def __str__(self) -> str:
        """One sentence of the story."""
        words = f"circuit of {self.name}: {self.before} → {self.after}, because {self.why}"
        return words.replace("half_open", "half open")


Observer = Callable[[Transition], None]


def enter(circuit: Circuit, now: float) -> tuple[Circuit, float]:
    """The circuit once a call has asked, and the seconds that the call must wait: 0 where it may be made now."""
    if circuit.state == "closed":
        return circuit, 0.0
    if circuit.state == "open":
        if now < circuit.until:
            return circuit, circuit.until - now
        return Circuit("half_open", probing=True, era=circuit.era + 1), 0.0
    if circuit.probing:
        return circuit, BUSY
    return replace(circuit, probing=True), 0.0


def leave(circuit: Circuit, era: int, well: bool | None, limits: Limits, now: float) -> Circuit:
    """The circuit once a call that began in `era` has ended. `well` is None where the end says nothing."""
    if era != circuit.era:
        return circuit
    circuit = replace(circuit, probing=False)
    if well is None:
        return circuit
    if well and circuit.state == "closed":
        return replace(circuit, count=0)
    count = circuit.count + 1
    if well:
        return Circuit(era=era + 1) if count >= limits.successes else replace(circuit, count=count)
    if circuit.state == "closed" and count < limits.failures:
        return replace(circuit, count=count)
    return Circuit("open", until=now + limits.seconds, era=era + 1)


class Breakers:
    """The circuits of this process. `observer` hears of every change of state, when it happens."""

    def __init__(
        self,
        clock: Clock,
        observer: Observer | None = None,
        *,
        failures: int = Limits.failures,
        seconds: float = Limits.seconds,
        successes: int = Limits.successes,
    ) -> None:
        self._clock = clock
        self._observer = observer
        self._limits = Limits(failures, seconds, successes)
        self._circuits: dict[str, Circuit] = {}

    def state(self, name: str) -> State:
        """The state of this name's circuit. An open one stays open until a call asks."""
        return self._circuits.get(name, Circuit()).state

    @contextmanager
    def guard(self, name: str, observer: Observer | None = None) -> Iterator[None]:
        """Make the call of this block, unless its circuit is open. `observer` hears of changes that the call makes.

        Raises CallFailed (transient) without running the block, with the seconds until the next try may be made.
        """
        before = self._circuits.get(name, Circuit())
        circuit, wait = enter(before, self._clock.monotonic())
        if wait:
            raise _refused(name, wait, circuit)
        self._put(name, before, circuit, "its time is over; one call tries it", observer)
        well: bool | None = None
        why = "it answers again"
        try:
            yield
            well = True
        except (CallFailed, OutcomeUnknown) as error:
            well = False if error.failure.kind in ILL else True if error.failure.kind in ANSWERED else None
            why = error.failure.message
            raise
        finally:
            before = self._circuits.get(name, Circuit())
            after = leave(before, circuit.era, well, self._limits, self._clock.monotonic())
            self._put(name, before, after, why, observer)

    def _put(self, name: str, before: Circuit, after: Circuit, why: str, observer: Observer | None) -> None:
        self._circuits[name] = after
        if before.state == after.state:
            return
        for hear in (self._observer, observer):
            if hear is not None:
                hear(Transition(name, before.state, after.state, why))


def _refused(name: str, wait: float, circuit: Circuit) -> CallFailed:
    state = "another call is trying it" if circuit.state == "half_open" else f"next try in {wait:.0f} s"
    message = f"circuit open: {name} failed too often and is left alone ({state})"
    hint = f"Nothing was sent. Retry in {wait:.0f} s, or find out what is wrong with {name.partition(':')[2] or name}."
    return CallFailed(Failure("transient", message, hint, {"circuit": name}, retry_after=wait))
