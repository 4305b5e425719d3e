"""Garbage is left alone while the program starts, and collected from then on, though seldom."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.session import open_desk
from app.paths import find_paths
from app.starting import SELDOM, begin_start


@pytest.fixture(autouse=True)
def _collecting() -> Iterator[None]:
    thresholds = gc.get_threshold()
    gc.set_threshold(700, 10, 10)  # Python's own figures: all tests begin with the program's
    yield
    gc.set_threshold(*thresholds)
    gc.enable()


async def test_garbage_is_collected_once_the_services_are_open(tmp_path: Path) -> None:
    begin_start()
    assert not gc.isenabled()
    async with open_desk(find_paths({"UNDERSTUDY_HOME": str(tmp_path)}, tmp_path)):
        assert gc.isenabled()
        assert gc.get_threshold()[0] == SELDOM
