"""Many things that wait at once, at any depth: answered in any order, while the others go on, over several sessions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.widgets import TextArea

from app.tui.modals.json_editor import JsonEditor
from app.tui.widgets.gate import Gate
from app.tui.widgets.rows import Rows
from tests.support.scripts import child, reviews
from tests.support.stage import House, lines_of, on_stage
from workflows.runs import events as e
from workflows.runs.state import RunState

WRITE = """
name: Write all
parameters: [{name: names, type: array, default: [n0, n1, n2, n3, n4, n5, n6, n7, n8, n9]}]
steps:
  - id: write
    type: skill
    skill: file.write
    foreach: {in: "${{ parameters.names }}", as: name, max_parallel: 10}
    parameters: {path: "${{ name }}.txt", text: "new text of ${{ name }}\\n"}
    approve: before
    on_failure: continue
  - {id: after, type: transform, value: "${{ steps.write.items | length }}"}
"""


def state_of(house: House) -> RunState:
    state: RunState = house.app.screen.state
    return state


def asked(house: House) -> list[str]:
    """The steps that need somebody, in the order of the list."""
    return sorted(inquiry.asked.step for inquiry in state_of(house).open_inquiries)


async def until_over(house: House, step: str, status: str) -> None:
    await house.until(lambda: state_of(house).steps[step].status == status, f"{step} {status}")


async def shown(house: House, text: str) -> None:
    """What is shown has been there for long enough to be answered."""
    await house.shows(text)
    await house.wait()


async def test_ten_gates_in_any_order_over_two_sessions_and_a_file_that_changed_meanwhile(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    for n in range(10):
        (folder / f"n{n}.txt").write_text(f"old text of n{n}\n", encoding="utf-8")

    def text(n: int) -> str:
        return (folder / f"n{n}.txt").read_text(encoding="utf-8")

    async with on_stage(tmp_path) as house:
        driver = await house.perform(WRITE)
        run = driver.state.run_id
        await house.until(lambda: len(asked(house)) == 10)
        for n in (2, 0, 1):
            house.app.screen.look_at(f"write[{n}]")
            await shown(house, f"step write[{n}]")
            await house.press("a")
            await until_over(house, f"write[{n}]", "succeeded")
            assert text(n) == f"new text of n{n}\n"
        for n in (3, 4):
            house.app.screen.look_at(f"write[{n}]")
            await shown(house, f"step write[{n}]")
            await house.press("e")
            await house.until(lambda: isinstance(house.app.screen, JsonEditor))
            editor = house.app.screen.query_one(TextArea)
            editor.load_text(editor.text.replace("new text", "edited text"))
            await house.press("f5")
            # It is shown once more, with the change, before anything is written.
            await shown(house, f"+edited text of n{n}")
            assert text(n) == f"old text of n{n}\n"
            await house.press("a")
            await until_over(house, f"write[{n}]", "succeeded")
            assert text(n) == f"edited text of n{n}\n"
        house.app.screen.look_at("write[5]")
        await shown(house, "step write[5]")
        await house.press("d")
        await house.shows("Why?")
        await house.press(*"no", "enter")
        await until_over(house, "write[5]", "failed")
        assert asked(house) == [f"write[{n}]" for n in (6, 7, 8, 9)]

    (folder / "n7.txt").write_text("somebody else's text\n", encoding="utf-8")

    async with on_stage(tmp_path) as house:
        await house.app.open_run(run)
        await shown(house, "approval 1/4")
        assert asked(house) == [f"write[{n}]" for n in (6, 7, 8, 9)]
        assert "your answer also resumes it" in lines_of(house.app)
        house.app.screen.look_at("write[7]")
        await shown(house, "-old text of n7")
        await house.press("a")
        # What was approved is not what would be done now: nothing is written, and it is asked again.
        await shown(house, "-somebody else's text")
        assert text(7) == "somebody else's text\n"
        assert state_of(house).inquiries["write[7]:1"].voided
        await house.press("a")
        await until_over(house, "write[7]", "succeeded")
        for n in (6, 8, 9):
            house.app.screen.look_at(f"write[{n}]")
            await shown(house, f"step write[{n}]")
            await house.press("a")
            await until_over(house, f"write[{n}]", "succeeded")
        await house.until(lambda: state_of(house).status == "succeeded")
        assert [text(n) for n in range(10)] == [
            *(f"new text of n{n}\n" for n in (0, 1, 2)),
            *(f"edited text of n{n}\n" for n in (3, 4)),
            "old text of n5\n",
            *(f"new text of n{n}\n" for n in (6, 7, 8, 9)),
        ]
        voided = [each for each in house.app.screen.watch_run.journal if isinstance(each.event, e.ApprovalVoided)]
        assert len(voided) == 1


async def test_n_goes_from_one_that_waits_to_the_next_and_back(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await reviews(house)
        await house.press("1")
        await house.app.open_run(state_run(house))
        house.app.screen.look_at("scan")
        for expected in (4, 5, 6):
            await house.press("n")
            assert house.app.screen.view.key == f"review[{expected}]"
            await house.shows(f"step review[{expected}]")
        await house.press("N")
        assert house.app.screen.view.key == "review[5]"
        await house.press("p", "p")
        assert house.app.screen.view.key == "review[9]"
        await house.shows("approval 6/6")


def state_run(house: House) -> str:
    (run,) = house.services.engine.drivers
    return run


async def test_others_go_on_while_one_waits_and_its_gate_stays(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await reviews(house)
        house.app.screen.look_at("review[8]")
        await shown(house, "step review[8]")
        await driver.answer("review[6]:1", "approve")
        house.cast["review[6]"].end({"written": True})
        await until_over(house, "review[6]", "succeeded")
        assert house.app.screen.card().step == "review[8]"
        await house.press("a")
        house.cast["review[8]"].end({"written": True})
        await until_over(house, "review[8]", "succeeded")


@pytest.mark.parametrize("size", [(80, 24), (80, 30), (140, 40)])
async def test_the_row_that_the_gate_is_about_is_in_view_whatever_waits(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await reviews(house)
        rail = house.app.screen.query_one("#rail", Rows)
        for n in (4, 7, 9):
            house.app.screen.look_at(f"review[{n}]")
            await house.shows(f"step review[{n}]")
            assert any(re.search(rf"▌[├└] \[{n}\]", line) for line in lines_of(house.app).split("\n"))
        # The cursor far away, where a person has put it: only then may the row be out of view.
        rail.focus()
        await house.press("home")
        assert "Review all" in lines_of(house.app).split("\n")[2] + lines_of(house.app).split("\n")[3]


@pytest.mark.parametrize("height", [24, 30])
async def test_the_waiting_row_is_in_view_while_another_step_runs(tmp_path: Path, height: int) -> None:
    lines = "\\n".join(f"line {n}" for n in range(40))
    steps = "\n".join(f"      - {{id: s{n:02}, type: play}}" for n in range(20))
    async with on_stage(tmp_path, (80, height)) as house:
        await house.perform(
            f"""
