"""docs/screens.md names tests that are there, one at least or a measured line for each requirement."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.report import BEGIN, END
from benchmarks.screens.__main__ import CASES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "screens.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+|) \| (.+?) \| (.*?) \|$", PAGE.partition("what shows it")[2], re.MULTILINE)


def test_every_requirement_is_shown() -> None:
    assert [number for number, _, _ in ROWS if number] == [str(number) for number in range(1, 26)]
    assert [what for _, what, shown in ROWS if not shown.strip()] == []


def test_every_test_that_is_named_is_there() -> None:
    for _, what, shown in ROWS:
        file = ""
        for named in re.findall(r"`([^`]+)`", shown):
            path, _, name = named.rpartition("::")
            file = path or file
            if name.startswith("test_"):
                text = (ROOT / file).read_text(encoding="utf-8")
                assert f"def {name}(" in text, f"{what}: {named}"


def measured(page: str) -> list[list[str]]:
    """The rows of the measured block: what, what is wanted, the figure, whether that is met."""
    block = page.partition(BEGIN)[2].partition(END)[0]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in block.splitlines() if row.startswith("|")]
    return rows[2:]


def unmeasured(page: str) -> list[str]:
    """What the benchmark measures and the page does not say."""
    said = {tuple(row[:2]): row[2] for row in measured(page)}
    wanted = [each.cells(0) for case in CASES.values() for each in case.wanted]
    figure = re.compile(r"\d[\d.e+]*( (s|ms|MB))?")
    return [what for what, most, *_ in wanted if not figure.fullmatch(said.get((what, most), ""))]


def test_every_figure_was_measured_in_one_run() -> None:
    assert unmeasured(PAGE) == [], "./dev bench screens --write"
    assert re.search(rf"{BEGIN}\n\nMeasured on \d{{4}}-\d\d-\d\d: [^\n]+; the load average was [\d.]+\.\n", PAGE)


def test_an_empty_or_partial_block_is_noticed() -> None:
    before, _, after = PAGE.partition(BEGIN)
    assert len(unmeasured(f"{before}{BEGIN}\n{END}{after.partition(END)[2]}")) == 16
    for row in re.findall(r"^\|.* ms .*\|\n", PAGE, re.MULTILINE):
        assert len(unmeasured(PAGE.replace(row, ""))) == 1
