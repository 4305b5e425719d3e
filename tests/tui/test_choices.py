"""Every way out of a failure, and every form of an answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.widgets import Input, TextArea

from app.tui.modals.choices import Choices, Option
from app.tui.modals.entry import Entry
from app.tui.modals.json_editor import JsonEditor
from app.tui.modals.pick import Pick
from app.tui.screens.run import RunScreen
from app.tui.stage import Stage
from app.tui.widgets.rows import Rows
from tests.support.scripts import all_choices, done
from tests.support.stage import House, lines_of, on_stage
from workflows.engine.driver import Driver

KEYS = {"r": "retry", "e": "edit & retry", "R": "retry from", "b": "fallback", "t": "type output", "s": "skip"} | {
    "U": "roll back",
    "x": "abort",
}


async def in_box(house: House, box: type[Any]) -> None:
    await house.until(lambda: isinstance(house.app.screen, box), box.__name__)


@pytest.mark.parametrize("size", [(80, 24), (140, 36)])
async def test_all_choices_are_there_with_their_keys(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await all_choices(house)
        shown = lines_of(house.app)
        for key, label in KEYS.items():
            assert f" {key}  {label}" in shown
        assert "undo 2 finished steps and do 1 rollback step" in shown
        await house.press("i")
        await in_box(house, Choices)
        for key, label in KEYS.items():
            assert any(key in line and label in line for line in lines_of(house.app).split("\n"))


async def test_keys_typed_before_a_box_is_gone_are_for_nobody(tmp_path: Path) -> None:
    told: list[str | None] = []

    async def then(name: str | None) -> None:
        told.append(name)

    async with on_stage(tmp_path) as house:
        below, box = house.app.screen, Choices("Sure?", "", [Option("yes", "y", "do it"), Option("no", "n", "not")])
        assert isinstance(below, Stage)
        below.ask(box, then)
        await in_box(house, Choices)
        for key in "ynyy":  # as fast as a paste: no screen has its turn in between
            box.post_message(events.Key(key, key))
        await house.until(lambda: house.app.screen is below)
        await house.wait()
        assert told == ["yes"]
        assert house.app.screen is below


async def test_an_earlier_step_is_chosen_from_a_list_and_done_again_with_all_after_it(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await all_choices(house)
        await house.press("R")
        await in_box(house, Pick)
        rows = house.app.screen.query_one("#values", Rows)
        assert len(rows.rows) == 2
        await house.press("2")
        await house.until(lambda: driver.committed.steps["build"].status == "running")
        assert driver.committed.steps["load"].status == "pending"
        for step in ("build", "load", "announce"):
            house.cast[step].end({"done": "again"})
            await done(house, driver, step)


async def test_another_performer_is_chosen_and_tries(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await all_choices(house)
        await house.press("b")
        await in_box(house, Pick)
        await house.shows("tried 1x")
        await house.press("down", "enter")
        house.cast["announce"].end({"sent": 3})
        await done(house, driver, "announce")
        assert [attempt.performer for attempt in driver.committed.steps["announce"].attempts] == [
            "writer",
            "editor",
            "editor",
        ]


async def test_an_output_is_typed_in_checked_and_kept_where_it_does_not_fit(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await all_choices(house)
        await house.press("t")
        await in_box(house, JsonEditor)
        assert "Wanted: an object, as JSON." in lines_of(house.app)
        editor = house.app.screen.query_one(TextArea)
        editor.load_text("[1, 2, 3]")
        await house.press("f5")
        await house.shows("must be of the type object")
        assert editor.text == "[1, 2, 3]"
        assert driver.committed.open_inquiries
        editor.load_text('{"sent": 3}')
        await house.press("f5")
        await done(house, driver, "announce")
        assert driver.committed.steps["announce"].output == {"sent": 3}


async def test_rolling_back_names_what_it_undoes_and_is_seen_while_it_goes_on(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await all_choices(house)
        await house.press("U")
        await in_box(house, Choices)
        await house.shows("undo 2 finished steps")
        # Neither the harmless option, which the cursor is on, nor enter does it.
        await house.press("enter")
        assert driver.committed.open_inquiries
        await house.wait()
        await house.press("U")
        await in_box(house, Choices)
        await house.press("U")
        await house.shows("↶ undoing 0/2")
        house.cast["load~undo"].end(1)
        await house.shows("↶ undoing 1/2")
        house.cast["build~undo"].end(1)
        await house.shows("↶ rolling back 0/1")
        house.cast["tidy"].end(1)
        await house.shows("● finishing 0/1")
        house.cast["close"].end(1)
        await house.until(lambda: driver.committed.over)
        assert driver.committed.status == "failed"
        assert driver.committed.steps["build"].status == "undone"
        house.app.screen.look_at("build")
        await house.shows("It was done, and then undone.")


async def test_a_second_cancel_skips_finally_and_says_so_before(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await house.perform(
            """
