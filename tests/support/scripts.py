"""Runs as the screens show them: the same few steps, brought to the moment that is looked at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from app.tui.screens.run import RunScreen
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

NOTER = """\
---
name: noter
description: Writes notes
tools: [file.write]
script:
  - {text: I write it down., tool_calls: [{name: file_write, arguments: {path: notes/1.md, text: one}}]}
  - tool_calls: [{name: file_write, arguments: {path: notes/2.md, text: two}}]
  - Written.
---
"""

ASKS_AGAIN = NOTER.replace(
    "  - Written.", "  - tool_calls: [{name: file_write, arguments: {path: keep/3.md, text: three}}]\n  - Written."
)
"""The same, and one file more, in another folder."""

NOTES_FLOW = "name: Notes\nsteps:\n  - {id: note, type: agent, agent: noter, input: Write it down.}\n"


def put_noter(folder: Path, text: str = NOTER) -> None:
    """An agent of the project that writes two files, each of which a person is asked about."""
    agents = folder / "project" / ".understudy" / "agents"
    agents.mkdir(parents=True)
    (agents / "noter.md").write_text(text)


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
    await house.rest()
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


async def failed(house: House, **more: Any) -> Driver:
    """A step failed, and waits for a person."""
    broken = step("check_links", "play", **{"fields": {"path": "docs"}, **more})
    plan = replace(parallel(step("scan", "play"), broken), title="Link check")
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


def look_from_the_top(house: House, step: str) -> None:
    """Put a step on view. How far the list is scrolled then does not depend on what was looked at before."""
    screen = house.app.screen
    assert isinstance(screen, RunScreen)
    screen.look_at("*")
    screen.look_at(step)


async def done(house: House, driver: Driver, step: str) -> None:
    """Wait until a step is over; it may not be there yet."""
    await house.until(lambda: step in driver.committed.steps and driver.committed.steps[step].over, step)


REVIEWS = """
name: Review all
parameters:
  - {name: files, type: array, default: [alpha.md, beta.md, gamma.md, delta.md, epsilon.md,
                                         zeta.md, eta.md, theta.md, iota.md, kappa.md]}
steps:
  - {id: scan, type: play}
  - id: review
    type: play
    foreach: {in: "${{ parameters.files }}", as: file, max_parallel: 10}
    given: "write ${{ file }}"
    approve: before
    on_failure: continue
  - {id: report, type: play}
"""


async def reviews(house: House) -> Driver:
    """Ten items of a list, each behind a gate; the first three are done, the fourth was denied."""
    driver = await house.perform(REVIEWS)
    house.cast["scan"].end({"files": 10})
    await house.until(lambda: len(driver.committed.open_inquiries) == 10)
    for n in range(3):
        await house.wait(2)
        await driver.answer(f"review[{n}]:1", "approve")
        house.cast[f"review[{n}]"].end({"written": True})
        await done(house, driver, f"review[{n}]")
    await driver.answer("review[3]:1", "deny", note="not this one")
    await done(house, driver, "review[3]")
    await house.shows("approval 1/6")
    look_from_the_top(house, "review[4]")
    await house.wait(1)
    return driver


SHIP = """
name: Ship
parameters: [{name: region, type: string}]
steps:
  - {id: build, type: play}
  - id: where
    type: decision
    branches:
      - {when: "parameters.region == 'north'", steps: [{id: to_north, type: play}]}
      - {when: "parameters.region == 'south'", steps: [{id: to_south, type: play}]}
  - id: both
    type: parallel
    steps: [{id: tell, type: play}, {id: watch, type: play}]
"""

RELEASE = """
name: Release
steps:
  - {id: test, type: play}
  - {id: ship, type: workflow, workflow: ship, parameters: {region: south}}
  - {id: close, type: play}
