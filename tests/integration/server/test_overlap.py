"""The queue begins the starts of one schedule one after the other, and those of others meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.server import ONE_STEP, SLOW, Served, served
from workflows.journal.port import Request
from workflows.unattended.values import Schedule, Start


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path) as server:
        await server.publish("one", ONE_STEP)
        await server.publish("slow", SLOW)
        yield server


async def test_a_start_waits_for_the_run_before_it(server: Served) -> None:
    services = server.desk.services
    standing = services.standing

    async def status_of(key: str, wanted: str) -> None:
        async with asyncio.timeout(60):
            while (start := await standing.start_of(key)) is None or start.status != wanted:
                await asyncio.sleep(0.02)

    await standing.put_schedule(Schedule("slow", "slow", every=60.0, overlap="queue"))
    for number in (1, 2):
        await standing.ask(Start(f"schedule:slow:{number}", "schedule:slow", "slow", at=1.0))
    await standing.ask(Start("schedule:other:1", "schedule:other", "one", at=1.0))
    await status_of("schedule:slow:1", "started")
    await status_of("schedule:other:1", "started")
    first, second = await standing.start_of("schedule:slow:1"), await standing.start_of("schedule:slow:2")
    assert first is not None
    assert second is not None
    assert second.status == "queued"
    await services.store.post_request(Request(0, first.run_id, "cancel", "enough", "ada"))
    await status_of("schedule:slow:2", "started")
