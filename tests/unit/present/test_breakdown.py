"""A breakdown as CSV: read back it is the same, and nothing in it is a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.present.breakdown import FORMULA, csv_of, header, rows
from app.present.statistics import KEYS
from workflows.journal.breakdown import By, Group


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20), unique=True))
def test_csv_is_read_back(names: list[str]) -> None:
    text = csv_of("model", [Group((name,), 3, 2, 1, mean=1.5, cost_usd=0.25) for name in names])
    first, *found = list(csv.reader(io.StringIO(text, newline="")))
    assert first[:4] == ["model", "runs", "succeeded", "failed"]
    assert len(found) == len(names)
    for row in found:
        values = dict(zip(first, row, strict=True))
        assert not values["model"].startswith(FORMULA)
        assert (values["runs"], values["success_rate"], values["mean_s"], values["p95_s"]) == ("3", "0.6667", "1.5", "")
        assert (values["cost_usd"], values["cost_unknown_in"]) == ("0.25", "0")


def test_lines_end_as_the_rule_says_and_formulas_are_texts() -> None:
    text = csv_of("workflow", [Group(('=HYPERLINK("x"),1',), 1)])
    assert text.endswith("\r\n")
    assert text.splitlines()[1].startswith('"\'=HYPERLINK(""x""),1",1,')


@pytest.mark.parametrize("by", KEYS)
def test_every_line_has_every_column(by: By) -> None:
    group = Group(tuple("x" for _ in KEYS[by]), 1)
    (row,) = rows(by, [group])
    assert len(row) == len(header(by))
