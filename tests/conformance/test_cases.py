"""Every clause of docs/language.md, shown through the real program. `tests/support/cases.py` says what a case is."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.cases import Case, cases, play
from tests.support.command_line import CommandLine
from tests.support.language_page import parts, places_of
from tests.support.web import Web


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
async def test_case(case: Case, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if case.xfail:
        request.applymarker(pytest.mark.xfail(reason=case.xfail, strict=True))
    line = CommandLine(tmp_path / "work", tmp_path / "home")
    for folder in (line.cwd, line.home):
        folder.mkdir()
    behaviour = case.web_server()
    async with Web(behaviour) as web:
        problems = await asyncio.to_thread(lambda: list(play(case, line, web.host)))
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)
    if case.came is not None:
        assert tuple(behaviour.came) == case.came


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_case_quotes_the_page(case: Case) -> None:
    for quote in case.clause:
        assert len(places_of(quote)) == 1, f"it must stand in docs/language.md, once: {quote!r}"


def test_every_heading_and_every_row_of_a_table_has_a_case() -> None:
    quoted = {place for case in cases() for quote in case.clause for place in places_of(quote)}
    without = [part.name for part in parts() if not any(part.start <= place < part.end for place in quoted)]
    assert not without, "no case quotes what stands there"
