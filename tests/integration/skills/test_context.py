"""What a skill does through its context: waits that the run's history keeps, words, services, for whom it works."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from skills.thread import call_in_thread
from tests.support.clocks import leap
from tests.support.flows import steps
from tests.support.skill_calls import Caller, make_context, write_skill
from tests.support.skill_flows import SkillFlow, pass_wait, told
from tests.support.troupe import Troupe
from workflows.engine.driver import Driver
from workflows.errors import CallFailed
from workflows.notes import noting
from workflows.runs import events as e

SOURCE = '''
import asyncio, threading
from pathlib import Path
from skills import Context, Preview, SkillError, skill

@skill(effect="idempotent")
def nap(context: Context, seconds: float = 3600) -> str:
    """Wait twice, and count."""
    log = Path("log")
    context.sleep(seconds)
    with log.open("a") as file:
        file.write("one\\n")
    context.sleep(seconds)
    with log.open("a") as file:
        file.write("two\\n")
    return log.read_text()

@skill(effect="pure")
async def together(context: Context, many: int = 40) -> float:
    await asyncio.gather(*(context.sleep(3600 + n) for n in range(many)))
    await asyncio.to_thread(context.sleep, 1)
    return many

@skill(effect="idempotent")
def second_try(context: Context) -> int:
    tries = Path("tries")
    context.sleep(60)
    tries.write_text(tries.read_text() + "x" if tries.exists() else "x")
    if len(tries.read_text()) == 1:
        raise SkillError("not yet")
    return len(tries.read_text())

@skill(effect="pure")
def tell(context: Context) -> list:
    context.log("a line \\x1b[31mfor the log")
    context.stream("some text")
    return [context.run_id, context.idempotency_key == context.key, str(context.root)]

@skill
def wrong(context: Context, seconds: str) -> None:
    context.sleep(float(seconds))

@tell.preview
def show(context: Context) -> Preview:
    context.sleep(1)
    return Preview("never shown")

@skill
def serve_unsaid(context: Context) -> int:
    return context.start_service("a nap", ["sleep", "1000"], output=Path("nap.log"))

@skill(effect="pure", touches=["shell"])
def serve_purely(context: Context) -> int:
    return serve_unsaid(context)

@skill(effect="idempotent", touches=["shell"])
def serve(context: Context, program: str = "sleep") -> int:
    return context.start_service("a nap", [program, "1000"], output=Path("nap.log"), environ={"PATH": "/usr/bin:/bin"})

@serve.preview
def would_serve(context: Context, program: str = "sleep") -> Preview:
    serve(context)
    return Preview("never shown")

@skill
def leave(context: Context) -> None:
    def later():
        try:
            context.sleep(1)
        except Exception as error:
            Path("later").write_text(str(error))
    def after():
        import time
        while not Path("go").exists():
            time.sleep(0.01)
        context.log("nobody hears this")
        later()
    threading.Thread(target=after).start()

@skill
def come(context: Context) -> str:
    import time
    Path("go").touch()
    while not Path("later").exists():
        time.sleep(0.01)
    return Path("later").read_text()
'''


@pytest.fixture
async def flow(tmp_path: Path) -> AsyncIterator[SkillFlow]:
    write_skill(tmp_path / "work", "naps", SOURCE)
    flow = SkillFlow(tmp_path / "work")
    yield flow
    await flow.close()


async def slept(flow: SkillFlow, driver: Driver, name: str) -> None:
    await pass_wait(driver, flow.clock, flow.bus, "a", name)


async def test_an_hours_wait_is_over_at_once_and_the_steps_timeout_leaves_it_out(flow: SkillFlow) -> None:
    driver = await flow.start(steps("- {id: a, type: skill, skill: nap, timeout: 20, idle_timeout: 20}"))
    await slept(flow, driver, "call/sleep1")
    await slept(flow, driver, "call/sleep2")
    state = await flow.finished(driver)
    assert state.status == "succeeded"
    assert state.steps["a"].output == "one\ntwo\n"
    assert state.ended - state.started >= 7200  # type: ignore[operator]  # it is over


async def test_a_calls_own_timeout_leaves_the_wait_out(tmp_path: Path) -> None:
    async def nap(seconds: float) -> None:
        leap(seconds)

    write_skill(tmp_path / "work", "naps", SOURCE)
    caller = Caller(tmp_path / "work")
    try:
        leap(0)
        caller.context = replace(caller.context, sleep=nap)
        assert await caller("nap", seconds=600, deadline=1000)
    finally:
        await caller.invoker.aclose()


async def test_many_wait_side_by_side_in_one_skill(flow: SkillFlow) -> None:
    driver = await flow.start(steps("- {id: a, type: skill, skill: together}"))
    await slept(flow, driver, "call/sleep40")
    await slept(flow, driver, "call/sleep41")
    assert (await flow.finished(driver)).steps["a"].output == 40


async def test_a_resumed_call_does_not_wait_again(flow: SkillFlow, tmp_path: Path) -> None:
    driver = await flow.start(steps("- {id: a, type: skill, skill: nap}"))
    await slept(flow, driver, "call/sleep1")
    await told(flow.bus, lambda: "call/sleep2" in driver.committed.steps["a"].timers)
    await flow.engine.close()
    again = SkillFlow(tmp_path / "work", flow.store)
    again.clock = flow.clock
    again.engine._clock = flow.clock  # the same world goes on
    try:
        resumed = await again.engine.resume(driver.state.run_id)
        await slept(again, resumed, "call/sleep2")
        state = await again.finished(resumed)
    finally:
        await again.close()
    assert state.steps["a"].output == "one\none\ntwo\n"  # made again, and waited only for what was left
    timers = [each.event for each in await flow.store.read(state.run_id) if isinstance(each.event, e.TimerSet)]
    assert [timer.key for timer in timers] == ["call/sleep1", "call/sleep2"]


async def test_a_call_that_failed_waits_anew(flow: SkillFlow) -> None:
    driver = await flow.start(
        steps("- {id: a, type: skill, skill: second_try, retry: {max_attempts: 2, backoff: immediate}}")
    )
    await slept(flow, driver, "call/sleep1")
    await told(flow.bus, lambda: driver.committed.steps["a"].attempts[-1].n == 2)
    assert not driver.committed.steps["a"].over
    await slept(flow, driver, "call/sleep1")
    state = await flow.finished(driver)
    assert state.steps["a"].output == 2
    assert len([each for each in await flow.store.read(state.run_id) if isinstance(each.event, e.TimerSet)]) == 2


async def test_it_says_for_whom_it_works_and_what_it_does(flow: SkillFlow, tmp_path: Path) -> None:
    heard: list[tuple[str, bool]] = []
    flow.bus.subscribe(lambda notice: heard.append((notice.text, notice.log)) if hasattr(notice, "log") else None)
    state = await flow.run(steps("- {id: a, type: skill, skill: tell}"))
    assert state.steps["a"].output == [state.run_id, True, str(tmp_path / "work")]
    assert sorted(heard) == [("a line for the log", True), ("some text", False)]


async def test_a_service_outlives_its_call_its_run_and_the_invoker_and_the_story_tells_of_it(flow: SkillFlow) -> None:
    state = await flow.run(steps("- {id: a, type: skill, skill: serve}"))
    pid = state.steps["a"].output
    await flow.close()
    try:
        process = psutil.Process(pid)
        assert process.cmdline() == ["sleep", "1000"]
        assert (os.getsid(pid), os.getpgid(pid)) == (pid, pid)
        assert process.ppid() != os.getpid()
        assert process.environ() == {"PATH": "/usr/bin:/bin"}
    finally:
        os.kill(pid, signal.SIGKILL)
    notes = [each.event.text for each in await flow.store.read(state.run_id) if isinstance(each.event, e.Noted)]
    assert notes == [f"started a nap, which goes on after the run: process {pid}, its output in nap.log"]


async def test_a_service_that_cannot_be_started_and_one_in_a_preview(tmp_path: Path) -> None:
    write_skill(tmp_path / "work", "naps", SOURCE)
    caller = Caller(tmp_path / "work")
    try:
        failure = await caller.failure("serve", program="no-such-program")
        assert (failure.kind, "no program 'no-such-program'" in failure.message) == ("dependency", True)
        for unsaid in ("serve_unsaid", "serve_purely"):
            failure = await caller.failure(unsaid)
            assert (failure.kind, "does not say that it starts programs" in failure.message) == ("denied", True)
        with pytest.raises(CallFailed, match="a preview starts nothing"):
            await caller.preview("serve")
    finally:
        await caller.invoker.aclose()


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1"])
async def test_what_is_no_time_is_refused(tmp_path: Path, seconds: str) -> None:
    write_skill(tmp_path / "work", "naps", SOURCE)
    caller = Caller(tmp_path / "work")
    failure = await caller.failure("wrong", seconds=seconds)
    assert (failure.kind, "not for" in failure.message) == ("validation", True)
    await caller.invoker.aclose()


async def test_a_preview_does_not_wait_and_a_thread_left_behind_harms_no_later_call(tmp_path: Path) -> None:
    write_skill(tmp_path / "work", "naps", SOURCE)
    caller = Caller(tmp_path / "work")
    try:
        with pytest.raises(CallFailed, match="a preview does not wait"):
            await caller.preview("tell")
        await caller("leave")
        assert "the call is over" in await caller("come")
    finally:
        await caller.invoker.aclose()


async def test_a_wait_within_an_agents_tool(tmp_path: Path) -> None:
    troupe = Troupe(tmp_path / "work")
    write_skill(tmp_path / "work", "naps", SOURCE)
    troupe.skills.reload()
    troupe.agent(tools="[together]")
    troupe.tell("demo/told", [{"tool_calls": [{"name": "together", "arguments": {"many": 2}}]}, {"text": "Rested."}])
    try:
        driver = await troupe.start(troupe.plan())
        for name in ("turn1/tool1/sleep2", "turn1/tool1/sleep3"):
            await pass_wait(driver, troupe.clock, troupe.bus, "ask", name)
        state = await troupe.engine.finished(driver.state.run_id)
        assert state.steps["ask"].output["text"] == "Rested."
    finally:
        await troupe.close()


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_thread_of_this_process_waits_and_is_woken_by_a_cancel(tmp_path: Path, cancelled: bool) -> None:
    begun, end, seen = asyncio.Event(), asyncio.Event(), list[str]()

    async def sleep(seconds: float) -> None:
        begun.set()
        await end.wait()

    def work(context: object) -> str:
        rest: Callable[[float], Awaitable[None]] = context.sleep  # type: ignore[attr-defined]  # a context
        try:
            rest(3600)
        except BaseException as error:
            seen.append(type(error).__name__)
            raise
        return "rested"

    task = asyncio.create_task(call_in_thread(replace(make_context(tmp_path), sleep=sleep), work))
    await begun.wait()
    if not cancelled:
        end.set()
        assert await task == "rested"
        return
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["CancelledError"]


async def test_a_thread_of_this_process_starts_services_and_the_story_tells_of_it(tmp_path: Path) -> None:
    notes: list[str] = []
    work = make_context(tmp_path / "work")
    with noting(notes.append):
        pid = await call_in_thread(
            work, lambda context: context.start_service("a nap", ["sleep", "1000"], output=work.root / "nap.log")
        )
    os.kill(pid, signal.SIGKILL)
    assert notes == [f"started a nap, which goes on after the run: process {pid}, its output in nap.log"]
