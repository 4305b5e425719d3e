"""A server starts what was published, with all that it calls; what starts by itself never waits for ever."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.publishing import Publishing
from tests.support.server import GATED, Served, served
from workflows.unattended.values import Start

NIGHTLY = """
name: Nightly
steps:
  - {id: b, type: workflow, workflow: clean}
outputs: {value: "${{ steps.b.output.value }}"}
"""
CLEAN = """
name: Clean
steps:
  - {id: c, type: transform, value: 41}
outputs: {value: "${{ steps.c.output }}"}
"""


def write(folder: Path, **texts: str) -> Path:
    """Workflows of the server's own folder."""
    place = folder / "work" / ".understudy" / "workflows"
    place.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (place / f"{name}.yaml").write_text(text)
    return place


async def settled(server: Served, start: Start) -> Start:
    """The start once it is no longer queued."""
    await server.desk.services.standing.ask(start)
    async with asyncio.timeout(30):
        while True:
            kept = await server.desk.services.standing.start_of(start.key)
            if kept is not None and kept.status != "queued":
                return kept
            await asyncio.sleep(0.02)


async def test_runs_are_of_the_kept_texts_whatever_becomes_of_the_files(tmp_path: Path) -> None:
    place = write(tmp_path, nightly=NIGHTLY, clean=CLEAN)
    async with served(tmp_path) as server:
        server.desk.trust()
        await Publishing(server.desk).publish("nightly", by="ada")
        write(tmp_path, clean=CLEAN.replace("41", "42"))
        for _ in range(2):
            said = await server.as_("oscar").post("/api/v1/runs?wait=30", {"workflow": "nightly"})
            assert said.document["outputs"] == {"value": 41}
            (place / "clean.yaml").unlink(missing_ok=True)
        kept = await settled(server, Start("schedule:n:1", "schedule:n", "nightly"))
        assert kept.status == "started"
        state = await server.desk.services.engine.finished(kept.run_id)
        assert (state.outputs, state.version, state.cause) == ({"value": 41}, "nightly@1", "schedule:n")


@pytest.mark.parametrize(("cause", "status"), [("schedule:g", "refused"), ("api:oscar", "started")])
async def test_what_may_wait_for_ever_does_not_start_by_itself(tmp_path: Path, cause: str, status: str) -> None:
    async with served(tmp_path) as server:
        text = GATED.replace(", timeout: 1h, default: deny", "")
        await server.publish("gated", text)
        kept = await settled(server, Start(f"{cause}:1", cause, "gated"))
        assert (kept.status, "may wait for a person" in kept.why) == (status, status == "refused")
