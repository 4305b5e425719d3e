"""What waits for a person on the run screen, and how it is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.tui.modals.json_editor import JsonEditor
from app.tui.widgets.gate import Gate
from tests.support.plans import chain, step
from tests.support.scripts import at_gate, failed
from tests.support.stage import PERSON, House, lines_of, on_stage
from workflows.engine.driver import Driver
from workflows.planning.plan import Use
from workflows.runs.events import Answered
from workflows.runs.state import RunState
from workflows.steps.kind import Shown

SIZES = [(140, 40), (140, 36), (80, 24)]


def answers(driver: Driver) -> list[Answered]:
    return [found.answer for found in driver.committed.inquiries.values() if found.answer is not None]


async def type_json(house: House, text: str) -> None:
    screen = house.app.screen
    assert isinstance(screen, JsonEditor)
    screen.query_one("TextArea").load_text(text)
    await house.rest()


@pytest.mark.parametrize("size", SIZES)
async def test_the_gate_is_whole_with_its_content_above_the_choices(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await at_gate(house)
        lines = lines_of(house.app).split("\n")
        rows = [next(n for n, line in enumerate(lines) if text in line) for text in CONTENT]
        assert rows == sorted(rows)
        assert "more lines" in lines_of(house.app)


CONTENT = (
    "approval",
    "write NOTES.md",
    "file: NOTES.md",
    "--- a/NOTES.md",
    "+++ b/NOTES.md",
    "@@ -1,2 +1,31 @@",
    "# Release notes",
    "-Old text that goes away",
    "a  approve",
    "d  deny",
)


async def test_a_approves_once_and_says_who_did(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await at_gate(house)
        await house.press("a")
        await house.until(lambda: driver.committed.steps["publish"].attempts)
        (answer,) = answers(driver)
        assert (answer.choice, answer.by) == ("approve", PERSON)
        assert answer.digest == driver.committed.inquiries["publish:1"].asked.digest
        await house.until(lambda: not house.app.screen.query_one(Gate).display)


@pytest.mark.parametrize("key", ["enter", "space"])
async def test_neither_enter_nor_space_answers(tmp_path: Path, key: str) -> None:
    async with on_stage(tmp_path) as house:
        driver = await at_gate(house)
        await house.press(key)
        await house.press(key)
        assert not answers(driver)


async def test_keys_typed_before_it_can_have_been_seen_do_not_answer(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await house.start(chain(step("publish", "play", approve=True)))
        await house.app.open_run(driver.state.run_id)
        await house.shows("approve")
        await house.press("a")
        await house.clock.advance(0.39)
        await house.press("a")
        assert not answers(driver)
        await house.clock.advance(0.02)
        await house.press("a")
        await house.until(lambda: answers(driver))


async def test_another_gate_starts_the_time_anew(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await house.start(chain(step("one", "play", approve=True), step("two", "play", approve=True)))
        await house.app.open_run(driver.state.run_id)
        await house.shows("one wants to act")
        await house.wait()
        house.cast["one"].end(1)
        await house.press("a")
        await house.shows("two wants to act")
        await house.press("a")
        assert len(answers(driver)) == 1


async def test_keys_meant_for_a_box_do_not_reach_what_is_below(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await at_gate(house)
        await house.press("question_mark")
        await house.press("a")
        assert not answers(driver)
        await house.press("escape")
        await house.press("a")
        assert not answers(driver)


async def test_d_asks_why_and_the_reason_is_kept(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await at_gate(house)
        await house.press("d")
        await house.shows("Why?")
        await house.press(*"too long", "enter")
        await house.until(lambda: answers(driver))
        (answer,) = answers(driver)
        assert (answer.choice, answer.note) == ("deny", "too long")
        assert driver.committed.steps["publish"].failure is not None
        assert "too long" in driver.committed.steps["publish"].failure.message


async def test_escape_from_the_reason_denies_nothing(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await at_gate(house)
        await house.press("d")
        await house.press(*"no", "escape")
        assert not answers(driver)
        await house.shows("approve")


@pytest.mark.parametrize("size", SIZES)
async def test_z_shows_all_of_it_and_pages_scroll_it(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await at_gate(house)
        assert "Change number 29" not in lines_of(house.app)
        await house.press("z")
        for _ in range(4):
            await house.press("pagedown")
        await house.shows("Change number 29")
        assert "approve" in lines_of(house.app)
        await house.press("z")
        assert "tests" in lines_of(house.app)


async def test_what_changed_after_it_was_approved_is_shown_and_asked_again(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await at_gate(house)
        house.cast.shown["publish"] = Shown("write NOTES.md (another text)", "+ other")
        await house.press("a")
        await house.shows("another text")
        assert not driver.committed.steps["publish"].attempts


# A failed step


async def test_a_failed_step_offers_what_is_legal_with_its_consequence(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await failed(house)
        await house.shows("check_links failed: exit 1, 1 broken link")
        for line in (
            "r  retry",
            "e  edit & retry  change its input",
            "s  skip",
            "x  abort         end the run as failed",
        ):
            assert line in lines_of(house.app)


async def test_r_tries_again(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await failed(house)
        await house.press("r")
        house.cast["check_links"].end({"broken": 0})
        await house.until(lambda: driver.committed.status == "succeeded")
        assert len(driver.committed.steps["check_links"].attempts) == 2


async def test_e_changes_the_input_of_this_run_and_tries_again(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await failed(house, fields={"path": "docs", "skip": []})
        await house.press("e")
        await house.shows('"path": "docs"')
        await type_json(house, '{"path": "docs", "skip": ["old-menu.md"]}')
        await house.press("f5")
        house.cast["check_links"].end({"broken": 0})
        await house.until(lambda: driver.committed.status == "succeeded")
        assert house.cast.inputs[-1] == ("check_links", {"path": "docs", "skip": ["old-menu.md"]})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"path": ', "line 1, column 10"),
        ("[1, 2]", "it is array, and object is wanted"),
        ('{"n": NaN}', "NaN is not a number that JSON has"),
    ],
)
async def test_what_is_not_right_stays_in_the_editor_and_says_where(tmp_path: Path, text: str, problem: str) -> None:
    async with on_stage(tmp_path) as house:
        driver = await failed(house)
        await house.press("e")
        await type_json(house, text)
        await house.press("f5")
        await house.shows(problem)
        assert not answers(driver)
        await house.press("escape")
        assert not isinstance(house.app.screen, JsonEditor)


async def test_an_edit_that_is_refused_is_not_lost(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await failed(house, fields={"path": "docs"})
        await house.press("e")
        await type_json(house, '{"path": "docs", "pth": "src"}')
        await house.press("f5")
        await house.shows("pth")
        assert isinstance(house.app.screen, JsonEditor)
        assert '"pth": "src"' in lines_of(house.app)
        assert not answers(driver)


async def test_s_goes_on_without_the_step(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await failed(house)
        await house.press("s")
        await house.until(lambda: driver.committed.status == "succeeded")
        await house.shows("↷ skipped")


async def test_x_asks_and_then_ends_the_run_as_failed(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await failed(house)
        await house.press("x")
        await house.shows("as failed, because of check_links")
        await house.press("x")
        await house.until(lambda: driver.committed.status == "failed")
        await house.shows("exit 1, 1 broken link")


async def test_the_menu_lists_everything_and_its_keys_work(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await failed(house)
        await house.press("i")
        await house.shows("nothing would be undone")
        await house.press("r")
        await house.until(lambda: len(driver.committed.steps["check_links"].attempts) == 2)


async def test_what_is_not_legal_says_why_and_does_nothing(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await failed(house)
        await house.press("a")
        await house.shows("approve: nothing waits for this")
        assert not answers(driver)


# An unknown outcome, and changed code


async def vanished(house: House) -> Driver:
    driver = await house.start(chain(step("post", "unsafe"), step("after", "play")))
    await house.app.open_run(driver.state.run_id)
    house.cast["post"].vanish("The connection was lost.")
    await house.until(lambda: driver.committed.open_inquiries)
    await house.shows("it may have happened")
    await house.wait()
    return driver


async def test_an_unknown_outcome_is_asked_and_never_repeated_by_itself(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await vanished(house)
        for line in ("h  it happened", "O  once more", "s  skip", "x  abort"):
            assert line in lines_of(house.app)
        assert driver.committed.steps["post"].calls["act"].n == 1


async def test_it_happened_takes_the_output_from_the_person(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await vanished(house)
        await house.press("h")
        await type_json(house, '{"id": 812}')
        await house.press("f5")
        await house.until(lambda: driver.committed.steps["post"].over)
        assert driver.committed.steps["post"].output == {"id": 812}
        assert driver.committed.steps["post"].calls["act"].n == 1


async def test_once_more_makes_the_call_again(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await vanished(house)
        await house.press("O")
        house.cast["post"].end({"id": 813})
        await house.until(lambda: driver.committed.steps["post"].over)
        assert driver.committed.steps["post"].calls["act"].n == 2


@pytest.mark.parametrize("left", [False, True])
async def test_answers_to_a_run_that_nobody_drives_resume_it_and_say_so_before(tmp_path: Path, left: bool) -> None:
    """Also where the same was answered before, and the process that it was left to ended before it took it."""
    async with on_stage(tmp_path) as house:
        driver = await at_gate(house)
        run = driver.state.run_id
        driver.stop("closed")
        await house.until(lambda: run not in house.services.engine.drivers)
        await house.wait()
        await house.until(lambda: house.app.screen.watch_run.resumable)
        await house.shows("your answer also resumes it")
        await house.wait()
        if left:
            assert not await house.app.desk.answer(run, "publish:1", "approve", by="ada")
        await house.press("a")
        house.cast["publish"].end({"path": "NOTES.md"})

        def ended() -> bool:
            state: RunState = house.app.screen.state
            return state.status == "succeeded"

        await house.until(ended)


async def test_after_a_whole_screen_gate_the_keys_move_the_cursor_again(tmp_path: Path) -> None:
    async with on_stage(tmp_path, (80, 24)) as house:
        await at_gate(house)
        await house.press("z")
        await house.press("z")
        await house.press("k")
        assert house.app.screen.view.key == "notes"


async def test_a_long_result_is_shown_from_its_beginning_also_where_it_was_hidden(tmp_path: Path) -> None:
    async with on_stage(tmp_path, (80, 24)) as house:
        driver = await house.start(chain(step("talk", "play"), step("publish", "play", approve=True)))
        await house.app.open_run(driver.state.run_id)
        house.cast["talk"].say("".join(f"said {n}\n" for n in range(300)))
        await house.shows("said 299")
        house.cast["talk"].end({"text": "".join(f"line {n}\n" for n in range(100))})
        await house.shows("a  approve")
        house.app.screen.look_at("talk")
        await house.wait()
        await house.press("a")
        house.cast["publish"].end(1)
        await house.until(lambda: driver.committed.over)
        house.app.screen.look_at("talk")
        await house.shows("line 3")
        assert "line 99" not in lines_of(house.app)


async def test_code_that_changed_since_the_run_began_is_asked_about(tmp_path: Path) -> None:
    use = Use("agent", "writer", "another version than the one that is here")
    async with on_stage(tmp_path) as house:
        plan = chain(step("notes", "agent", performers=("writer",), uses=(use,)))
        driver = await house.start(plan)
        await house.app.open_run(driver.state.run_id)
        await house.shows("agent:writer changed since this run began")
        await house.shows("u  use new")
        assert not house.cast.inputs
        await house.wait()
        house.cast["notes"].end({"text": "x"})
        await house.press("u")
        await house.until(lambda: driver.committed.status == "succeeded")
