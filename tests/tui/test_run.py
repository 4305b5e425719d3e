"""The run screen while a run goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.present.labels import DEMO
from app.tui.widgets.detail import Detail
from app.tui.widgets.output import Document
from app.tui.widgets.rows import Rows
from app.tui.widgets.status_line import StatusLine
from tests.support.plans import chain, parallel, step
from tests.support.scripts import NOTES, at_gate, release, streaming
from tests.support.stage import House, lines_of, on_stage
from workflows.effects import Usage
from workflows.planning.plan import Use


def detail(house: House) -> Detail:
    return house.app.screen.query_one(Detail)


async def test_text_comes_plain_and_is_laid_out_once_when_it_is_whole(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await streaming(house)
        assert "**twelve**" in lines_of(house.app)
        assert not detail(house).output.is_document
        house.cast["notes"].end({"text": NOTES})
        await house.until(lambda: driver.committed.steps["notes"].over)
        # The screen follows to the next step by itself; only then is looking back a choice.
        await house.shows("─ publish · ")
        house.app.screen.look_at("notes")
        await house.shows("This release brings twelve changes.")
        assert detail(house).query_one(Document).source == NOTES


async def test_what_was_said_before_somebody_looked_is_there_and_nothing_twice(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await house.start(chain(step("talk", "play")))
        for n in range(50):
            house.cast["talk"].say(f"early {n}\n")
        await house.until(lambda: house.app.bridge.heard(driver.state.run_id, "talk", 1, False) > 400)
        house.cast["talk"].say("in between\n")
        await house.app.open_run(driver.state.run_id)
        for n in range(50):
            house.cast["talk"].say(f"late {n}\n")
        await house.until(lambda: "late 49" in detail(house).output.tail.text)
        said = detail(house).output.tail.text.split("\n")
        assert said == [*(f"early {n}" for n in range(50)), "in between", *(f"late {n}" for n in range(50))]


async def test_no_token_is_lost_between_a_run_and_its_screen(tmp_path: Path) -> None:
    tokens = [f"tok{n} " if n % 12 else f"tok{n}\n" for n in range(2_000)]
    async with on_stage(tmp_path) as house:
        driver = await house.start(chain(step("talk", "play")))
        await house.app.open_run(driver.state.run_id)
        for token in tokens:
            house.cast["talk"].say(token)
        await house.until(lambda: "tok1999" in detail(house).output.tail.text)
        assert detail(house).output.tail.text == "".join(tokens).rstrip("\n")


async def test_scrolling_up_stops_following_and_says_how_much_came_since(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await house.start(chain(step("talk", "play")))
        await house.app.open_run(driver.state.run_id)
        house.cast["talk"].say("".join(f"line {n}\n" for n in range(100)))
        await house.shows("line 99")
        await house.press("enter")
        await house.press("pageup")
        await house.shows("not following")
        house.cast["talk"].say("".join(f"new {n}\n" for n in range(37)))
        await house.shows("paused · 37 new lines · f to follow")
        await house.press("f")
        await house.shows("new 36")
        assert "to follow" not in lines_of(house.app)


async def test_the_view_goes_along_with_the_run_until_somebody_moves_the_cursor(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await house.start(chain(*(step(name, "play") for name in ("one", "two", "three"))))
        await house.app.open_run(driver.state.run_id)
        await house.until(lambda: house.app.screen.view.key == "one")
        house.cast["one"].end(1)
        await house.until(lambda: house.app.screen.view.key == "two")
        await house.press("k")
        house.cast["two"].end(2)
        await house.until(lambda: driver.committed.steps["three"].status == "running")
        assert house.app.screen.view.key == "one"
        await house.press("f")
        await house.until(lambda: house.app.screen.view.key == "three")


async def test_a_step_that_has_not_begun_says_what_it_waits_for(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await house.start(release())
        await house.app.open_run(driver.state.run_id)
        house.app.screen.look_at("notes")
        await house.shows("waits for: log, tests")


async def test_tabs_turn_with_the_arrows_and_show_input_and_log(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await house.start(chain(step("talk", "play", fields={"path": "docs"})))
        await house.app.open_run(driver.state.run_id)
        house.cast["talk"].log("opened docs\n")
        await house.press("right")
        await house.shows("opened docs")
        await house.shows("play step")
        await house.press("right")
        await house.shows("No tool was used yet.")
        await house.press("right")
        await house.shows("path: docs")
        await house.press("right")
        await house.shows("#1")
        await house.press("left", "left", "left", "left")
        assert detail(house).tab == "output"


async def test_earlier_tries_stay_to_be_looked_at(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await house.start(chain(step("talk", "play")))
        await house.app.open_run(driver.state.run_id)
        house.cast["talk"].say("first words\n")
        house.cast["talk"].fail("it broke")
        await house.until(lambda: driver.committed.open_inquiries)
        await house.shows("it broke")
        await house.wait()
        await house.press("r")
        house.cast["talk"].say("second words\n")
        await house.shows("second words")
        assert "first words" not in lines_of(house.app)
        await house.press("right", "right", "right", "right")
        rows = house.app.screen.query_one("#attempt-rows", Rows)
        assert [row.key for row in rows.rows if row.key] == ["1", "2"]
        rows.focus()
        await house.press("home")
        await house.press("enter")
        await house.shows("first words")
        await house.shows("attempt 1 of 2")


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
async def test_words_that_no_ai_wrote_are_labelled_while_they_come_and_after(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    use = Use("agent", "writer", "", ("demo/scripted",), simulated=True)
    async with on_stage(tmp_path, size) as house:
        driver = await house.start(parallel(step("notes", "agent", performers=("writer",), uses=(use,))))
        await house.app.open_run(driver.state.run_id)
        house.cast["notes"].say("scripted words")
        await house.shows("scripted words")
        assert DEMO in lines_of(house.app)
        house.cast["notes"].end({"text": "scripted words"}, Usage("demo/scripted", 0, 0, None, 0.0, simulated=True))
        await house.until(lambda: driver.committed.over)
        house.app.screen.look_at("notes")
        await house.shows(DEMO)
        status = house.app.screen.query_one(StatusLine)
        await house.until(lambda: DEMO in status.render().plain)
        assert "no cost" in status.render().plain


async def test_an_unknown_price_is_never_called_nothing(tmp_path: Path) -> None:
    async with on_stage(tmp_path, (80, 24)) as house:
        driver = await house.start(parallel(step("notes", "agent", performers=("writer",))))
        await house.app.open_run(driver.state.run_id)
        house.cast["notes"].end({"text": "x"}, Usage("odd/model", 900, 30, None, None))
        await house.until(lambda: driver.committed.over)
        await house.shows("$?")


async def test_space_pauses_and_goes_on(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await house.start(chain(step("one", "play"), step("two", "play")))
        await house.app.open_run(driver.state.run_id)
        await house.press("space")
        await house.shows("‖ paused")
        house.cast["one"].end(1)
        await house.until(lambda: driver.committed.steps["one"].over)
        assert driver.committed.steps["two"].status == "pending"
        await house.shows("space continue")
        await house.press("space")
        await house.until(lambda: driver.committed.steps["two"].status == "running")


async def test_ending_a_run_names_what_that_means_and_enter_does_not_do_it(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await streaming(house)
        await house.press("x")
        await house.shows("1 running step stopped: notes")
        await house.press("up", "enter")
        assert not driver.state.over
        await house.press("x")
        await house.until(lambda: driver.committed.status == "cancelled")
        await house.shows("■ cancelled")


async def test_clicking_a_step_puts_it_on_view(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await at_gate(house)
        await house.pilot.click("#rail", offset=(5, 3))
        assert house.app.screen.view.key == "log"
        await house.shows("count: 12")


async def test_too_small_a_screen_says_so_and_still_shows_what_waits(tmp_path: Path) -> None:
    async with on_stage(tmp_path, (60, 20)) as house:
        await at_gate(house)
        await house.shows("works best at 80x24")
        await house.shows("approve")
        assert "publish" in lines_of(house.app)


async def test_a_run_that_nobody_drives_is_resumed_with_space_and_not_before(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await house.start(chain(step("one", "play"), step("two", "play")))
        run = driver.state.run_id
        await house.until(lambda: house.cast.inputs)
        driver.stop("the program was closed")
        await house.until(lambda: run not in house.services.engine.drivers)
        await house.app.open_run(run)
        await house.shows("! interrupted")
        await house.wait(5)
        assert len(house.cast.inputs) == 1
        await house.press("space")
        await house.until(lambda: run in house.services.engine.drivers)
        house.cast["one"].end(1)
        house.cast["two"].end(2)
        await house.until(lambda: house.app.screen.state.status == "succeeded")
        await house.shows("✓ done")
