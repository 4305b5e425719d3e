"""Skills and agents: what is listed, edited, checked and tried, by key and by mouse."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

from app.tui.actions import actions
from app.tui.modals.choices import Choices
from app.tui.modals.frame import Modal
from app.tui.screens.form import FormScreen
from app.tui.screens.skills import SkillsScreen
from app.tui.screens.try_skill import TryScreen
from app.tui.widgets.rows import Rows
from app.tui.widgets.tabbed import Tabbed
from tests.support.skill_screens import LINT, put, skills_listed
from tests.support.stage import House, lines_of, on_stage


def screen(house: House) -> SkillsScreen:
    assert isinstance(house.app.screen, SkillsScreen)
    return house.app.screen


async def go_to(house: House, key: str) -> None:
    screen(house).go_to(*key.split(" "))
    await house.until(lambda: screen(house).entry and screen(house).entry.key == key)  # type: ignore[union-attr]  # asked


async def modal(house: House) -> None:
    await house.until(lambda: isinstance(house.app.screen, Modal))


async def test_it_says_what_each_is_how_it_stands_and_who_uses_it(tmp_path: Path) -> None:
    put(tmp_path / "project", "skills/gone.py", "from skills import skill\n@skill(\n")
    async with skills_listed(tmp_path) as house:
        await house.shows("Of this workspace (4)")
        await house.shows("✗ error     gone")
        await house.shows("✓ ok        send                command")
        await go_to(house, "skill gone")
        await house.shows("its file has an error: it cannot be used until it is mended")
        await go_to(house, "skill lint")
        await house.shows("path (string, . if not given)  Where to look.")
        await house.shows("used by: weekly")
        await house.press("right", "right")
        await house.shows("workflow  weekly")
        await house.shows("agent     critic")
        await house.press("enter", "enter")
        await house.until(lambda: isinstance(house.app.screen, FormScreen))
        await house.press("escape")
        await go_to(house, "agent critic")
        await house.press("left", "left")
        await house.shows("tools: lint")
        await house.shows("You are strict.")


async def test_before_trust_they_are_listed_and_t_gives_it(tmp_path: Path) -> None:
    async with skills_listed(tmp_path, trusted=False) as house:
        await house.shows("! untrusted lint")
        await house.press("T")
        await house.shows("it is nothing that can be called here")
        await house.press("t")
        await modal(house)
        await house.press("t")
        await house.shows("✓ ok        lint")


async def test_the_filter_finds_by_name_and_state_and_escape_clears_it(tmp_path: Path) -> None:
    async with skills_listed(tmp_path) as house:
        await house.press("slash", *"agent")
        await house.until(lambda: not any("lint" in row.key for row in screen(house).query_one("#entries", Rows).rows))
        await house.press("ctrl+u", *"nothing like it")
        await house.shows("Nothing matches. esc clears the filter")
        await house.press("escape")
        await house.shows("Of this workspace (3)")
        assert screen(house).query_one("#filter", Input).value == ""


async def test_what_is_saved_counts_at_once_and_what_is_broken_keeps_the_last_good_version(tmp_path: Path) -> None:
    async with skills_listed(tmp_path) as house:
        await go_to(house, "skill lint")
        await house.press("e")
        await house.until(lambda: screen(house).editing)
        area = screen(house).query_one(TextArea)
        area.load_text(LINT.replace("Look for faults.", "Look closely."))
        await house.press("f5")
        await house.shows("reloaded lint (v2, ")
        path = tmp_path / "project" / ".understudy" / "skills" / "lint.py"
        assert "Look closely." in path.read_text()

        area.load_text("# a long head\n" * 60 + LINT.replace("def lint", "def def lint"))
        await house.shows("lint.py · not saved")
        await house.press("f5")
        await house.shows("✗ line 65: ")
        assert area.cursor_location[0] == 64
        house.app.clear_notifications()
        await house.press("escape")
        await house.shows("running v2, file has error since 22:13")
        await house.press("right")
        await house.shows("def def lint")
        await house.shows("✗ invalid syntax")
        for _ in range(3):
            await house.press("right")
        await house.shows("reloaded lint (v2, ")
        await house.shows("broken: invalid syntax; the last good version stays")


async def test_what_is_not_saved_is_asked_about_and_what_others_wrote_is_not_lost(tmp_path: Path) -> None:
    async with skills_listed(tmp_path) as house:
        path = tmp_path / "project" / ".understudy" / "skills" / "lint.py"
        await go_to(house, "skill lint")
        await house.press("e", "x")
        await house.press("escape")
        await modal(house)
        await house.press("escape")
        assert screen(house).editing
        path.write_text(LINT + "# theirs\n", encoding="utf-8")
        await house.press("f5")
        await house.shows("changed by somebody else since")
        assert "# theirs" in path.read_text()
        await house.press("r")
        await house.shows("# theirs")
        await house.press("x", "escape", "d")
        await house.until(lambda: not screen(house).editing)
        assert path.read_text() == LINT + "# theirs\n"
        await house.press("e", "x", "escape", "s")
        await house.until(lambda: not screen(house).editing)
        assert path.read_text().startswith("x")


@pytest.mark.parametrize(
    ("text", "words"), [("\x1b]52;c;eA==\x07", "characters that act on a terminal"), ("\udcff", "is not UTF-8")]
)
async def test_what_could_act_on_a_terminal_is_not_edited_here(tmp_path: Path, text: str, words: str) -> None:
    async with skills_listed(tmp_path) as house:
        path = tmp_path / "project" / ".understudy" / "skills" / "lint.py"
        await go_to(house, "skill lint")
        path.write_bytes(f"# {text}\n{LINT}".encode("utf-8", "surrogateescape"))
        await house.press("e")
        await house.shows(words)
        assert not screen(house).editing


async def test_ones_own_editor_opens_the_file(tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "# by hand" >> "$1"\n')
    editor.chmod(0o700)
    async with skills_listed(tmp_path, environ={"EDITOR": str(editor)}) as house:
        await go_to(house, "skill lint")
        await house.press("E")
        await house.shows("reloaded lint (v2")
        assert "# by hand" in (tmp_path / "project" / ".understudy" / "skills" / "lint.py").read_text()


async def test_a_new_one_is_written_opened_and_chosen(tmp_path: Path) -> None:
    async with on_stage(tmp_path, played=False) as house:
        await house.press("6")
        await house.shows("None of your own found.")
        await house.shows("skills: ~/project/.understudy/skills, ")
        await house.press("n")
        await modal(house)
        await house.press("4")
        await house.shows("Where does it belong?")
        await house.press("2")
        await house.shows("How is it to be called?")
        await house.press(*"no name", "enter")
        await house.shows("is no name for an agent")
        await house.press("ctrl+u", *"helper", "enter")
        await house.until(lambda: screen(house).editing)
        entry = screen(house).entry
        assert entry is not None
        assert (entry.key, entry.scope) == ("agent helper", "user")
        assert (tmp_path / "config" / "agents" / "helper.md").exists()


async def test_v_checks_the_file_and_shows_every_error(tmp_path: Path) -> None:
    async with skills_listed(tmp_path) as house:
        await go_to(house, "skill lint")
        await house.press("v")
        await house.shows("lint.py: nothing is wrong with it")
        put(tmp_path / "project", "skills/lint.py", LINT.replace("-> dict", "-> dict:::"))
        await house.press("v")
        await house.shows("error: invalid syntax")
        await house.shows("^")
        await go_to(house, "agent critic")
        put(tmp_path / "project", "agents/critic.md", "---\nname: critic\ntools: 7\n---\n")
        await house.press("v")
        await house.shows("critic.md:")


async def test_a_pure_skill_is_tried_with_the_arguments_of_a_form(tmp_path: Path) -> None:
    async with skills_listed(tmp_path) as house:
        await go_to(house, "skill lint")
        await house.press("T")
        await house.until(lambda: isinstance(house.app.screen, TryScreen))
        await house.shows("result: nothing has run yet")
        await house.press("e", "ctrl+u", *"docs", "f5")
        await house.shows('"faults": 4')
        await house.shows("· looking")
        await house.shows("✓ done after")


async def test_what_may_change_something_is_shown_first_and_a_rule_that_denies_it_counts(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "a.txt").write_text("x")
    async with skills_listed(tmp_path) as house:
        await go_to(house, "skill send")
        await house.press("T")
        await house.until(lambda: isinstance(house.app.screen, TryScreen))
        await house.press("f5")
        await house.shows("send needs 'path'")
        await house.press(*"a.txt", "f5")
        await house.until(lambda: isinstance(house.app.screen, Choices))
        await house.shows("Asked because it is unsafe.")
        await house.press("enter")
        await house.until(lambda: isinstance(house.app.screen, TryScreen))
        assert not (tmp_path / "project" / "sent.txt").exists()
        await house.press("f5")
        await modal(house)
        await house.press("d")
        await house.until((tmp_path / "project" / "sent.txt").exists)
        put(tmp_path / "project", "settings.yaml", "permissions: {deny: [send]}\n")
        await house.press("f5")
        await house.shows("send is not tried: denied by send")


async def test_the_mouse_does_it_too(tmp_path: Path) -> None:
    async with skills_listed(tmp_path) as house:
        lines = lines_of(house.app).splitlines()
        row = next(at for at, text in enumerate(lines) if "lint  " in text)
        await house.pilot.click(offset=(20, row))
        await house.until(lambda: (entry := screen(house).entry) is not None and entry.name == "lint")
        tabs = next(at for at, text in enumerate(lines) if "Used by" in text)
        await house.pilot.click(offset=(lines[tabs].index("Used by") + 2, tabs))
        await house.until(lambda: screen(house).query_one("#preview", Tabbed).tab == "users")
        bar = lines[-1]
        await house.pilot.click(offset=(bar.index("T try it") + 3, len(lines) - 1))
        await house.until(lambda: isinstance(house.app.screen, TryScreen))


async def test_every_key_can_be_pressed_whatever_is_shown(tmp_path: Path) -> None:
    async with skills_listed(tmp_path, environ={"EDITOR": "true"}) as house:
        for action in actions("skills"):
            for key in action.keys:
                while isinstance(house.app.screen, Modal) or screen(house).editing:
                    await house.press("escape")
                await house.press(key)
                while not isinstance(house.app.screen, SkillsScreen | Modal):
                    await house.press("escape")
        assert house.app.is_running


async def test_what_is_chosen_is_copied_and_opened_in_the_pager(tmp_path: Path) -> None:
    pager = tmp_path / "pager"
    pager.write_text(f'#!/bin/sh\ncat "$1" > {tmp_path}/paged\n')
    pager.chmod(0o755)
    async with skills_listed(tmp_path, environ={"PAGER": str(pager), "TERM_PROGRAM": "Apple_Terminal"}) as house:
        screen = house.app.screen
        assert isinstance(screen, SkillsScreen)
        screen.go_to("skill", "lint")
        await house.press("y")
        await house.shows("understudy skills show lint")
        await house.press("p")
        await house.shows("lint.py")
        await house.press("o")
        await house.until((tmp_path / "paged").exists)
        assert "Look for faults" in (tmp_path / "paged").read_text()
