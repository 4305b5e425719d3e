"""How whoever is needed is called: as the settings say."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.tui.app import UnderstudyApp
from tests.support.scripts import at_gate
from tests.support.stage import House, lines_of, on_stage

SEND = '#!/bin/sh\nprintf "%s\\n" "$@" > "$(dirname "$0")/sent"\n'


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each time that the terminal was rung."""
    found: list[int] = []
    monkeypatch.setattr(UnderstudyApp, "bell", lambda app: found.append(1))
    return found


async def waits(house: House) -> None:
    await at_gate(house)
    await house.wait()
    await house.shows("a  approve")


def put(tmp: Path, notify: str) -> None:
    (tmp / "config").mkdir()
    (tmp / "config" / "settings.yaml").write_text(f"notify: {notify}\n")


async def test_nothing_rings_where_that_is_not_wanted(tmp_path: Path, rings: list[int]) -> None:
    put(tmp_path, "off")
    async with on_stage(tmp_path) as house:
        await waits(house)
        await house.until(lambda: house.app.waiting)
    assert rings == []


async def test_the_desktop_is_told_by_its_own_program(tmp_path: Path, rings: list[int]) -> None:
    put(tmp_path, "desktop")
    program = tmp_path / "bin" / "notify-send"
    program.parent.mkdir()
    program.write_text(SEND)
    program.chmod(0o755)
    async with on_stage(tmp_path, environ={"PATH": f"{program.parent}:/usr/bin:/bin"}) as house:
        await waits(house)
        sent = program.parent / "sent"
        await house.until(lambda: sent.exists() and "approve publish" in sent.read_text())
    assert rings == [1]


async def test_where_there_is_no_desktop_that_is_said(tmp_path: Path, rings: list[int]) -> None:
    put(tmp_path, "desktop")
    (tmp_path / "bin").mkdir()
    async with on_stage(tmp_path, environ={"PATH": str(tmp_path / "bin")}) as house:
        await waits(house)
        await house.shows("notify-send")
        assert "Traceback" not in lines_of(house.app)
    assert rings == [1]