"""


async def child(house: House) -> Driver:
    """A child workflow at work: it took a branch, and does two steps at the same time."""
    house.add("ship", SHIP)
    driver = await house.perform(RELEASE)
    house.cast["test"].end({"passed": 120})
    house.cast["ship>build"].end({"image": "ship:1.4"})
    house.cast["ship>where>to_south"].end({"node": "south-2"})
    await house.until(lambda: "ship>both>watch" in driver.committed.steps)
    await house.wait(3)
    house.cast["ship>both>tell"].end({"told": 3})
    house.cast["ship>both>watch"].say("0 errors in the last minute\n")
    await house.until(lambda: driver.committed.steps["ship>both>tell"].over)
    await house.shows("0 errors")
    look_from_the_top(house, "ship>both>watch")
    return driver


TRIAGE = {
    "trigger": (),
    "fetch_issues": ("trigger",),
    "fetch_prs": ("trigger",),
    "dedupe": ("fetch_issues", "fetch_prs"),
    "classify": ("dedupe",),
    "label": ("classify",),
    "draft_reply": ("classify",),
    "fetch_ci": ("trigger",),
    "summarize": ("classify", "fetch_ci"),
    "post_reply": ("draft_reply", "summarize"),
}
"""What each step waits for."""


async def graph(house: House) -> Driver:
    """Steps that wait for each other in many ways, as a graph: two at work, one failed."""
    plan = replace(parallel(*(step(name, "play", after=after) for name, after in TRIAGE.items())), title="Triage")
    driver = await house.start(plan)
    await house.app.open_run(driver.state.run_id)
    for name in ("trigger", "fetch_issues", "fetch_prs", "dedupe", "classify"):
        house.cast[name].end({})
        await done(house, driver, name)
        await house.wait(1)
    house.cast["fetch_ci"].fail("exit 1")
    await house.until(lambda: driver.committed.open_inquiries)
    look_from_the_top(house, "draft_reply")
    await house.press("g")
    await house.shows("after classify")
    return driver


async def copying(house: House) -> Driver:
    """The menu of what can be copied, over a failed step."""
    driver = await failed(house)
    await house.press("y")
    await house.shows("the step's address")
    return driver


PUBLISH = """
name: Publish
steps:
  - {id: build, type: play, given: {target: docs}, undo: {type: play}}
  - {id: load, type: play, given: {table: pages}, undo: {type: play}}
  - {id: announce, type: agent, agent: writer, given: {path: docs}, fallback: [editor], output_schema: {type: object}}
rollback: {steps: [{id: tidy, type: play}]}
finally: {steps: [{id: close, type: play}]}
"""


async def all_choices(house: House) -> Driver:
    """A failed step with every way out: earlier steps that can be undone, and understudies that failed too."""
    driver = await house.perform(PUBLISH)
    house.cast["build"].end({"pages": 31})
    house.cast["load"].end({"rows": 31})
    for _ in range(2):
        house.cast["announce"].fail("exit 2: no such host", hint="Give it a host.")
    await house.until(lambda: driver.committed.open_inquiries)
    await house.shows("roll back")
    await house.wait(1)
    return driver


async def rolled_back(house: House) -> Driver:
    """The same, after a person rolled it back."""
    driver = await all_choices(house)
    await house.wait(2)
    await driver.answer("announce:1", "roll_back")
    for step_ in ("load~undo", "build~undo", "tidy", "close"):
        house.cast[step_].end({"ok": True})
        await done(house, driver, step_)
        await house.wait(1)
    await house.until(lambda: driver.committed.over)
    await house.shows("↶ undone")
    return driver


ASK = """
name: Cut a release
steps:
  - {id: scan, type: play}
  - id: which
    type: question
    ask: Which kind of release is this?
    schema: {enum: [major, minor, patch]}
    timeout: 1h
    default: patch
"""


async def question(house: House) -> Driver:
    """A question is asked, and its form is open."""
    driver = await house.perform(ASK)
    house.cast["scan"].end({"changes": 12})
    await house.until(lambda: driver.committed.open_inquiries)
    await house.shows("c  answer")
    await house.wait(1)
    await house.press("c")
    await house.shows("minor")
    return driver
