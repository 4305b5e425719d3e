"""Whatever a file, a tool or a model says, it is only ever text on the screen."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from app.tui.bridge import RunAdvanced
from app.tui.modals.json_editor import written
from tests.support.plans import chain, parallel, step
from tests.support.stage import House, lines_of, on_stage
from workflows.bus import Committed, Notice
from workflows.effects import Usage
from workflows.steps.kind import Shown

EVIL = [
    "[bold]x[/bold]",
    "[/foo]",
    "[@click=app.quit]click me[/]",
    "[link=https://evil.example]Approve[/link]",
    "\x1b]52;c;SGVsbG8=\x07",
    "\x1b]0;title\x07\x1b[2J\x1b[31mred",
    "\x9b2J\x90q\x9c",
    "a\u202eb\u200bc\U000e0041",
    "z" + "\u0301" * 200,
    "$primary .rows--cursor {",
    "x" * 100_000,
    "\r\roverwritten\x08\x08",
]
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\U000e0000-\U000e007f]")


def clean(house: House) -> None:
    text = lines_of(house.app)
    found = CONTROL.search(text.replace("\n", ""))
    assert found is None, repr(found)


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
async def test_no_text_acts(tmp_path: Path, evil: str) -> None:
    async with on_stage(tmp_path) as house:
        plan = parallel(
            step("say", "agent", performers=("writer",), title=evil, summary=evil),
            step("ask", "play", approve=True, fields={"path": evil}),
            step("fall", "play"),
        )
        house.cast.shown["ask"] = Shown(evil or "x", f"+{evil}\n-{evil}", {evil[:40]: evil}, language="diff")
        driver = await house.start(plan, workflow="play", parameters={"a": evil})
        await house.app.open_run(driver.state.run_id)
        screen = house.app.screen
        house.cast["say"].say(evil + "\n")
        house.cast["say"].log(evil + "\n")
        house.cast["fall"].fail(evil, hint=evil)
        await house.until(lambda: len(driver.committed.open_inquiries) == 2)
        for key in ("*", "say", "ask", "fall"):
            screen.look_at(key)
            for _ in range(4):
                await house.press("right")
                clean(house)
        await house.press("z")
        clean(house)
        await house.press("z", "i")
        clean(house)
        await house.press("escape", "colon")
        clean(house)
        await house.press("escape")
        usage = Usage("openai/gpt-4o", 1, 1, None, 0.1)
        house.cast["say"].end({"text": f"# {evil}\n\n```\n{evil}\n```\n[a]({evil[:50]})\n<b>{evil[:50]}</b>"}, usage)
        await house.until(lambda: driver.committed.steps["say"].over)
        screen.look_at("say")
        await house.rest()
        clean(house)
        screen.look_at("fall")
        await house.wait()
        await house.press("e")
        clean(house)
        await house.press("escape", "1")
        await house.rest()
        clean(house)
        await house.press("5")
        await house.rest()
        clean(house)
        assert house.app.is_running


async def test_items_branches_parameters_and_answers_do_not_act_either(tmp_path: Path) -> None:
    async with on_stage(tmp_path, (80, 24)) as house:
        house.add(
            "inner",
            """
            name: Inner
            parameters: [{name: texts, type: array}]
            steps: [{id: work, type: play, given: "${{ parameters.texts }}"}]
            """,
        )
        driver = await house.perform(
            """
            name: Outer
            parameters: [{name: texts, type: array}]
            steps:
              - {id: each, type: play, foreach: {in: "${{ parameters.texts }}", max_parallel: 20}, given: "${{ item }}", approve: before}
              - {id: child, type: workflow, workflow: inner, parameters: {texts: "${{ parameters.texts }}"}}
            """,  # noqa: E501  # a line of YAML
            texts=EVIL,
        )
        await house.until(lambda: len(driver.committed.open_inquiries) == len(EVIL))
        for n in range(len(EVIL)):
            house.app.screen.look_at(f"each[{n}]")
            await house.rest()
            clean(house)
            await house.wait()
            await house.press("e")
            clean(house)
            await house.press("escape")
            await driver.answer(f"each[{n}]:1", "approve")
            house.cast[f"each[{n}]"].end({"text": EVIL[n]})
        await house.until(lambda: driver.committed.steps["each"].over)
        house.cast["child>work"].fail(EVIL[4], hint=EVIL[5])
        await house.until(lambda: driver.committed.open_inquiries)
        for step in ("each", "child", "child>work"):
            house.app.screen.look_at(step)
            for _ in range(4):
                await house.press("right")
                clean(house)
        await house.wait()
        for key in ("t", "R", "v", "U", "i", "x"):
            await house.press(key)
            clean(house)
            await house.press("escape")
        assert house.app.is_running
        driver.cancel()


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
async def test_a_question_and_its_choices_do_not_act(tmp_path: Path, evil: str) -> None:
    async with on_stage(tmp_path, (80, 24)) as house:
        plan = parallel(step("ask", "question", title=evil, fields={"ask": evil, "schema": {"enum": [evil, "b"]}}))
        driver = await house.start(plan)
        await house.app.open_run(driver.state.run_id)
        await house.shows("c  answer")
        await house.wait()
        clean(house)
        await house.press("c")
        clean(house)
        await house.press("enter")
        await house.until(lambda: driver.committed.over)
        clean(house)


async def test_notices_show_markup_as_it_is(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        house.app.tell("[bold]x[/nope] \x1b[2J")
        await house.shows("[bold]x[/nope]")
        clean(house)


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_what_is_edited_is_what_was_there(evil: str) -> None:
    import json

    value = {"text": evil, evil[:30]: [evil]}
    text = written(value)
    assert json.loads(text) == value
    assert CONTROL.search(text.replace("\n", "")) is None


def test_nothing_reads_markup() -> None:
    """Content from markup, Static without `markup=False`: a tool's text could end the program, or be a link."""
    for path in Path("app/tui").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert "from_markup" not in source.replace("`Content.from_markup`", ""), path
        for call in re.findall(r"(?<!\w)(?:Static|Label)\((.*)\)$", source, flags=re.MULTILINE):
            assert "markup=False" in call, f"{path}: {call}"
        assert "yield Input(" not in source, f"{path}: LineField shows what it holds as text"
        for call in re.findall(r"\.notify\((.*)\)", source):
            assert "markup=False" in call, f"{path}: {call}"


async def test_a_run_that_cannot_be_read_is_told_of_and_ends_nothing(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await house.start(chain(step("one", "play")))
        heard: list[Notice] = []
        house.services.bus.subscribe(heard.append)
        house.cast["one"].end("done")
        await house.until(lambda: driver.committed.over)
        with sqlite3.connect(house.services.paths.journal / "journal.db") as connection:
            event = "INSERT INTO events VALUES ((SELECT max(id) FROM runs), ?, 0, 'Unheard', 1, '{}', NULL)"
            connection.execute(event, (driver.committed.seq + 1,))
        connection.close()
        await house.app.open_run(driver.state.run_id)
        await house.shows("not known to this release")
        # What the engine told last is handed on a moment later.
        told = next(each for each in reversed(heard) if isinstance(each, Committed))
        house.app._deliver(RunAdvanced(told.run_id, told.events, told.state))
        await house.press("B")
        await house.press("i")
        await house.press("escape", "q")
        assert house.app.is_running
