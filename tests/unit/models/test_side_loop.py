"""The loop beside the caller's: blocked, cancelled, closed, and started again."""

import asyncio
import threading

import pytest

from agents.models.side_loop import SideLoop


async def thread_name() -> str:
    return threading.current_thread().name


async def test_work_runs_in_one_thread_beside() -> None:
    side = SideLoop("beside")

    names = await asyncio.gather(*(side.run(thread_name) for _ in range(5)))

    assert set(names) == {"beside"}
    assert [thread.name for thread in threading.enumerate()].count("beside") == 1
    await side.aclose()
    assert "beside" not in [thread.name for thread in threading.enumerate()]


async def test_what_blocks_the_side_loop_does_not_block_the_caller() -> None:
    side = SideLoop("blocked")
    entered, release = threading.Event(), threading.Event()

    async def block() -> str:
        entered.set()
        release.wait()
        return "released"

    task = asyncio.create_task(side.run(block))
    while not entered.is_set():
        await asyncio.sleep(0)
    release.set()

    assert await task == "released"
    await side.aclose()


async def test_cancelling_the_caller_cancels_the_work() -> None:
    side = SideLoop("cancelled")
    entered, cancelled = threading.Event(), threading.Event()

    async def wait() -> None:
        entered.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    task = asyncio.create_task(side.run(wait))
    while not entered.is_set():
        await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(cancelled.wait, 10)
    await side.aclose()


async def test_an_exception_reaches_the_caller() -> None:
    side = SideLoop("failing")

    async def fail() -> None:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        await side.run(fail)
    await side.aclose()


async def test_a_closed_loop_starts_again() -> None:
    side = SideLoop("again")
    await side.aclose()
    await side.run(thread_name)
    await side.aclose()

    assert await side.run(thread_name) == "again"
    await side.aclose()
