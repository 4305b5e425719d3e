"""What is taken from the run screen: copies by every way, text marked with the mouse, one's own pager and editor."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.clipboard import LARGEST, Way, keep, way_of
from app.tui.modals.choices import Choices
from app.tui.widgets.detail import Detail
from app.tui.widgets.output import Document
from app.tui.widgets.tail import Tail
from tests.support.scripts import NOTES, at_gate, failed, look_from_the_top, streaming
from tests.support.stage import House, lines_of, on_stage

GOOD = {"TERM": "xterm-256color"}
LONG = "The reporter sees a crash when the config is empty, and so does everybody else who tries it. " * 3


def script(folder: Path, name: str, text: str) -> str:
    """A program in the place of somebody's pager or editor."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o700)
    return str(path)


async def copy(house: House, key: str) -> None:
    await house.press("y")
    await house.until(lambda: isinstance(house.app.screen, Choices))
    await house.press(key)


async def test_the_menu_copies_output_error_and_run_id(tmp_path: Path) -> None:
    async with on_stage(tmp_path, environ=GOOD) as house:
        driver = await at_gate(house)
        await copy(house, "g")
        assert house.app.clipboard.startswith("write NOTES.md (30 lines added, 1 removed)\n--- a/NOTES.md\n")
        await house.shows("Copied what is asked: 36 lines.")
        await copy(house, "l")
        assert f"understudy answer {driver.state.run_id} publish:1 approve" in house.app.clipboard
        look_from_the_top(house, "notes")
        await copy(house, "o")
        assert house.app.clipboard == NOTES
        await copy(house, "r")
        assert house.app.clipboard == driver.state.run_id
        await copy(house, "e")
        assert isinstance(house.app.screen, Choices), "nothing failed: the bell, and the menu stays"
        await house.shows("nothing failed here")


async def test_where_the_terminal_takes_no_text_it_is_in_a_file(tmp_path: Path) -> None:
    async with on_stage(tmp_path, (80, 24), environ={"TERM": "linux"}) as house:
        await failed(house)
        await copy(house, "e")
        await house.until(lambda: "~/data/copied/the-error.txt" in "".join(lines_of(house.app).split("│")))
        path = tmp_path / "data" / "copied" / "the-error.txt"
        assert path.read_text() == (
            "exit 1, 1 broken link\nclass: business\nhint: Mend the link, or leave the file out."
        )
        assert path.stat().st_mode & 0o777 == 0o600
        assert house.app.clipboard == ""


@pytest.mark.parametrize(
    ("environ", "size", "way"),
    [
        ({"TERM": "xterm-256color"}, 5, "terminal"),
        ({"TERM": "xterm-256color"}, LARGEST + 1, "file"),
        ({"TERM": "linux"}, 5, "file"),
        ({"TERM": "screen-256color", "STY": "1.tty"}, 5, "file"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, 5, "file"),
        ({}, 5, "file"),
    ],
)
def test_the_way_is_one_that_works(environ: dict[str, str], size: int, way: Way) -> None:
    assert way_of(environ, "x" * size) == way


def test_tmux_has_a_way_of_its_own(tmp_path: Path) -> None:
    script(tmp_path, "tmux", "true")
    within = {"TERM": "screen-256color", "TMUX": "/tmp/tmux-1/default,1,0", "PATH": str(tmp_path)}
    assert way_of(within, "x" * (LARGEST + 1)) == "tmux"
    assert way_of({**within, "PATH": "/nowhere"}, "x") == "file"


def test_old_copies_go_and_names_are_plain(tmp_path: Path) -> None:
    paths = [keep(tmp_path / "copied", f"../each[{n}] log", "x") for n in range(30)]
    assert paths[-1] == tmp_path / "copied" / "each-29-log.txt"
    assert len(list((tmp_path / "copied").iterdir())) == 20


async def drag(house: House, widget: Tail | Document, begin: tuple[int, int], end: tuple[int, int]) -> None:
    """Mark with the mouse from a cell of the widget to another one."""
    at = widget.region.offset
    await house.pilot.mouse_down(offset=(at.x + begin[0], at.y + begin[1]))
    await house.pilot.hover(offset=(at.x + end[0], at.y + end[1]))
    await house.pilot.mouse_up(offset=(at.x + end[0], at.y + end[1]))
    await house.rest()


@pytest.mark.parametrize("tab", ["output", "log"])
async def test_what_is_marked_has_no_newline_where_it_was_wrapped(tmp_path: Path, tab: str) -> None:
    async with on_stage(tmp_path, (120, 36), environ=GOOD) as house:
        driver = await streaming(house)
        detail = house.app.screen.query_one(Detail)
        if tab == "log":
            detail.open("log")
            await house.rest()
            house.cast["notes"].log(f"{LONG}\nsecond\n")
        else:
            house.cast["notes"].say(f"{LONG}\nsecond\n")
        tail = detail.log_tail if tab == "log" else detail.output.tail
        await house.until(lambda: "second" in tail.text and tail.size.width)
        lines = tail.text.split("\n")
        rows = tail._rows()
        first = rows[lines.index(LONG.rstrip() if LONG.rstrip() in lines else LONG)]
        assert rows[-1] > len(lines), "it is wrapped"
        await drag(house, tail, (0, first), (6, first + 5))
        marked = house.app.screen.get_selected_text() or ""
        assert marked.startswith(LONG[:200])
        assert f"{LONG}\nsecond".startswith(marked) or f"{LONG.rstrip()}\nsecond".startswith(marked)
        await house.press("y", "m")
        assert house.app.clipboard == marked
        driver.cancel()


async def test_the_pager_has_all_of_it_and_the_screen_comes_back(tmp_path: Path) -> None:
    pager = script(tmp_path, "pager", f'cp "$1" "{tmp_path}/seen"')
    async with on_stage(tmp_path, environ={"PAGER": pager}) as house:
        driver = await streaming(house)
        house.cast["notes"].say("".join(f"line {n}\n" for n in range(15_000)))
        await house.until(lambda: house.app.screen.query_one(Detail).output.tail.dropped)
        await house.press("o")
        await house.until((tmp_path / "seen").exists)
        seen = (tmp_path / "seen").read_text()
        assert seen.startswith(NOTES)
        assert seen.rstrip().endswith("line 14999")
        await house.shows("line 14999")
        driver.cancel()


async def test_the_editor_changes_the_input_of_what_waits(tmp_path: Path) -> None:
    editor = script(tmp_path, "editor", 'sed -i s/docs/guide/ "$1"')
    async with on_stage(tmp_path, environ={"EDITOR": editor}) as house:
        driver = await failed(house)
        house.cast["check_links"].end({"links": 3})
        await house.press("E")
        await house.until(lambda: driver.committed.over)
        assert house.cast.inputs[-1] == ("check_links", {"path": "guide"})


async def test_what_was_edited_wrongly_is_not_lost(tmp_path: Path) -> None:
    editor = script(tmp_path, "editor", 'echo "{not json" > "$1"')
    async with on_stage(tmp_path, environ={"EDITOR": editor}) as house:
        driver = await failed(house)
        await house.press("E")
        await house.shows("What you saved is not right")
        assert (tmp_path / "data" / "copied" / "input-of-check_links.txt").read_text() == "{not json\n"
        assert driver.committed.open_inquiries
        driver.cancel()
