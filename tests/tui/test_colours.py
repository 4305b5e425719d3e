"""Which colours are used: the ones that were chosen, the terminal's own, or none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.color import Color, ColorType
from rich.style import Style

from app.tui.kept_theme import keep_theme, kept_theme
from app.tui.theme import NAMES
from app.tui.widgets.rows import Rows
from tests.support.scripts import at_gate, failed
from tests.support.stage import House, lines_of, on_stage

SCREENS = "1256783"
"""Compose last: digits are text there."""


def styles(house: House) -> Iterator[tuple[str, Style]]:
    """Each piece of text on the screen, with how it is sent to the terminal."""
    for strip in house.app.screen._compositor.render_strips():
        for segment in strip:
            if segment.style is not None:
                yield segment.text, segment.style


def colours(house: House) -> Iterator[tuple[str, Color]]:
    for text, style in styles(house):
        yield from ((text, colour) for colour in (style.color, style.bgcolor) if colour is not None)


async def visit(house: House) -> list[tuple[str, Color]]:
    """All screens, a run at its gate and one that failed: what they are drawn with."""
    found: list[tuple[str, Color]] = []
    for begin in (failed, at_gate):
        await begin(house)
        found += colours(house)
    for key in ("g", "g", "i", "escape", "question_mark", "escape", "colon", "escape", *SCREENS):
        await house.press(key)
        await house.rest()
        found += colours(house)
    return found


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light"])
async def test_the_terminals_own_colours_are_the_only_ones(tmp_path: Path, theme: str) -> None:
    keep_theme(tmp_path / "config", theme)
    async with on_stage(tmp_path) as house:
        assert house.app.theme == theme
        found = await visit(house)
    own = (ColorType.DEFAULT, ColorType.STANDARD)
    assert [(text, colour) for text, colour in found if colour.type not in own] == []
    assert {colour.number for _, colour in found} > {None, 1, 2}  # what is bad, and what is good


async def test_no_color_means_none_and_what_is_chosen_is_the_other_way_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with on_stage(tmp_path) as house:
        assert os.environ["NO_COLOR"] == "1"  # for the programs that steps start
        found = await visit(house)
        house.app.do_home()
        await house.shows("Needs you (2)")
        house.app.screen.query_one("#overview", Rows).focus()
        await house.rest()
        reversed_ = "".join(text for text, style in styles(house) if style.reverse)
        assert "check_links failed" in reversed_
    assert [(text, colour) for text, colour in found if not colour.is_default] == []


async def test_an_empty_no_color_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    async with on_stage(tmp_path) as house:
        await house.shows("none ready")
        assert os.environ["NO_COLOR"] == ""
        assert not all(colour.is_default for _, colour in colours(house))


async def test_the_colours_that_are_chosen_are_there_at_the_next_start(tmp_path: Path) -> None:
    async with on_stage(tmp_path, played=False) as house:
        assert house.app.theme == NAMES[0]
        await house.press("ctrl+t")
        await house.shows(f"colours: {NAMES[1]}")
    async with on_stage(tmp_path, played=False) as house:
        assert house.app.theme == NAMES[1]
        await house.press("7")
        await house.shows("setup")
        house.app.screen.change_theme("ansi-light")
    assert kept_theme(tmp_path / "config") == "ansi-light"
    assert (tmp_path / "config" / "theme").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"understudy-pink\n", b"", b"\xff\xfe", b"x" * 10_000])
def test_what_is_no_theme_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "theme").write_bytes(content)
    assert kept_theme(tmp_path) == NAMES[0]


async def test_colours_that_cannot_be_kept_are_used_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("no folder")
    async with on_stage(tmp_path / "here", played=False) as house:
        house.app.own = house.app.own.__class__(tmp_path / "config", tmp_path, tmp_path, tmp_path)
        await house.press("ctrl+t")
        await house.shows("cannot be written")
        assert house.app.theme == NAMES[1]
        assert "Traceback" not in lines_of(house.app)
