"""The tabs of a step: its tools and who let them, what changed from try to try, and how long an agent was silent."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import TextArea

from app.tui.screens.run import RunScreen
from app.tui.widgets.detail import Detail
from tests.support.plans import parallel, step
from tests.support.scripts import NOTES_FLOW, failed, look_from_the_top, put_noter, streaming
from tests.support.stage import PERSON, House, lines_of, on_stage
from workflows.planning.plan import RetryPolicy


def open_tab(house: House, name: str) -> None:
    house.app.screen.query_one(Detail).open(name)


def text_of(house: House, name: str) -> str:
    detail = house.app.screen.query_one(Detail)
    return (detail.tools_tail if name == "tools" else detail.diff_tail).text


async def test_tools_tell_arguments_result_and_who_decided(tmp_path: Path) -> None:
    put_noter(tmp_path)
    async with on_stage(tmp_path, played=False) as house:
        house.desk.trust()
        driver = await house.perform(NOTES_FLOW)
        await house.until(lambda: driver.committed.open_inquiries)
        await house.shows("d  deny  ")
        open_tab(house, "diff")
        await house.until(lambda: "(waits for you)" in text_of(house, "diff"))
        assert "+one" in text_of(house, "diff")
        await house.wait(1)
        await house.press("a")
        await house.until(lambda: len(driver.committed.open_inquiries) == 1 and driver.committed.steps["note"].calls)
        await driver.answer(driver.committed.open_inquiries[0].asked.entry, "deny", note="one is enough", by=PERSON)
        await house.until(lambda: driver.committed.over)
        look_from_the_top(house, "note")
        open_tab(house, "tools")
        await house.shows("declined by ada: one is enough")
        first, second = text_of(house, "tools").split("\n\n")
        assert first.startswith("✓ done  file_write  turn1/tool1")
        assert f"approved by {PERSON}, once" in first
        assert "path: notes/1.md" in first
        assert "  result" in first
        assert second.startswith("↷ not done  file_write  turn2/tool1")
        open_tab(house, "diff")
        await house.until(lambda: f"(approved by {PERSON})" in text_of(house, "diff"))
        assert f"(denied by {PERSON})" in text_of(house, "diff")


async def test_the_tries_of_a_step_are_compared(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await failed(house)
        open_tab(house, "diff")
        await house.shows("Nothing to compare")
        await house.press("e")
        await house.shows("edit the input")
        house.app.screen.query_one(TextArea).text = '{"path": "guide"}'
        house.cast["check_links"].end({"links": 3})
        await house.press("f5")
        await house.until(lambda: driver.committed.over)
        look_from_the_top(house, "check_links")
        await house.shows("from try 1 to try 2")
        assert text_of(house, "diff").split("\n") == [
            "from try 1 to try 2",
            f"input, edited by {PERSON}:",
            "input.path: docs → guide",
            "end: ✗ failed (exit 1, 1 broken link) → ✓ done",
        ]
        # The first try is shown with what it was given, and how it ended.
        screen = house.app.screen
        assert isinstance(screen, RunScreen)
        screen.view.show("check_links", 1)
        assert screen.query_one(Detail).input_tail.text == "path: docs"
        open_tab(house, "output")
        await house.shows("try 1 of 1")


async def test_an_agent_that_says_nothing_for_long_is_told_of(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await streaming(house)
        await house.wait(29)
        assert "no tokens" not in lines_of(house.app)
        await house.wait(2)
        await house.shows("no tokens for 31 s · r begins it anew · x ends the run")
        house.cast["notes"].say("more")
        await house.wait(1)
        await house.until(lambda: "no tokens" not in lines_of(house.app))
        driver.cancel()


async def test_an_agent_that_says_nothing_is_begun_anew_with_r(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await streaming(house)
        await house.press("r")
        await house.shows("no failed step waits")
        await house.wait(31)
        await house.shows("r begin anew")
        await house.press("r")
        await house.until(lambda: len(driver.committed.steps["notes"].attempts) == 2)
        open_tab(house, "log")
        await house.shows(f"try 1 was cut off: {PERSON} had it begun anew")
        house.cast["notes"].end({"text": "Written."})
        await house.until(lambda: driver.committed.steps["notes"].status == "succeeded")
        driver.cancel()


async def test_silence_counts_from_the_last_word_also_where_nobody_looked(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await streaming(house)
        look_from_the_top(house, "log")
        await house.wait(40)
        house.cast["notes"].say("more\n")
        await house.until(lambda: house.app.bridge.heard_at(driver.state.run_id, "notes", 1) > house.clock.now() - 1)
        look_from_the_top(house, "notes")
        await house.wait(1)
        await house.shows("more")
        assert "no tokens" not in lines_of(house.app)
        driver.cancel()


async def test_a_step_that_is_tried_again_says_when(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        again = RetryPolicy(2, "fixed", 20.0, jitter=False)
        driver = await house.start(parallel(step("call", "play", retry=again), step("other", "play")))
        await house.app.open_run(driver.state.run_id)
        house.cast["call"].fail("nobody is there", kind="transient")
        await house.until(lambda: driver.committed.steps["call"].retry_at)
        look_from_the_top(house, "call")
        await house.wait(5)
        await house.shows("↻ tried again in 15 s, at 22:13:40 · r now")
        assert "↻ in 15 s" in lines_of(house.app).split("\n")[0]
        assert "r try now" in lines_of(house.app)
        await house.press("r")
        await house.until(lambda: len(driver.committed.steps["call"].attempts) == 2)
        driver.cancel()


async def test_a_wait_counts_down(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await house.perform("name: W\nsteps: [{id: rest, type: delay, for: 1m}]")
        await house.until(lambda: driver.committed.steps["rest"].timers)
        look_from_the_top(house, "rest")
        await house.wait(20)
        await house.shows("waits for 40 s, until 22:14:20")
        assert "◌ 40 s" in lines_of(house.app).split("\n")[0]
        driver.cancel()


async def test_the_time_that_is_left_for_an_answer_counts_down(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        text = "name: A\nsteps: [{id: ask, type: question, ask: 'Which?', timeout: 5m, default: one}]"
        driver = await house.perform(text)
        await house.until(lambda: driver.committed.open_inquiries)
        await house.wait(30)
        await house.shows("◌ 4 m 30 s")
        driver.cancel()


async def test_the_timeline_has_other_scales(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await streaming(house)
        await house.wait(120)
        for said in ("last min ", "the step ", "timeline "):
            await house.press("T")
            await house.shows(said)
        driver.cancel()
