"""The first screen, history, the form, and getting about."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from app.tui.modals.help import Help
from app.tui.screens.form import FormScreen
from app.tui.screens.history import HistoryScreen
from app.tui.screens.home import HomeScreen
from app.tui.screens.run import RunScreen
from app.tui.widgets.field import Field
from app.tui.widgets.rows import Rows
from tests.support.plans import chain, step
from tests.support.scripts import at_gate, failed, streaming
from tests.support.stage import House, lines_of, on_stage
from workflows.errors import UnderstudyError
from workflows.journal.port import StoreError

GREET = """\
workflow:
  name: Greeting
  description: Says hello to somebody
  parameters:
    - {name: who, required: true, description: Who is greeted}
    - {name: times, type: integer, default: 2}
    - {name: style, enum: [plain, loud], default: plain}
    - {name: twice, type: boolean}
  steps:
    - {id: hello, type: transform, value: "hello ${{ parameters.who }}"}
    - {id: check, type: approval, show: "${{ steps.hello.output }}"}
  outputs: {said: "${{ steps.hello.output }}"}
"""


def write(tmp: Path, text: str = GREET, name: str = "greet") -> Path:
    """A workflow of the user's own, which needs no trust."""
    path = tmp / "config" / "workflows" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


async def form(house: House, name: str = "greet") -> FormScreen:
    await house.until(lambda: house.app.workflows)
    await house.app.open_form(name)
    screen = house.app.screen
    assert isinstance(screen, FormScreen)
    return screen


# Home


async def test_nothing_yet_says_how_to_begin(tmp_path: Path) -> None:
    async with on_stage(tmp_path, played=False, demo=lambda: pytest.fail("not asked for")) as house:
        await house.shows("No runs yet.")
        await house.shows("d runs the 60-second demo (no AI, no network)")
        await house.shows("none ready")
        await house.shows("release-notes")


