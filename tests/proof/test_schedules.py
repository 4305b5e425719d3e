"""The small form of the proof of schedules; `./dev proof schedules` plays two days and kills twenty times."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.proof.schedules import NIGHT, not_as_expected, prove
from workflows.unattended.values import Start


async def test_a_night_in_which_clocks_change_and_servers_die(tmp_path: Path) -> None:
    found, figures = await prove(tmp_path, [NIGHT], kills=2, seed=8)
    assert found == []
    assert figures["servers killed"] >= 2
    assert figures["had to start"] >= 19


def test_the_proof_finds_what_is_wrong() -> None:
    start = Start("schedule:a:1", "schedule:a", "tick", due=60.0, status="started")
    assert list(not_as_expected([start], {60.0}, set())) == []
    assert len(list(not_as_expected([start], {60.0, 120.0}, set()))) == 1
    assert len(list(not_as_expected([start, start], {60.0}, set()))) == 1
    assert len(list(not_as_expected([start], set(), set()))) == 1
    assert list(not_as_expected([start], set(), {60.0})) == []
    assert len(list(not_as_expected([replace(start, status="refused")], set(), set()))) == 1
