"""A workspace's own files: trusted first, and reloaded while they are mended."""

from __future__ import annotations

from pathlib import Path

from app.tui.modals.choices import Choices
from app.tui.screens.run import RunScreen
from tests.support.stage import House, lines_of, on_stage
from workflows.engine.driver import Driver

SKILL = '''\
from skills import skill


@skill(name="lint", effect="pure")
def lint(path: str) -> dict:
    """Look for faults."""
    {body}
'''

FLOW = """\
workflow:
  name: Check
  steps:
    - {id: lint, type: skill, skill: lint, parameters: {path: docs}}
  outputs: {found: "${{ steps.lint.output }}"}
"""


def write(tmp: Path, body: str = 'raise ValueError("no such folder")') -> Path:
    base = tmp / "project" / ".understudy"
    for name in ("skills", "workflows"):
        (base / name).mkdir(parents=True, exist_ok=True)
    skill = base / "skills" / "lint.py"
    skill.write_text(SKILL.format(body=body), encoding="utf-8")
    (base / "workflows" / "check.yaml").write_text(FLOW, encoding="utf-8")
    return skill


async def start(house: House) -> Driver:
    proposal = house.desk.propose(house.desk.load("check"), {})
    driver = await house.desk.start(proposal, attended=True)
    await house.app.open_run(driver.state.run_id)
    return driver


async def test_trust_is_asked_before_anything_acts_and_only_t_gives_it(tmp_path: Path) -> None:
    write(tmp_path)
    async with on_stage(tmp_path, played=False) as house:
        await house.until(lambda: isinstance(house.app.screen, Choices))
        await house.shows("1 skill · 0 agents · 1 workflow")
        await house.press("up")
        await house.press("enter")
        assert isinstance(house.app.screen, Choices)
        assert not house.desk.trusted()
        await house.press("escape")
        await house.shows("not trusted (t)")
        await house.app.open_form("check")
        await house.shows("never trusted")
        await house.press("r")
        assert not house.services.engine.drivers
        await house.press("escape")
        await house.press("t")
        await house.until(lambda: isinstance(house.app.screen, Choices))
        await house.press("t")
        await house.until(house.desk.trusted)
        await house.until(lambda: "not trusted" not in lines_of(house.app))


async def test_a_skill_mended_while_its_step_waits_is_retried_with_the_new_version(tmp_path: Path) -> None:
    skill = write(tmp_path)
    async with on_stage(tmp_path, played=False) as house:
        house.desk.trust()
        await house.press("escape")
        driver = await start(house)
        await house.until(lambda: driver.committed.open_inquiries)
        await house.shows("no such folder")
        await house.wait()
        old = house.services.skills.get("lint").version

        skill.write_text(SKILL.format(body="return {"), encoding="utf-8")
        house.services.skills.reload()
        await house.shows("lint.py:7 broken")
        await house.shows("the last good version stays")

        skill.write_text(SKILL.format(body='return {"faults": 0}'), encoding="utf-8")
        house.services.skills.reload()
        new = house.services.skills.get("lint").version
        assert new != old
        await house.shows(f"reloaded lint (v2, {new})")
        await house.wait()
        await house.shows(f"lint was changed since ({old[:8]} → {new[:8]}): r uses the new")
        await house.press("r")
        await house.until(lambda: driver.committed.status == "succeeded")
        assert driver.committed.outputs == {"found": {"faults": 0}}
        assert [attempt.digest[:12] for attempt in driver.committed.steps["lint"].attempts] == [old, new]
        screen = house.app.screen
        assert isinstance(screen, RunScreen)


async def test_saving_the_file_is_enough(tmp_path: Path) -> None:
    skill = write(tmp_path)
    async with on_stage(tmp_path, played=False, hot=True) as house:
        house.desk.trust()
        await house.press("escape")
        skill.write_text(SKILL.format(body='return {"faults": 1}'), encoding="utf-8")
        await house.shows("reloaded lint")


async def test_a_workflow_that_is_being_edited_can_still_be_run_as_it_was(tmp_path: Path) -> None:
    write(tmp_path, 'return {"faults": 0}')
    file = tmp_path / "project" / ".understudy" / "workflows" / "check.yaml"
    async with on_stage(tmp_path, played=False, hot=True) as house:
        house.desk.trust()
        await house.press("escape")
        file.write_text(FLOW.replace("steps:", "setps:"), encoding="utf-8")
        await house.shows("check.yaml:2 broken: ")
        await house.shows("the last good version stays")
        await house.shows("✗ line 2")
        driver = await start(house)
        await house.until(lambda: driver.committed.status == "succeeded")
        file.write_text(FLOW.replace("name: Check", "name: Check it"), encoding="utf-8")
        await house.shows("reloaded workflow check")
        assert house.desk.load("check").workflow.name == "Check it"  # type: ignore[union-attr]  # it is right again
        assert house.desk.load("check").newer == ()