async def test_what_waits_comes_first_and_enter_goes_to_it(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await at_gate(house)
        await house.press("1")
        await house.shows("Needs you (1)")
        assert "Running (" not in lines_of(house.app)  # it is listed once, as what it is
        await house.press("g")
        await house.press("enter")
        await house.until(lambda: isinstance(house.app.screen, RunScreen))
        assert house.app.screen.view.key == "publish"


async def test_exclamation_goes_from_one_waiting_thing_to_the_next(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await failed(house)
        await house.press("1")
        await at_gate(house)
        await house.press("1")
        await house.shows("Needs you (2)")
        seen = []
        for _ in range(3):
            await house.press("exclamation_mark")
            await house.until(lambda: isinstance(house.app.screen, RunScreen) and house.app.screen.is_mounted)
            seen.append(house.app.screen.view.key)
        assert seen == ["check_links", "publish", "check_links"]


async def test_words_find_a_workflow_and_fill_its_form(tmp_path: Path) -> None:
    async with on_stage(tmp_path, played=False) as house:
        await house.until(lambda: house.app.workflows)
        await house.press("n")
        await house.press(*"write release notes for developers")
        await house.shows("word search, not AI")
        await house.press("down")
        await house.press("enter")
        await house.until(lambda: isinstance(house.app.screen, FormScreen))
        await house.shows("you said 'developers'")


async def test_a_broken_workflow_is_listed_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, GREET.replace("type: transform", "type: transfrom"))
    async with on_stage(tmp_path, played=False) as house:
        await house.shows("✗ line 10")


async def test_a_journal_that_cannot_be_opened_says_what_to_do(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        house.app.unable(StoreError("The journal is damaged.", "Restore a copy."))
        await house.shows("The journal is damaged.")
        await house.shows("Restore a copy.")
        await house.shows("understudy doctor")


# Getting about


async def test_leaving_with_runs_under_way_names_the_consequences(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await streaming(house)
        await house.press("q")
        await house.until(lambda: isinstance(house.app.screen, HomeScreen))
        await house.press("q")
        await house.shows("1 run under way")
        await house.shows("goes on with it")
        await house.press("escape")
        assert house.app.is_running
        await house.press("ctrl+c")
        await house.shows("ends it for good")
        await house.press("c")
        await house.until(lambda: driver.committed.status == "cancelled")
        await house.wait(1)
        await house.until(lambda: house.app.return_value == 0)


async def test_leaving_with_nothing_under_way_asks_nothing(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await house.pilot.press("q")
        await house.until(lambda: house.app.return_value == 0)


async def test_the_palette_finds_actions_and_workflows(tmp_path: Path) -> None:
    async with on_stage(tmp_path, played=False) as house:
        await house.until(lambda: house.app.workflows)
        await house.press("colon")
        await house.shows("What the keys do here")
        await house.press(*"run release")
        await house.shows("run release-notes")
        await house.press("enter")
        await house.press("enter")
        await house.until(lambda: isinstance(house.app.screen, FormScreen))


async def test_help_lists_the_keys_of_the_screen_and_why_some_do_nothing_now(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await streaming(house)
        await house.press("question_mark")
        await house.shows("On this screen: run")
        await house.shows("nothing waits for this")
        await house.press("escape")
        assert isinstance(house.app.screen, RunScreen)


async def test_clicking_a_key_of_the_last_row_presses_it(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await house.until(lambda: "help" in lines_of(house.app))
        last = lines_of(house.app).split("\n")[-1]
        await house.pilot.click("KeyBar", offset=(last.index("help"), 0))
        await house.until(lambda: isinstance(house.app.screen, Help))


# The form


async def test_a_form_has_a_control_for_each_type_and_starts_nothing_by_itself(tmp_path: Path) -> None:
    write(tmp_path)
    async with on_stage(tmp_path, played=False) as house:
        screen = await form(house)
        kinds = [type(field.control).__name__ for field in screen._fields]
        assert kinds == ["LineField", "LineField", "Select", "Switch"]
        await house.shows("who is missing")
        await house.press("f5")
        assert not house.services.engine.drivers
        await house.press(*"Ada")
        await house.shows("Plan of Greeting")
        await house.shows("a person decides")
        assert not house.services.engine.drivers


async def test_a_small_screen_shows_the_first_field_beside_the_plan(tmp_path: Path) -> None:
    write(tmp_path)
    async with on_stage(tmp_path, played=False, size=(80, 24)) as house:
        screen = await form(house)
        await house.shows("plan: nothing runs yet")
        screen.query_one("#plan").focus()
        await house.wait()
        inputs, first = screen.query_one("#inputs"), screen.query(Field).first().control
        assert first.region.bottom <= inputs.content_region.bottom


async def test_errors_stand_beside_their_field(tmp_path: Path) -> None:
    write(tmp_path)
    async with on_stage(tmp_path, played=False) as house:
        screen = await form(house)
        await house.press(*"Ada", "enter", *"x")
        wrong = screen._fields[1]
        await house.until(lambda: wrong.has_class("-wrong"))
        await house.shows("times must be a whole number")
        await house.press("backspace")
        await house.until(lambda: not wrong.has_class("-wrong"))


async def test_r_starts_what_the_plan_shows(tmp_path: Path) -> None:
    write(tmp_path)
    async with on_stage(tmp_path, played=False) as house:
        await form(house)
        await house.press(*"Ada", "enter", "enter", "f5")
        await house.until(lambda: isinstance(house.app.screen, RunScreen))
        await house.shows("hello Ada")
        await house.wait()
        await house.press("a")
        await house.until(lambda: house.app.screen.state.status == "succeeded")
        assert house.app.screen.state.parameters == {"who": "Ada", "times": 2, "style": "plain", "twice": False}


async def test_a_letter_typed_into_a_field_is_text(tmp_path: Path) -> None:
    write(tmp_path)
    async with on_stage(tmp_path, played=False) as house:
        screen = await form(house)
        await house.press(*"rqdn")
        assert screen.query(Input).first(Input).value == "rqdn"
        assert not house.services.engine.drivers


# History


async def some_runs(house: House, count: int) -> None:
    for n in range(count):
        driver = await house.start(chain(step(f"s{n}", "play")), workflow="even" if n % 2 == 0 else "odd")
        if n % 2:
            house.cast[f"s{n}"].end(n)
        else:
            house.cast[f"s{n}"].fail("no")
            await house.until(lambda driver=driver: driver.committed.open_inquiries)
            await driver.answer(f"s{n}:1", "abort")
        await house.until(lambda driver=driver: driver.committed.over)
        await house.clock.advance(60)


async def test_history_lists_filters_and_opens(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await some_runs(house, 6)
        await house.press("5")
        await house.until(lambda: isinstance(house.app.screen, HistoryScreen))
        table = house.app.screen.query_one("#table", Rows)
        await house.until(lambda: len(table.rows) == 6)
        await house.press("slash", *"status:failed")
        await house.until(lambda: len(table.rows) == 3)
        await house.press(*" wf:odd")
        await house.shows("Nothing matches.")
        await house.press("escape")
        await house.until(lambda: len(table.rows) == 6)
        await house.press("slash", *"color:red")
        await house.shows("no filter 'color:'")
        await house.press("escape")
        await house.press("enter")
        await house.until(lambda: isinstance(house.app.screen, RunScreen))
        await house.press("r")
        await house.shows("retry: no failed step waits")


async def test_history_reads_a_page_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.tui.screens.history.PAGE", 4)
    async with on_stage(tmp_path) as house:
        await some_runs(house, 10)
        await house.press("5")
        table = await shown_table(house, 4)
        await house.press("G")
        await house.until(lambda: len(table.rows) == 8)
        await house.press("G")
        await house.until(lambda: len(table.rows) == 10)
        assert len({row.key for row in table.rows}) == 10


async def shown_table(house: House, rows: int) -> Rows:
    await house.until(lambda: isinstance(house.app.screen, HistoryScreen))
    table = house.app.screen.query_one("#table", Rows)
    await house.until(lambda: len(table.rows) == rows)
    return table


async def test_r_runs_a_workflow_again_with_the_same_inputs(tmp_path: Path) -> None:
    write(tmp_path)
    async with on_stage(tmp_path, played=False) as house:
        proposal = house.desk.propose(house.desk.load("greet"), {"who": "Ada", "times": "3"})
        driver = await house.desk.start(proposal, attended=True)
        await house.press("5")
        await shown_table(house, 1)
        await house.press("r")
        await house.until(lambda: isinstance(house.app.screen, FormScreen))
        await house.shows(f"as in run {driver.state.run_id}")
        await house.press("r")
        await house.until(lambda: isinstance(house.app.screen, RunScreen))
        assert house.app.screen.state.parameters["times"] == 3
        assert house.app.screen.run != driver.state.run_id


async def test_a_workflow_that_is_gone_is_an_error_and_not_an_end(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await some_runs(house, 1)
        await house.press("5")
        await shown_table(house, 1)
        await house.press("r")
        await house.shows("There is no workflow")
        with pytest.raises(UnderstudyError):
            house.desk.load("even")


async def test_a_workflow_that_goes_while_it_is_listed_is_told_of(tmp_path: Path) -> None:
    path = write(tmp_path)
    async with on_stage(tmp_path, played=False) as house:
        await house.shows("greet")
        path.unlink()
        await house.press("colon", *"run greet")
        await house.shows("Says hello to somebody")
        await house.press("enter", "enter")
        await house.shows("There is no workflow 'greet'")


async def test_a_run_can_be_what_is_shown_first_and_one_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    async with on_stage(tmp_path, open_run="last") as house:
        await house.shows("No runs yet.")
        assert isinstance(house.app.screen, HomeScreen)
        driver = await house.start(chain(step("one", "play")))
        house.app._open_run = driver.state.run_id[:4]
        await house.app.attach(house.desk)
        assert isinstance(house.app.screen, RunScreen)


async def test_the_help_is_searched_as_one_types_and_knows_the_other_screens(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await house.press("question_mark")
        await house.until(lambda: isinstance(house.app.screen, Help))
        await house.shows("Everywhere")
        await house.press(*"compare two")
        await house.shows("On another screen: history")
        shown = lines_of(house.app)
        assert "Mark a run; then, on another one, compare the two" in shown
        assert "Everywhere" not in shown
        await house.press(*" no such thing")
        await house.shows("Nothing here has these words.")
        await house.press("escape")
        await house.until(lambda: not isinstance(house.app.screen, Help))


async def test_the_help_is_scrolled_from_its_field(tmp_path: Path) -> None:
    async with on_stage(tmp_path, (80, 24)) as house:
        await house.press("question_mark")
        await house.shows("On this screen: home")
        await house.press("pagedown", "pagedown")
        await house.until(lambda: "On this screen: home" not in lines_of(house.app))
        await house.press("home")
        await house.shows("On this screen: home")
