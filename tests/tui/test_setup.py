"""What is set up here: found in the background, each line with what to do about it; keys, models, servers, permits."""

from __future__ import annotations

import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.widgets import Input

from app.present.setup import SECTIONS
from app.tui.actions import actions
from app.tui.modals.choices import Choices
from app.tui.modals.entry import Entry
from app.tui.modals.frame import Modal
from app.tui.modals.masked import Masked
from app.tui.modals.pick import Pick
from app.tui.screens.setup import SetupScreen
from app.tui.widgets.rows import Rows
from tests.support.mcp_calls import fault_server
from tests.support.openai_server import OpenAIServer, answer
from tests.support.scripts import ASKS_AGAIN, NOTES_FLOW, put_noter
from tests.support.stage import House, lines_of, on_stage

KEY = "sk-of-nobody-at-all-0123456789"


def screen(house: House) -> SetupScreen:
    assert isinstance(house.app.screen, SetupScreen)
    return house.app.screen


@asynccontextmanager
async def set_up(tmp: Path, size: tuple[int, int] = (140, 40), **more: Any) -> AsyncIterator[House]:
    """The screen, when all was looked at."""
    async with on_stage(tmp, size, played=False, **more) as house:
        await house.press("escape")
        await house.press("7")
        await house.until(lambda: isinstance(house.app.screen, SetupScreen) and not screen(house).looking)
        yield house


async def go_to(house: House, key: str) -> None:
    """Put the cursor on the line whose key begins so."""
    rows = screen(house).query_one("#lines", Rows)
    await house.until(lambda: any(row.key.startswith(key) for row in rows.rows), key)
    rows.move_to(next(row.key for row in rows.rows if row.key.startswith(key)))
    screen(house).highlighted()


async def enter(house: House, modal: type[Modal[Any]], text: str) -> None:
    """Give a box a text, as pasted."""
    await on(house, modal)
    house.app.screen.query_one(Input).value = text
    await house.press("enter")


async def on(house: House, modal: type[Modal[Any]]) -> None:
    await house.until(lambda: isinstance(house.app.screen, modal))


async def test_without_a_model_it_says_what_works_and_what_to_do(tmp_path: Path) -> None:
    async with set_up(tmp_path, (80, 24), environ={"TERM": "xterm-256color"}) as house:
        await house.shows("! default model    none ready")
        await house.shows("no OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY")
        await house.shows("nothing listening on http://127.0.0.1:1")
        await house.shows("works now        all built-in tools, templates")
        await house.shows("k keeps a key; o says how to set up Ollama")
        await house.press("y")
        await house.until(lambda: house.app.clipboard.startswith("export UNDERSTUDY_MODEL="))
        await house.press("o")
        await on(house, Pick)
        await house.shows("ollama pull qwen3:8b")
        await house.press("2")
        await house.until(lambda: house.app.clipboard == "ollama serve")


async def test_every_section_is_there_and_can_be_jumped_to(tmp_path: Path) -> None:
    async with set_up(tmp_path) as house:
        met = []
        for _ in SECTIONS:
            assert screen(house).line is not None
            met.append(screen(house).line.section)  # type: ignore[union-attr]  # asserted
            await house.press("right")
        assert tuple(met) == SECTIONS
        await go_to(house, "Keys/")
        await house.shows("everywhere: ")
        before = house.app.theme
        await go_to(house, "Theme/understudy-light")
        await house.press("enter")
        assert house.app.theme == "understudy-light" != before
        await house.shows("✓ understudy-light")


async def test_what_is_wrong_names_what_to_do_and_the_command_for_it(tmp_path: Path) -> None:
    own = tmp_path / "project" / ".understudy"
    (own / "skills").mkdir(parents=True)
    (own / "skills" / "lint.py").write_text("from skills import skill\n@skill(\n")
    (tmp_path / "data").mkdir(mode=0o755)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "credentials").write_text("{}")
    async with set_up(tmp_path) as house:
        await house.shows("wrong")
        bad = [line for line in screen(house).lines if line.grade == "bad"]
        assert {"skills", "keys"} <= {line.name for line in bad}
        assert all(line.next and line.command for line in bad), bad
        await go_to(house, "Workspace/skills")
        await house.shows("understudy skills check")
        await house.press("t")
        await on(house, Choices)


async def test_a_key_is_masked_kept_for_its_owner_alone_and_used(tmp_path: Path) -> None:
    async with (
        OpenAIServer(answer("ready")) as server,
        set_up(tmp_path, environ={"OPENAI_BASE_URL": server.base_url}) as house,
    ):
        await house.press("k", "1")
        await house.shows("credentials, mode 600")
        await house.press("1")
        await enter(house, Masked, "no key")
        await house.shows("This can be no key")
        house.app.screen.query_one(Input).value = KEY
        await house.shows("••••••••")
        assert KEY not in lines_of(house.app)
        await house.press("enter")
        path = tmp_path / "config" / "credentials"
        await house.until(path.exists)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        await house.shows("OPENAI_API_KEY kept in")
        assert KEY not in lines_of(house.app)

        await house.press("p")
        await enter(house, Entry, "openai/gpt-4o-mini")
        await on(house, Choices)
        await house.shows("is asked one question")
        assert not server.requests
        await house.press("up", "enter")
        assert not server.requests
        await house.press("p")
        await house.shows("tested: answered in")
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"

        await go_to(house, "Models/key")
        await house.press("x")
        await on(house, Choices)
        await house.press("x")
        await house.until(lambda: "OPENAI_API_KEY kept" not in lines_of(house.app))
        assert KEY not in path.read_text()


