"""Where a call of a skill runs: in a worker's loop, in a thread of a worker, or in a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from skills.discover import read_manifests
from tests.support.clocks import leap
from tests.support.skill_calls import Caller, write_skill

SKILLS = """
import asyncio
import os
import signal
import threading
import time

from skills import Context, skill

calls = 0
loops = set()
held = []


def here() -> dict:
    global calls
    calls += 1
    main = threading.current_thread() is threading.main_thread()
    return {"pid": os.getpid(), "calls": calls, "main": main}


@skill(effect="pure")
async def awaits() -> dict:
    loops.add(id(asyncio.get_running_loop()))
    held.append(asyncio.get_running_loop())
    return {**here(), "loops": len(loops)}


@skill(effect="pure")
async def leaves() -> bool:
    async def ever():
        await asyncio.sleep(1000)
    held.append(asyncio.ensure_future(ever()))
    return True


@skill(effect="pure")
async def left() -> list:
    return [task.cancelled() for task in held if isinstance(task, asyncio.Task)]


@skill(effect="pure", execution="thread")
def threads() -> dict:
    return here()


@skill(effect="pure", execution="process")
def alone() -> dict:
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # only a process's main thread may
    return here()


@skill(effect="pure", execution="process")
async def alone_awaits() -> dict:
    await asyncio.sleep(0)
    return here()


@skill(effect="unsafe", execution="process")
def hangs(context: Context) -> None:
    context.emit("begun")
    time.sleep(1000)


@skill(effect="pure", execution="process")
def fails() -> None:
    raise ValueError("no")
"""


@pytest.fixture
async def call(tmp_path: Path) -> AsyncIterator[Caller]:
    write_skill(tmp_path / "w", "where", SKILLS)
    caller = Caller(tmp_path / "w")
    yield caller
    await caller.invoker.aclose()


async def test_async_and_thread_stay_in_a_worker(call: Caller) -> None:
    first, second = await call("awaits"), await call("awaits")
    assert (first["calls"], second["calls"], second["loops"]) == (1, 2, 1)
    assert first["main"]
    third = await call("threads")
    assert (third["pid"], third["calls"], third["main"]) == (first["pid"], 3, False)


async def test_tasks_left_behind_end_with_their_call(call: Caller) -> None:
    assert await call("leaves")
    assert await call("left") == [True]


async def test_a_process_is_new_for_each_call_and_ends_with_it(call: Caller) -> None:
    shared = await call("threads")
    first, second, third = await call("alone"), await call("alone"), await call("alone_awaits")
    assert {each["calls"] for each in (first, second, third)} == {1}
    assert len({each["pid"] for each in (shared, first, second, third)}) == 4
    assert first["main"]
    assert (await call.failure("fails")).message == "fails failed: ValueError: no"
    for each in (first, second, third):
        assert not Path(f"/proc/{each['pid']}").exists()
    assert (await call("threads"))["pid"] == shared["pid"]


async def test_a_process_that_hangs_is_ended_alone(call: Caller) -> None:
    shared = await call("threads")
    hanging = asyncio.ensure_future(call.unknown("hangs", deadline=500))
    while "begun" not in call.emitted:
        await asyncio.sleep(0.005)
    leap(500)
    assert (await hanging).kind == "timeout"
    assert (await call("threads"))["pid"] == shared["pid"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('@skill(execution="async")\ndef f(): ...', "a plain `def` cannot run with execution 'async'"),
        ('@skill(execution="thread")\nasync def f(): ...', "an `async def` cannot run with execution 'thread'"),
        ('@skill(execution="fibre")\ndef f(): ...', "'fibre' is no execution"),
    ],
)
def test_what_cannot_be_is_said_with_its_line(tmp_path: Path, written: str, said: str) -> None:
    path = tmp_path / "x.py"
    path.write_text(f"from skills import skill\n{written}\n")
    problems = read_manifests(path)
    assert isinstance(problems, tuple)
    assert said in problems[0].message


@pytest.mark.parametrize(
    ("written", "execution"),
    [
        ("@skill\ndef f(): ...", "thread"),
        ("@skill\nasync def f(): ...", "async"),
        ('@skill(execution="process")\nasync def f(): ...', "process"),
    ],
)
def test_what_is_not_said_follows_from_the_function(tmp_path: Path, written: str, execution: str) -> None:
    path = tmp_path / "x.py"
    path.write_text(f"from skills import skill\n{written}\n")
    found = read_manifests(path)
    assert isinstance(found, list)
    (skill,) = found
    assert skill.execution == execution
