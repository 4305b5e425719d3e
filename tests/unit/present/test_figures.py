"""Figures are short, honest about what is not known, and never round a cost to nothing."""

from __future__ import annotations

import pytest

from app.present import figures
from workflows.effects import Spending, Usage
from workflows.money import money


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (-3, "0.0 s"),
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 m 00 s"),
        (3599.6, "1 h 00 m"),
        (86400 * 3 + 3600 * 4, "3 d 4 h"),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert figures.duration(seconds) == text


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (0, "just now"),
        (50, "1 min ago"),
        (300, "5 min ago"),
        (3580, "1 h ago"),
        (7200, "2 h ago"),
        (86400 * 3, "3 d ago"),
    ],
)
def test_times_past(passed: float, text: str) -> None:
    assert figures.ago(1_000_000_000 - passed, 1_000_000_000) == text


def test_a_long_time_past_is_a_day() -> None:
    assert figures.ago(0, 1_000_000_000) in ("1970-01-01", "1969-12-31")


@pytest.mark.parametrize(
    ("count", "text"), [(None, "?"), (0, "0"), (999, "999"), (41_234, "41.2k"), (999_949, "999.9k"), (999_950, "1.0M")]
)
def test_tokens(count: int | None, text: str) -> None:
    assert figures.tokens(count) == text


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (0.083, "$0.083"),
        (0.5, "$0.50"),
        (0.01, "$0.01"),
        (1.239, "$1.24"),
        (0.0042, "$0.0042"),
        (0.00000001, "under $0.0001"),
    ],
)
def test_money_is_never_rounded_to_nothing(usd: float, text: str) -> None:
    assert money(usd) == text


@pytest.mark.parametrize(
    ("usages", "text"),
    [
        ([], "–"),
        ([Usage("openai/x", 10, 5, cost_usd=0.083)], "$0.083"),
        ([Usage("openai/x", 10, 5)], "$?"),
        ([Usage("openai/x", 10, 5, cost_usd=0.01), Usage("other/y", 10, 5)], "$0.01 + $?"),
        ([Usage("demo/scripted", 0, 0, cost_usd=0.0, simulated=True)], "no cost"),
        ([Usage("openai/x", 10, 5), Usage("template/t", 0, 0, cost_usd=0.0, simulated=True)], "$?"),
        ([Usage("openai/x"), Usage("template/t", 0, 0, cost_usd=0.0, simulated=True)], "$?"),
    ],
)
def test_an_unknown_price_is_never_no_cost(usages: list[Usage], text: str) -> None:
    spent = Spending()
    for usage in usages:
        spent = spent.plus(usage)
    assert figures.cost_of(spent) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (4100, "4.1 kB"), (999_960, "1.0 MB"), (3_400_000_000, "3.4 GB")]
)
def test_sizes(count: int, text: str) -> None:
    assert figures.size(count) == text
