"""The demo, from the key that starts it to its end, with the services that people get."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import TextArea

from app.demo.tour import prepare
from app.paths import Paths, find_paths
from app.present.labels import DEMO
from app.tui.app import UnderstudyApp
from app.tui.demo import Demo
from app.tui.modals.json_editor import JsonEditor
from app.tui.screens.home import HomeScreen
from app.tui.screens.run import RunScreen
from app.tui.screens.skills import SkillsScreen
from app.tui.session import serve
from tests.support.stage import lines_of
from tests.support.stillness import resting


def screen_below(app: UnderstudyApp) -> RunScreen:
    screen = app.screen_stack[-2]
    assert isinstance(screen, RunScreen)
    return screen


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("OLLAMA_API_BASE", "http://127.0.0.1:1")
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "mine").mkdir()
    return find_paths(os.environ, tmp_path / "mine")


async def test_the_tour_goes_from_its_key_to_its_end_and_back_home(paths: Paths) -> None:
    def made() -> Demo:
        demo = prepare()
        # The demo's own journal is the user's; here it is the test's.
        return replace(demo, paths=replace(paths, root=demo.paths.root))

    app = UnderstudyApp(paths, person="ada", demo=made)
    async with resting(), app.run_test(size=(120, 40)) as pilot:
        serving = asyncio.create_task(serve(app, os.environ))

        async def until(condition: Callable[[], object]) -> None:
            try:
                async with asyncio.timeout(60):
                    while not condition():
                        assert not serving.done(), serving
                        await pilot.pause(0.02)
            except TimeoutError:
                raise AssertionError(lines_of(app)) from None

        def screen() -> RunScreen:
            assert isinstance(app.screen, RunScreen)
            return app.screen

        await until(lambda: "runs the 60-second demo" in lines_of(app))
        await pilot.press("d")
        await until(lambda: isinstance(app.screen, RunScreen) and "a  approve" in lines_of(app))
        assert DEMO in lines_of(app)
        assert "review ◆" in lines_of(app)
        assert "+# Report" in lines_of(app)
        assert "tour: nothing is written before you say so: a yes" in lines_of(app)
        await until(screen().arming.armed)
        await pilot.press("a")
        await until(lambda: "edit & retry" in lines_of(app))
        assert "1 broken" in lines_of(app)
        await until(screen().arming.armed)
        await pilot.press("e")
        await until(lambda: isinstance(app.screen, JsonEditor))
        assert lines_of(app).count('tour: e, make "docs" into') >= 1, "it is said where it is typed too"
        editor = app.screen.query_one(TextArea)
        editor.load_text(editor.text.replace('"docs"', '"docs", "--skip=old-menu.md"'))
        await pilot.press("f5")
        # The skill is changed, and what uses it is done again.
        await until(lambda: "Now change the skill" in lines_of(app))
        assert screen_below(app).state.status == "succeeded"
        assert len(screen_below(app).state.steps["links"].attempts) == 2
        await pilot.press("c")
        await until(lambda: isinstance(app.screen, SkillsScreen) and app.screen.editing)
        source = app.screen.query_one(TextArea)
        await until(lambda: "STYLE = " in source.text)
        await until(lambda: 'tour: Turn the "- " in STYLE' in lines_of(app))
        source.load_text(source.text.replace('"- ', '"[ ] '))
        await pilot.press("f5")
        await until(lambda: "the tour: the skill is new" in lines_of(app))
        await pilot.press("b")
        await until(lambda: "begin a new run?" in lines_of(app))
        assert "skill:todo-style" in lines_of(app)
        await pilot.press("B")
        await until(lambda: "the tour is over" in lines_of(app))
        assert "5 built-in skills, 1 of the project's own, 1 scripted model (no AI)" in lines_of(app)
        assert "understudy run ./.understudy/workflows/tour.yaml" in lines_of(app)
        assert screen_below(app).state.outputs["todos"].startswith("[ ] say so")
        # The tour is kept as a start, with what it needs and as it was left.
        await pilot.press("s")
        kept = paths.root / ".understudy"
        await until((kept / "workflows" / "tour.yaml").exists)
        assert '"[ ] {text}' in (kept / "skills" / "todo_style.py").read_text()
        await until(lambda: isinstance(app.screen, RunScreen))
        await pilot.press("1")
        await until(lambda: isinstance(app.screen, HomeScreen) and "the demo's workspace" in lines_of(app))
        await pilot.press("w")
        await until(lambda: app.paths.root == paths.root and "trust this workspace?" in lines_of(app))
        assert app.tour is None
        await pilot.press("escape")
        await pilot.press("q")
        app.openings.put_nowait(None)
        await serving
