"""Runs as the screens show them: the same few steps, brought to the moment that is looked at."""

from __future__ import annotations

from dataclasses import replace

from tests.support.plans import parallel, step
from tests.support.stage import House
from workflows.effects import Usage
from workflows.engine.driver import Driver
from workflows.planning.plan import Plan
from workflows.steps.kind import Shown

NOTES = "# Release notes\n\nThis release brings **twelve** changes.\n\n- faster\n- smaller\n"

DIFF = "--- a/NOTES.md\n+++ b/NOTES.md\n@@ -1,2 +1,31 @@\n # Release notes\n-Old text that goes away\n" + "".join(
    f"+- Change number {n}, in words that people understand\n" for n in range(30)
)


def release() -> Plan:
    """Two steps side by side, an agent that reads both, a file behind a gate."""
    plan = parallel(
        step("log", "play"),
        step("tests", "play"),
        step("notes", "agent", performers=("writer", "editor"), after=("log", "tests")),
        step("publish", "play", approve=True, after=("notes",)),
    )
    return replace(plan, title="Release notes")


async def streaming(house: House) -> Driver:
    """The agent is at work; its text so far is on the screen."""
    driver = await house.start(release(), workflow="release-notes")
    await house.app.open_run(driver.state.run_id)
    house.cast["log"].end({"count": 12})
    await house.until(lambda: driver.committed.steps["log"].over)
    await house.wait(3.2)
    house.cast["tests"].end({"passed": 120})
    await house.until(lambda: driver.committed.steps["notes"].status == "running")
    house.cast["notes"].say(NOTES)
    run = driver.state.run_id
    await house.until(lambda: house.app.bridge.heard(run, "notes", 1, False))
    await house.pilot.pause()
    return driver


async def at_gate(house: House) -> Driver:
    """The agent is done, and the file waits for approval."""
    driver = await streaming(house)
    await house.wait(7)
    house.cast.shown["publish"] = Shown(
        "write NOTES.md (30 lines added, 1 removed)", DIFF, {"file": "NOTES.md", "backup": "kept"}, language="diff"
    )
    house.cast["notes"].end({"text": NOTES}, Usage("openai/gpt-4o", 41_200, 6_800, None, 0.083))
    await house.until(lambda: driver.committed.open_inquiries)
    await house.shows("a  approve")
    await house.wait(1)
    return driver


async def failed(house: House, **more: object) -> Driver:
    """A step failed, and waits for a person."""
    plan = replace(parallel(step("scan", "play"), step("check_links", "play", **more)), title="Link check")
    driver = await house.start(plan)
    await house.app.open_run(driver.state.run_id)
    house.cast["scan"].end({"files": 3})
    house.cast["check_links"].say("docs/guide.md: old-menu.md is not there\n")
    await house.until(lambda: driver.committed.steps["scan"].over)
    await house.wait(1.3)
    house.cast["check_links"].fail("exit 1, 1 broken link", hint="Mend the link, or leave the file out.")
    await house.until(lambda: driver.committed.open_inquiries)
    await house.shows("e  edit & retry")
    await house.wait(1)
    return driver