async def test_a_key_for_this_session_is_kept_nowhere(tmp_path: Path) -> None:
    async with set_up(tmp_path) as house:
        await house.press("k", "2", "2")
        await enter(house, Masked, KEY)
        await house.shows("given for this session only, not tested")
        assert not (tmp_path / "config" / "credentials").exists()
        found = house.services.performers.keys.find("anthropic/claude-x")
        assert found.value.reveal() == KEY  # type: ignore[union-attr]  # it is there


async def test_a_server_is_added_looked_at_accepted_and_held_back(tmp_path: Path) -> None:
    entry = fault_server()
    command = " ".join([entry["command"], *(f"'{arg}'" for arg in entry["args"])])
    async with set_up(tmp_path) as house:
        await house.press("m")
        await enter(house, Entry, "faults")
        await house.shows("add faults")
        await enter(house, Entry, command)
        await on(house, Pick)
        await house.press("2")
        written = tmp_path / "config" / "mcp.json"
        await house.until(written.exists)
        assert json.loads(written.read_text())["mcpServers"]["faults"]["command"] == entry["command"]
        await go_to(house, "MCP servers/faults")
        await house.shows("a looks at it")
        await house.press("a")
        await on(house, Choices)
        await house.shows("It starts, as you: ")
        await house.press("s")
        await house.shows("What follows are its own words, not ours:")
        await house.press("up", "enter")
        assert house.services.servers.get("faults").state == "new"
        await house.press("a")
        await house.until(lambda: house.services.servers.get("faults").state == "ready")
        await house.shows("✓ faults")
        await go_to(house, "MCP servers/faults")
        await house.shows("tools:")
        await house.shows("mcp__faults__")
        await house.press("x")
        await on(house, Choices)
        await house.press("x")
        await house.until(lambda: house.services.servers.get("faults").state == "new")


async def test_rules_say_where_they_stand(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.yaml").write_text(
        "permissions: {deny: [git.commit], allow: [file.*, nothing.such]}\n"
    )
    async with set_up(tmp_path) as house:
        await house.shows("deny             git.commit · ")
        await house.shows("settings.yaml:1")
        await go_to(house, "Tools & permissions/allow/allow nothing.such")
        await house.shows("(for no tool that")


async def test_every_key_can_be_pressed_on_every_kind_of_line(tmp_path: Path) -> None:
    async with set_up(tmp_path) as house:
        for key in ("Models/default", "Tools & permissions/usual", "Theme/ansi-dark"):
            await go_to(house, key)
            for action in actions("setup"):
                await house.press(action.keys[0])
                while isinstance(house.app.screen, Modal):
                    await house.press("escape")
                assert isinstance(house.app.screen, SetupScreen)
        assert house.app.is_running


async def test_the_mouse_chooses_a_line_and_presses_a_hint(tmp_path: Path) -> None:
    async with set_up(tmp_path) as house:
        lines = lines_of(house.app).splitlines()
        row = next(at for at, text in enumerate(lines) if "python" in text)
        await house.pilot.click(offset=(20, row))
        await house.until(lambda: (line := screen(house).line) is not None and line.name == "python")
        await house.until(lambda: "enter choose model" not in lines_of(house.app))
        lines = lines_of(house.app).splitlines()  # which keys there are depends on the line
        await house.pilot.click(offset=(lines[-1].index("k add key") + 3, len(lines) - 1))
        await on(house, Pick)


async def test_what_was_allowed_for_a_run_is_listed_and_taken_back(tmp_path: Path) -> None:
    put_noter(tmp_path, ASKS_AGAIN)
    async with on_stage(tmp_path, played=False) as house:
        house.desk.trust()
        driver = await house.perform(NOTES_FLOW)
        await house.until(lambda: driver.committed.open_inquiries)
        await house.shows("d  deny  ")
        await house.wait(1)
        await house.press("A")
        await house.shows("keep/3.md")
        await house.press("7")
        await house.until(lambda: isinstance(house.app.screen, SetupScreen) and not screen(house).looking)
        await go_to(house, "Tools & permissions/allowed")
        await house.shows(f"understudy permissions revoke {driver.state.run_id} 1")
        await house.press("x")
        await on(house, Choices)
        await house.press("up", "enter")
        assert driver.committed.permits[0].revoked is None
        await house.press("x")
        await house.until(lambda: driver.committed.permits[0].revoked is not None)
        await house.until(lambda: not any(line.name == "allowed" for line in screen(house).lines))
        driver.cancel()