name: Clean
steps: [{id: work, type: play}]
finally: {steps: [{id: close, type: play}]}
"""
        )
        await house.until(lambda: house.cast.inputs)
        await house.press("x")
        await in_box(house, Choices)
        await house.shows("`finally` (1 step) is still done; a second x skips it.")
        await house.press("x")
        await house.shows("finishing 0/1")
        assert not driver.committed.over
        await house.press("x")
        await in_box(house, Choices)
        await house.shows("once more skips what is left of `finally`")
        await house.press("x")
        await house.until(lambda: driver.committed.status == "cancelled")
        assert driver.committed.steps["close"].status == "cancelled"


# Questions


async def asked(house: House, schema: str, default: str = "") -> Driver:
    more = f", timeout: 1h, default: {default}" if default else ""
    schema_ = f", schema: {schema}" if schema else ""
    driver = await house.perform(
        f"""
name: Ask
steps: [{{id: ask, type: question, ask: "Which one?"{schema_}{more}}}]
"""
    )
    await house.until(lambda: driver.committed.open_inquiries)
    await house.shows("c  answer")
    await house.wait()
    await house.press("c")
    await house.until(lambda: not isinstance(house.app.screen, RunScreen))
    return driver


async def given(house: House, driver: Driver) -> Any:
    await house.until(lambda: driver.committed.status == "succeeded")
    return driver.committed.steps["ask"].output


async def test_an_enum_is_a_list_and_its_values_keep_their_types(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await asked(house, "{enum: [small, 7, null]}")
        assert isinstance(house.app.screen, Pick)
        await house.press("down", "enter")
        assert await given(house, driver) == 7


async def test_a_boolean_is_yes_or_no(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await asked(house, "{type: boolean}")
        assert isinstance(house.app.screen, Pick)
        await house.press("n")
        assert await given(house, driver) is False


@pytest.mark.parametrize(
    ("schema", "wrong", "problem", "right", "value"),
    [
        ('{type: string, pattern: "^v[0-9]+$"}', "seven", "does not match", "v7", "v7"),
        ("{type: string, minLength: 2}", "1", "too short", "12", "12"),
        ("{type: integer, maximum: 9}", "12", "greater than the maximum", "8", 8),
        ("{type: integer}", "1.5", "must be of the type integer", "2", 2),
        ("{type: number}", "two", "not JSON", "2.5", 2.5),
    ],
)
async def test_a_text_and_a_number_are_checked_and_stay_where_they_are_wrong(
    tmp_path: Path, schema: str, wrong: str, problem: str, right: str, value: object
) -> None:
    async with on_stage(tmp_path) as house:
        driver = await asked(house, schema)
        assert isinstance(house.app.screen, Entry)
        field = house.app.screen.query_one(Input)
        field.value = wrong
        await house.press("enter")
        await house.shows(problem)
        assert field.value == wrong
        assert driver.committed.open_inquiries
        field.value = right
        await house.press("enter")
        assert await given(house, driver) == value


async def test_without_a_schema_a_line_of_text_is_taken_as_it_is(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await asked(house, "")
        house.app.screen.query_one(Input).value = "12"
        await house.press("enter")
        assert await given(house, driver) == "12"


async def test_anything_else_is_json_that_must_fit(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await asked(house, "{type: array, items: {type: integer}}")
        assert isinstance(house.app.screen, JsonEditor)
        editor = house.app.screen.query_one(TextArea)
        editor.load_text('["a"]')
        await house.press("f5")
        await house.shows("0: it must be of the type integer")
        editor.load_text("[1, 2]")
        await house.press("f5")
        assert await given(house, driver) == [1, 2]


async def test_the_default_is_shown_and_can_be_taken(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await asked(house, "{enum: [major, minor]}", "minor")
        await house.press("escape")
        await house.shows('go on with "minor"')
        await house.shows("the default is taken")
        await house.wait()
        await house.press("D")
        assert await given(house, driver) == "minor"


async def test_leaving_a_form_answers_nothing(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await asked(house, "{type: string}")
        await house.press("a", "b", "escape")
        await house.shows("c  answer")
        assert driver.committed.open_inquiries


async def test_the_menu_says_whole_what_has_no_room_in_its_row(tmp_path: Path) -> None:
    async with on_stage(tmp_path, (80, 24)) as house:
        driver = await all_choices(house)
        await house.press("i")
        await house.shows("go back")
        ending = "then end it as failed"
        assert ending not in lines_of(house.app).split("go back")[0]
        for _ in range(6):
            await house.press("k")
        await house.until(
            lambda: ending in " ".join(lines_of(house.app).split("go back")[1].split()), "roll back, whole"
        )
        driver.cancel()


async def test_what_can_be_chosen_stays_in_view_below_a_long_text(tmp_path: Path) -> None:
    text = "\n".join(f"line {number}" for number in range(60))
    async with on_stage(tmp_path, (80, 24)) as house:
        house.app.push_screen(Choices("long", text, (Option("do", "d", "do it", deliberate=True),)))
        await house.shows("d     do it")
        await house.shows("esc   go back")
        await house.shows("more lines")
        assert "line 59" not in lines_of(house.app)
        for _ in range(6):
            await house.press("pagedown")
        await house.shows("line 59")
        assert "more lines" not in lines_of(house.app)
