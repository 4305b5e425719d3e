"""Circuit breakers: when they open, how they close again, and that they agree with a plain account of history."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.support.clocks import VirtualClock
from workflows.breaker import BUSY, Breakers, Circuit, Limits, Transition, enter, leave
from workflows.errors import CallFailed, Failure, OutcomeUnknown, fail

HOST = "host:api.example.org"
ILLS = ("transient", "rate_limited", "timeout")
OTHERS = ("business", "validation", "authentication", "denied", "dependency", "resource", "agent", "unknown")


class Told:
    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def __call__(self, transition: Transition) -> None:
        assert transition.name == HOST
        assert transition.why
        assert "half_open" not in str(transition)
        self.said.append((transition.before, transition.after))


def call(breakers: Breakers, kind: str = "") -> bool:
    """Make one call that ends so; whether it was made at all."""
    made = False
    try:
        with breakers.guard(HOST):
            made = True
            if kind:
                raise fail(kind, "said no")  # type: ignore[arg-type]  # any of the classes
    except CallFailed:
        pass
    return made


async def test_it_opens_after_five_failures_and_calls_nobody() -> None:
    clock, told = VirtualClock(), Told()
    breakers = Breakers(clock, told)
    assert [call(breakers, "transient") for _ in range(5)] == [True] * 5
    await clock.advance(18)
    with pytest.raises(CallFailed) as caught, breakers.guard(HOST):
        raise AssertionError("it must not be called")
    failure = caught.value.failure
    assert (failure.kind, failure.retry_after) == ("transient", 42.0)
    assert "circuit open: host:api.example.org" in failure.message
    assert told.said == [("closed", "open")]


async def test_it_closes_after_three_single_successes() -> None:
    clock, told = VirtualClock(), Told()
    breakers = Breakers(clock, told)
    for _ in range(5):
        call(breakers, "timeout")
    await clock.advance(60)
    assert [call(breakers) for _ in range(3)] == [True] * 3
    assert told.said == [("closed", "open"), ("open", "half_open"), ("half_open", "closed")]


async def test_one_failure_while_it_is_tried_opens_it_again() -> None:
    clock = VirtualClock()
    breakers = Breakers(clock)
    for _ in range(5):
        call(breakers, "transient")
    await clock.advance(60)
    assert call(breakers)
    assert call(breakers, "transient")
    assert not call(breakers)
    await clock.advance(59.9)
    assert not call(breakers)
    await clock.advance(0.2)
    assert call(breakers)


async def test_only_one_call_at_a_time_tries_it() -> None:
    clock = VirtualClock()
    breakers = Breakers(clock)
    for _ in range(5):
        call(breakers, "transient")
    await clock.advance(60)
    with breakers.guard(HOST):
        with pytest.raises(CallFailed) as caught, breakers.guard(HOST):
            raise AssertionError("it must not be called")
        assert caught.value.failure.retry_after == BUSY
    assert call(breakers)


@pytest.mark.parametrize("kind", OTHERS)
def test_what_does_not_say_that_the_other_side_is_ill_never_opens_it(kind: str) -> None:
    breakers = Breakers(VirtualClock())
    assert [call(breakers, kind) for _ in range(20)] == [True] * 20
    assert breakers.state(HOST) == "closed"


@pytest.mark.parametrize("kind", ILLS)
def test_each_ill_failure_counts(kind: str) -> None:
    breakers = Breakers(VirtualClock(), failures=1)
    call(breakers, kind)
    assert breakers.state(HOST) == "open"


def test_a_lost_connection_counts_although_its_outcome_is_unknown() -> None:
    breakers = Breakers(VirtualClock(), failures=1)
    with pytest.raises(OutcomeUnknown), breakers.guard(HOST):
        raise OutcomeUnknown(Failure("transient", "the connection was lost"))
    assert breakers.state(HOST) == "open"


async def test_a_try_that_is_cancelled_says_nothing_and_leaves_its_place() -> None:
    clock = VirtualClock()
    breakers = Breakers(clock, failures=1)
    call(breakers, "transient")
    await clock.advance(60)
    with pytest.raises(asyncio.CancelledError), breakers.guard(HOST):
        raise asyncio.CancelledError
    assert breakers.state(HOST) == "half_open"
    assert call(breakers)


async def test_a_call_from_before_says_nothing_about_now() -> None:
    clock = VirtualClock()
    breakers = Breakers(clock, failures=1)
    old = breakers.guard(HOST)
    old.__enter__()
    call(breakers, "transient")
    await clock.advance(60)
    assert call(breakers)  # half-open now, after one success
    error = fail("transient", "an old call ends")
    assert not old.__exit__(type(error), error, None)
    assert breakers.state(HOST) == "half_open"


def test_names_have_circuits_of_their_own() -> None:
    breakers = Breakers(VirtualClock(), failures=1)
    call(breakers, "transient")
    with breakers.guard("host:other.example.org"):
        pass


class Agreement(RuleBasedStateMachine):
    """Calls begin, end and overlap as they like; the circuit agrees with what the whole history says."""

    limits = Limits(failures=3, seconds=10.0, successes=2)

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.circuit = Circuit()
        self.under_way: list[tuple[int, int]] = []  # the circuit's era, and the place in history, at their beginning
        self.history: list[tuple[str, float, int]] = []  # what happened, when, and the beginning it belongs to

    @rule(seconds=st.sampled_from([0.0, 0.5, 4.0, 10.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def ask(self) -> None:
        self.circuit, wait = enter(self.circuit, self.now)
        allowed = self.account()[0] != "refuses"
        assert (wait == 0.0) == allowed
        if allowed:
            self.history.append(("began", self.now, len(self.history)))
            self.under_way.append((self.circuit.era, len(self.history) - 1))

    @precondition(lambda self: self.under_way)
    @rule(which=st.integers(0, 100), well=st.sampled_from([True, False, None]))
    def end(self, which: int, well: bool | None) -> None:
        era, began = self.under_way.pop(which % len(self.under_way))
        self.circuit = leave(self.circuit, era, well, self.limits, self.now)
        self.history.append(({True: "well", False: "ill", None: "nothing"}[well], self.now, began))

    def account(self) -> tuple[str, str]:
        """What the history comes to now: whether a call is refused, and the state. Told from the start each time."""
        since, state, opened = -1, "closed", 0.0
        for place, (what, when, began) in enumerate(self.history):
            if state == "open":
                if what == "began":
                    since, state = place, "half_open"  # only allowed once its time was over
                continue
            if began < since or what in ("began", "nothing"):
                continue
            ends = [w for w, _, b in self.history[max(since, 0) : place + 1] if b >= since and w in ("well", "ill")]
            streak = next((i for i, w in enumerate(reversed(ends)) if w != what), len(ends))
            if what == "ill" and (state == "half_open" or streak >= self.limits.failures):
                since, state, opened = place + 1, "open", when
            elif what == "well" and state == "half_open" and streak >= self.limits.successes:
                since, state = place + 1, "closed"
        if state == "open":
            return ("refuses" if self.now < opened + self.limits.seconds else "allows"), state
        if state == "half_open":
            begun = [i for i, (what, _, _) in enumerate(self.history) if what == "began" and i >= since]
            ended = {began for what, _, began in self.history if what != "began"}
            return ("refuses" if any(i not in ended for i in begun) else "allows"), state
        return "allows", state

    @invariant()
    def the_states_agree(self) -> None:
        assert self.circuit.state == self.account()[1]


Agreement.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAgreement = Agreement.TestCase