name: Many
stages:
  - name: all
    parallel: true
    max_parallel: 30
    steps:
{steps}
      - {{id: gate, type: play, approve: before, given: "{lines}"}}
"""
        )
        await house.shows("approval")
        await house.until(lambda: len(house.cast.inputs) == 20)
        assert house.app.screen.following
        assert any(line.startswith("│▌gate") for line in lines_of(house.app).split("\n"))
        house.cast["s03"].say("hello")
        house.cast["s03"].end(1)
        await until_over(house, "s03", "succeeded")
        await house.rest()
        assert any(line.startswith("│▌gate") for line in lines_of(house.app).split("\n"))


# Folding


async def test_plus_and_minus_and_enter_fold_and_unfold(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await child(house)
        house.app.screen.query_one("#rail", Rows).focus()
        await house.shows("to_south")
        house.app.screen.look_at("ship>both>watch")
        await house.press("minus")
        assert house.app.screen.view.key == "ship>both"
        assert "watch" not in rail_text(house)
        assert "both ▸" in rail_text(house)
        await house.press("minus")
        assert house.app.screen.view.key == "ship"
        assert "to_south" not in rail_text(house)
        await house.press("plus")
        assert "to_south" in rail_text(house)
        await house.press("enter")
        assert "to_south" not in rail_text(house)
        await house.press("enter")
        assert "to_south" in rail_text(house)
        assert "watch" not in rail_text(house)
        driver.cancel()


async def test_what_is_folded_by_a_person_opens_when_they_go_to_what_waits_in_it(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await reviews(house)
        house.app.screen.look_at("review")
        await house.press("minus")
        assert "epsilon" not in rail_text(house)
        assert "review ▸" in rail_text(house)
        # The row that stands for it shows that something waits in it, and the gate is still there.
        assert "‖ 6" in rail_text(house)
        assert house.app.screen.query_one(Gate).display
        await house.press("n")
        assert "epsilon" in rail_text(house)


def rail_text(house: House) -> str:
    """What the list of steps shows."""
    wide = house.app.size.width >= 120
    lines = lines_of(house.app).split("\n")
    return "\n".join(line.split("││")[0] if wide else line for line in lines[1:-1])


async def test_a_list_that_is_done_is_folded_by_itself_when_the_run_has_gone_on(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await house.perform(
            """
name: Fold
steps:
  - {id: each, type: play, foreach: {in: [a, b, c, d, e, f, g, h], max_parallel: 8}, given: "${{ item }}"}
  - {id: last, type: play}
"""
        )
        await house.shows("[7] h")
        for n in range(8):
            house.cast[f"each[{n}]"].end(n)
        await until_over(house, "each", "succeeded")
        await house.until(lambda: house.app.screen.view.key == "last")
        assert "each ▸" in rail_text(house)
        assert "8/8 done" in rail_text(house)
        assert "[7] h" not in rail_text(house)
        driver.cancel()


async def test_the_step_on_view_says_what_it_is(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await child(house)
        for step, text in (
            ("ship", "the workflow Ship with region=south · 2/3 done"),
            ("ship>where", "branch 2 was taken: parameters.region == 'south' · 1/1 done"),
            ("ship>both", "2 steps at the same time · 1/2 done"),
            ("ship>both>watch", "in the workflow Ship (ship)"),
        ):
            house.app.screen.look_at(step)
            await house.shows(text)
        house.app.screen.look_at("ship>both")
        await house.shows('tell  {"told":3}')
        driver.cancel()
