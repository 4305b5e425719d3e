"""The engine in another program: what docs/embedding.md promises."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.clocks import VirtualClock
from workflows.bus import Committed, Notice
from workflows.embedding import Engine, Invalid, Metrics, Next, Options, step_kind
from workflows.errors import UnderstudyError, fail
from workflows.journal.memory import MemoryStore, Shelf
from workflows.journal.port import RunUnknown
from workflows.steps.context import Context

PAGE = Path(__file__).parents[3] / "docs" / "embedding.md"

ONE = "name: One\nsteps:\n  - {id: a, type: work, parameters: {n: 1}}\noutputs: {n: '${{ steps.a.output }}'}\n"
GATE = "name: Gate\nsteps:\n  - {id: ok, type: approval, show: Sure?}\nfinally:\n  steps: [{id: z, type: work}]\n"


def blocks() -> list[str]:
    return [block.split("```")[0] for block in PAGE.read_text(encoding="utf-8").split("```python\n")[1:]]


def test_the_page_s_example_says_what_the_page_says(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", blocks()[0]], cwd=tmp_path, capture_output=True, text=True)
    assert ended.stderr == ""
    assert f"`{ended.stdout.strip()}`" in PAGE.read_text(encoding="utf-8")
    assert (tmp_path / "journal" / "journal.db").is_file()


def test_it_is_about_twenty_lines_and_needs_no_model() -> None:
    program = blocks()[0] + "\nimport sys\nassert not {'litellm', 'textual'} & set(sys.modules)\n"
    lines = [line for line in blocks()[0].splitlines() if line.strip()]
    assert len(lines) <= 20
    compile(program, "example", "exec")


async def test_execute_status_and_delete() -> None:
    async with Engine(kinds=[step_kind("work", lambda n: n + 1, effect="pure")]) as engine:
        ended = await engine.execute(ONE)
        assert (ended.status, ended.outputs) == ("succeeded", {"n": 2})
        assert (await engine.status(ended.run_id)).outputs == {"n": 2}
        await engine.store.delete(ended.run_id)
        with pytest.raises(RunUnknown):
            await engine.status(ended.run_id)


async def test_a_run_is_begun_looked_at_answered_and_cancelled() -> None:
    done: list[str] = []
    async with Engine(kinds=[step_kind("work", lambda: done.append("z"), effect="pure")]) as engine:
        asked = asyncio.Event()
        engine.observe(lambda notice: asked.set() if isinstance(notice, Committed) and notice.state.inquiries else None)
        answered = await engine.start(GATE)
        await asked.wait()
        (inquiry,) = (await engine.status(answered)).open_inquiries
        await engine.answer(answered, inquiry.asked.entry, "approve", by="a test")
        assert (await engine.wait(answered)).status == "succeeded"
        asked.clear()
        cancelled = await engine.start(GATE)
        await asked.wait()
        assert (await engine.cancel(cancelled)).status == "cancelled"
        assert done == ["z", "z"], "what finishes a run is done even so"
        with pytest.raises(UnderstudyError, match=r"No run .* is under way here"):
            await engine.cancel(cancelled)


async def test_what_is_stopped_is_gone_on_with_by_another_engine() -> None:
    shelf, calls, go = Shelf(), [], asyncio.Event()

    async def work(n: int) -> int:
        calls.append(n)
        if n == 2:
            await go.wait()
        return n

    two = "name: Two\nsteps:\n" + "".join(f"  - {{id: s{n}, type: work, parameters: {{n: {n}}}}}\n" for n in (1, 2))
    kind = step_kind("work", work, effect="idempotent")
    first = Engine(MemoryStore(shelf), kinds=[kind])
    run = await first.start(two)
    while calls != [1, 2]:
        await asyncio.sleep(0)
    await first.close()
    go.set()
    async with Engine(MemoryStore(shelf), kinds=[kind]) as second:
        ended = await second.wait(await second.resume(run))
    assert (ended.status, calls) == ("succeeded", [1, 2, 2]), "the first is not done again"


async def test_middleware_stands_around_every_attempt_the_first_outermost() -> None:
    order: list[str] = []

    def around(name: str) -> Any:
        async def middleware(ctx: Context, inner: Next) -> Any:
            order.append(f"{name} {ctx.address}")
            output = await inner()
            order.append(f"{name} has {output}")
            return output * 10

        return middleware

    kinds = [step_kind("work", lambda n: n, effect="pure")]
    async with Engine(kinds=kinds, middleware=[around("outer"), around("inner")]) as engine:
        assert (await engine.execute(ONE)).outputs == {"n": 100}
    assert order == ["outer a", "inner a", "inner has 1", "outer has 10"]


async def test_middleware_can_make_an_attempt_fail_and_error_handlers_hear_of_it() -> None:
    heard: list[tuple[str, str]] = []

    async def refuse(ctx: Context, inner: Next) -> Any:
        raise fail("business", "Not on Sundays.")

    kinds = [step_kind("work", lambda n: n, effect="pure")]
    async with Engine(kinds=kinds, middleware=[refuse]) as engine:
        engine.on_error(lambda run, step, failure: heard.append((step, failure.message)))
        ended = await engine.execute(ONE)
    assert (ended.status, heard) == ("failed", [("a", "Not on Sundays.")])


async def test_options_are_those_of_steps_that_say_nothing() -> None:
    clock, tries = VirtualClock(), []

    async def work(n: int) -> int:
        tries.append(clock.now())
        if len(tries) < 3:
            raise fail("transient", "Not yet.")
        return n

    options = Options(retries=2, retry_delay=60, log="ERROR")
    async with Engine(kinds=[step_kind("work", work, effect="idempotent")], clock=clock, options=options) as engine:
        running = asyncio.ensure_future(engine.execute(ONE))
        while not running.done():
            await clock.advance(5)
        ended = running.result()
    retry = ended.steps["a"].planned.retry
    assert (ended.status, len(tries), retry.attempts, retry.delay) == ("succeeded", 3, 3, 60)
    assert tries[1] > tries[0], "how long of the minute is chance: those who wait do not come back all at once"
    assert logging.getLogger("workflows").level == logging.ERROR
    logging.getLogger("workflows").setLevel(logging.NOTSET)


async def test_so_many_steps_are_at_work_at_once() -> None:
    now = most = 0

    async def work() -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        for _ in range(20):
            await asyncio.sleep(0)
        now -= 1

    many = "name: Many\nsteps:\n  - {id: a, type: work, foreach: {in: [1, 2, 3, 4, 5, 6], max_parallel: 6}}\n"
    async with Engine(kinds=[step_kind("work", work, effect="pure")], options=Options(steps=2)) as engine:
        assert (await engine.execute(many)).status == "succeeded"
    assert most == 2


async def test_metrics_count_and_an_observer_that_breaks_stops_nothing() -> None:
    def broken(notice: Notice) -> None:
        raise RuntimeError("a fault in somebody's observer")

    async def awaited(notice: Notice) -> None:
        raise AssertionError("it is never called")

    async with Engine(kinds=[step_kind("work", lambda n: n, effect="pure")]) as engine:
        with pytest.raises(TypeError, match="would never be awaited"):
            engine.observe(awaited)
        engine.observe(broken)
        engine.observe(metrics := Metrics())
        await engine.execute(ONE)
    assert (dict(metrics.runs), dict(metrics.steps)) == ({"started": 1, "succeeded": 1}, {"succeeded": 1})
    assert (dict(metrics.attempts), dict(metrics.calls)) == ({"succeeded": 1}, {"succeeded": 1})


async def test_a_workflow_calls_another_and_mistakes_are_told_with_their_place() -> None:
    calling = (
        "name: Calling\nsteps:\n  - {id: c, type: workflow, workflow: one}\noutputs: {n: '${{ steps.c.output.n }}'}\n"
    )
    async with Engine(kinds=[step_kind("work", lambda n: n, effect="pure")]) as engine:
        with pytest.raises(Invalid) as refused:
            await engine.execute(calling)
        assert "workflow.yaml:3:39" in refused.value.message
        engine.add_workflow("one", ONE)
        assert (await engine.execute(calling)).outputs == {"n": 1}
        with pytest.raises(Invalid, match="unknown key 'stepps'"):
            engine.add_workflow("broken", "name: B\nstepps: []\n")


def _exhausted(n: int) -> int:
    return next(iter(()))


def _leaves(n: int) -> int:
    sys.exit(3)


async def _leaves_later(n: int) -> int:
    sys.exit(3)


@pytest.mark.parametrize("work", [_exhausted, _leaves, _leaves_later])
async def test_whatever_a_function_raises_is_the_failure_of_its_step(work: Any) -> None:
    async with Engine(kinds=[step_kind("work", work, effect="pure")]) as engine:
        ended = await asyncio.wait_for(engine.execute(ONE), 30)
    assert ended.failure is not None
    assert ended.failure.message.startswith(("RuntimeError: StopIteration", "RuntimeError: SystemExit(3)"))


async def test_what_a_function_promises_is_awaited_and_its_effect_must_be_one() -> None:
    async def later(n: int) -> int:
        return n + 1

    async with Engine(kinds=[step_kind("work", lambda n: later(n), effect="pure")]) as engine:
        assert (await engine.execute(ONE)).outputs == {"n": 2}
    with pytest.raises(ValueError, match="'unsave' is no effect: pure, idempotent, unsafe"):
        step_kind("work", later, effect="unsave")  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize("middleware", [False, True])
async def test_what_a_cache_depends_on_outside_counts_with_middleware_too(middleware: bool) -> None:
    outside, done = ["first"], []
    kind = step_kind("work", lambda: done.append(outside[0]), effect="pure")

    class Looking(type(kind)):  # type: ignore[misc]  # the class that step_kind made
        def __init__(self) -> None:
            self.__dict__.update(vars(kind))

        async def depends_on(self, ctx: Context) -> Any:
            return outside[0]

    async def through(ctx: Context, inner: Next) -> Any:
        return await inner()

    text = "name: Kept\nsteps:\n  - {id: a, type: work, cache: true}\n"
    async with Engine(kinds=[Looking()], middleware=[through] if middleware else []) as engine:
        await engine.execute(text)
        await engine.execute(text)
        outside[0] = "second"
        await engine.execute(text)
    assert done == ["first", "second"]
