"""How many tokens an agent may use in one step: before a turn, after one, over crashes, and where nobody counts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from agents.models.port import Reply, Request, ToolCall
from agents.models.registry import Models
from tests.support.troupe import Troupe
from workflows.effects import Usage
from workflows.errors import CallFailed, Failure
from workflows.planning.plan import RetryPolicy
from workflows.runs import events as e
from workflows.runs.state import RunState

LOOK = (ToolCall("1", "file_read", {"path": "facts.txt"}),)


@dataclass
class Counted:
    """A model that gives these replies, or raises these failures, and remembers what it was asked."""

    turns: list[Reply | CallFailed]
    requests: list[Request] = field(default_factory=list)

    async def complete(self, request: Request, on_text: Callable[[str], None]) -> Reply:
        self.requests.append(request)
        said = self.turns[min(len(self.requests), len(self.turns)) - 1]
        if isinstance(said, CallFailed):
            raise said
        return said


def used(tokens_in: int | None, tokens_out: int | None) -> Usage:
    return Usage("real/one", tokens_in, tokens_out, cost_usd=0.1)


def look(tokens_in: int | None = 300, tokens_out: int | None = 20) -> Reply:
    return Reply("", used(tokens_in, tokens_out), LOOK)


@pytest.fixture
async def troupe(tmp_path: Path) -> AsyncIterator[Troupe]:
    troupe = Troupe(tmp_path / "work", models=Models({"real/": Counted([])}))
    (troupe.root / "facts.txt").write_text("Water boils at 100 °C.\n")
    yield troupe
    await troupe.close()


def played(troupe: Troupe, *turns: Reply | CallFailed) -> Counted:
    model = Counted(list(turns))
    troupe.models.entries["real/"] = model  # type: ignore[index]  # the test's own mapping
    return model


def why(state: RunState) -> str:
    failure = state.steps["ask"].failure
    assert failure is not None
    assert (state.status, failure.kind) == ("failed", "agent")
    assert failure.hint == "Raise `max_total_tokens` of the agent or of the step, or ask for less."
    return failure.message


async def test_a_turn_that_would_go_over_is_not_asked_for(troupe: Troupe) -> None:
    troupe.agent(model="real/one", tools="[file.read]", max_total_tokens=1000)
    model = played(troupe, look(700, 100), Reply("Late.", used(1, 1)))
    state = await troupe.run(retry=RetryPolicy(attempts=3, backoff="immediate"))
    assert why(state).startswith(
        "helper has used 800 of the 1,000 tokens that it may use in a step, and the next turn would read about "
    )
    assert len(model.requests) == 1, "not by another try either"
    assert state.steps["ask"].calls["turn1/tool1"].status == "succeeded"


async def test_a_turn_that_went_over_ends_the_step_before_its_tools_run(troupe: Troupe) -> None:
    troupe.agent(model="real/one", tools="[file.read]", max_total_tokens=1000)
    played(troupe, look(900, 300))
    state = await troupe.run(retry=RetryPolicy(attempts=2, backoff="immediate"))
    assert why(state) == "helper has used 1,200 of the 1,000 tokens that it may use in a step."
    assert list(state.steps["ask"].calls) == ["turn1"]


async def test_within_the_limit_nothing_is_said_and_the_answer_has_what_is_left(troupe: Troupe) -> None:
    troupe.agent(model="real/one", tools="[file.read]", max_total_tokens=2000, max_tokens=1500)
    model = played(troupe, look(600, 100), Reply("It boils.", used(600, 100)))
    state = await troupe.run()
    assert state.outputs["answer"]["text"] == "It boils."
    first, second = (request.max_tokens for request in model.requests)
    assert first == 1500
    assert second is not None
    assert 500 < second < 1300


async def test_an_answer_that_was_cut_at_what_was_left_says_so(troupe: Troupe) -> None:
    troupe.agent(model="real/one", max_total_tokens=500)
    cut = CallFailed(Failure("agent", "real/one: the answer was cut.", "", {"finish_reason": "length"}), used(100, 380))
    model = played(troupe, cut)
    state = await troupe.run(retry=RetryPolicy(attempts=3, backoff="immediate"))
    assert "helper has used 480 of the 500 tokens" in why(state)
    assert len(model.requests) == 1, "what failed counts in the next try"
    first = next(r.event for r in await troupe.store.read(state.run_id) if isinstance(r.event, e.AttemptFinished))
    assert first.failure is not None
    assert first.failure.message.endswith("may use in a step, and its answer was cut there.")


@pytest.mark.parametrize(
    ("turn", "least"),
    [
        (look(None, None), 20),
        (look(None, 400), 420),
        (look(400, None), 401),
        (CallFailed(Failure("timeout", "real/one: too late."), Usage("real/one")), 1020),
    ],
    ids=["nothing", "what it read", "what it wrote", "a call that was cut off"],
)
async def test_what_nobody_counted_is_never_nothing(troupe: Troupe, turn: Reply | CallFailed, least: int) -> None:
    troupe.agent(model="real/one", tools="[file.read]", max_total_tokens=1100, max_tokens=1000)
    model = played(troupe, turn, look(1080, 1080))
    state = await troupe.run(retry=RetryPolicy(attempts=2, backoff="immediate"))
    message = why(state)
    assert message.startswith("helper has used about ")
    counted = int(message.split()[4].replace(",", ""))
    assert counted - sum(1080 + 1080 for _ in model.requests[1:]) >= least


async def test_a_call_that_was_refused_used_nothing(troupe: Troupe) -> None:
    troupe.agent(model="real/one", max_total_tokens=600)
    busy = CallFailed(Failure("transient", "real/one: busy."))
    played(troupe, busy, busy, Reply("Here.", used(100, 100)))
    state = await troupe.run(retry=RetryPolicy(attempts=3, backoff="immediate"))
    assert state.outputs["answer"]["text"] == "Here."


async def test_after_a_crash_it_is_counted_as_before(troupe: Troupe) -> None:
    troupe.agent(model="real/one", tools="[file.read]", max_total_tokens=1000)
    played(troupe, look(700, 100))
    events = await troupe.store.read((await troupe.run()).run_id)
    read = next(i for i, r in enumerate(events) if isinstance(r.event, e.CallFinished) and "tool" in r.event.key)
    model = played(troupe, Reply("Late.", used(1, 1)))
    state, _ = await troupe.finish(events[: read + 1])
    assert why(state).startswith("helper has used 800 of the 1,000 tokens")
    assert not model.requests


async def test_what_a_model_used_before_another_took_over_counts_after_a_crash_too(troupe: Troupe) -> None:
    troupe.agent(model="[real/one, real/two]", tools="[file.read]", max_total_tokens=1000)
    late = CallFailed(Failure("timeout", "real/one: too late."), used(500, 100))
    played(troupe, late, look(150, 50), look(400, 1))
    state = await troupe.run()
    assert why(state).startswith("helper has used 800 of the 1,000 tokens that it may use in a step, and")
    events = await troupe.store.read(state.run_id)
    tool = next(i for i, r in enumerate(events) if isinstance(r.event, e.CallFinished) and "tool" in r.event.key)
    state, _ = await troupe.finish(events[: tool + 1])
    assert why(state).startswith("helper has used 800 of the 1,000 tokens that it may use in a step, and")


async def test_the_lower_of_what_agent_and_step_say_counts(troupe: Troupe) -> None:
    troupe.agent(model="real/one", max_total_tokens=1000)
    for of_step, words in ((500, "of the 500 tokens"), (5000, "of the 1,000 tokens")):
        played(troupe, Reply("Long.", used(2000, 1)))
        plan = troupe.plan()
        (step,) = plan.steps
        limited = replace(step, fields={**step.fields, "max_total_tokens": of_step})
        driver = await troupe.start(replace(plan, steps=(limited,)))
        assert words in why(await troupe.engine.finished(driver.state.run_id))


async def test_what_others_use_counts_for_who_handed_over_and_has_a_limit_of_its_own(troupe: Troupe) -> None:
    hand_over = (ToolCall("1", "delegate", {"agent": "second", "task": "Do it."}),)
    troupe.agent(model="real/one", agents="[second]", max_total_tokens=10_000)
    troupe.agent("second", model="real/one", max_total_tokens=3000)
    asks = Reply("", used(500, 100), hand_over)
    model = played(troupe, asks, Reply("Much.", used(3900, 100)), Reply("Done.", used(4000, 100)))
    state = await troupe.run()
    assert state.outputs["answer"]["text"] == "Done."
    told = str(state.steps["ask"].calls["turn1/tool1"].output["text"])
    assert "second has used 4,000 of the 3,000 tokens" in told
    troupe.agent(model="real/one", agents="[second]", max_total_tokens=4000)
    model = played(troupe, asks, Reply("Much.", used(2900, 600)), Reply("Done.", used(1, 1)))
    state = await troupe.run()
    assert why(state).startswith("helper has used 4,100 of the 4,000 tokens")
    assert len(model.requests) == 2
