"""The text is what Prometheus takes: read back by a parser that is as strict."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.monitoring.exposition import Metric, Point, exposition

SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)')
LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"')
BACK = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


def back(text: str) -> str:
    return re.sub(r"\\[\\\"n]", lambda found: BACK[found[0]], text)


def parse(text: str) -> dict[str, tuple[str, str, list[tuple[dict[str, str], float]]]]:
    """Metrics by name: help, type, and values with their labels. Fails where a line is not of the format."""
    assert text == "" or text.endswith("\n")
    found: dict[str, tuple[str, str, list[tuple[dict[str, str], float]]]] = {}
    lines = text.split("\n")[:-1]
    while lines:
        said, kind = lines.pop(0).split(" ", 3), lines.pop(0).split(" ")
        assert said[:2] == ["#", "HELP"]
        assert kind[:2] == ["#", "TYPE"]
        assert said[2] == kind[2]
        assert said[2] not in found
        values = []
        while lines and not lines[0].startswith("#"):
            match = SAMPLE.fullmatch(lines.pop(0))
            assert match is not None
            assert match[1] == said[2]
            labels = {name: back(value) for name, value in LABEL.findall(match[2] or "")}
            values.append((labels, float(match[3].replace("Inf", "inf"))))
        found[said[2]] = (back(said[3]), kind[3], values)
    return found


@given(
    help_=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1),
    values=st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])), st.floats(allow_nan=False), min_size=1, max_size=5
    ),
)
def test_what_is_written_is_read_back(help_: str, values: dict[str, float]) -> None:
    points = tuple(Point(value, {"workflow": label}) for label, value in values.items())
    read = parse(exposition([Metric("understudy_x", "gauge", help_, points)]))
    assert read == {"understudy_x": (help_, "gauge", [({"workflow": label}, value) for label, value in values.items()])}


def test_a_text_with_all_that_must_be_escaped() -> None:
    metrics = [
        Metric("a_total", "counter", "With \\ and\nlines", (Point(3), Point(0.5, {"b": 'x"y', "a": "\\n\n"}))),
        Metric("empty", "gauge", "Nothing", ()),
        Metric("big", "gauge", "Sizes", (Point(1e300), Point(math.nan, {"a": "n"}), Point(-math.inf, {"a": "i"}))),
    ]
    assert exposition(metrics) == (
        "# HELP a_total With \\\\ and\\nlines\n# TYPE a_total counter\n"
        'a_total 3\na_total{a="\\\\n\\n",b="x\\"y"} 0.5\n'
        '# HELP big Sizes\n# TYPE big gauge\nbig 1e+300\nbig{a="n"} NaN\nbig{a="i"} -Inf\n'
    )


def test_what_no_scrape_would_take_is_refused() -> None:
    one = Metric("x", "gauge", "", (Point(1),))
    for wrong in ([Metric("x-y", "gauge", "", ())], [one, one], [Metric("x", "gauge", "", (Point(1), Point(2)))]):
        with pytest.raises(ValueError, match="x"):
            exposition(wrong)
    with pytest.raises(ValueError, match="label"):
        exposition([Metric("x", "gauge", "", (Point(1, {"a-b": ""}),))])


def test_a_label_that_utf8_cannot_hold_is_sent_all_the_same() -> None:
    assert exposition([Metric("x", "gauge", "X", (Point(1, {"a": "\udce9"}),))]).encode().endswith(b'x{a="?"} 1\n')
