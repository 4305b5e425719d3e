from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.present.query import read_filter
from workflows.journal.port import Bound, Query

NOW = 1_000_000.0


def test_words_and_keys_become_a_query() -> None:
    found = read_filter("status:failed wf:release since:2h broken link", NOW, limit=5, offset=10)
    assert found.problem == ""
    assert found.query.status == ("failed",)
    assert (found.query.named, found.query.workflow) == ("release", "")
    assert found.query.since == NOW - 7200
    assert found.query.text == "broken link"
    assert (found.query.limit, found.query.offset) == (5, 10)


def test_a_status_may_be_begun_only_and_named_as_the_screens_do() -> None:
    assert read_filter("status:fail", NOW).query.status == ("failed",)
    assert read_filter("status:done", NOW).query.status == ("succeeded",)
    assert read_filter("status:running status:paused", NOW).query.status == ("running", "paused")


def test_several_statuses_stand_in_one_word() -> None:
    assert read_filter("status:failed,canc", NOW).query.status == ("failed", "cancelled")


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("cost>0.1", Bound("cost", ">", 0.1)),
        ("cost<=$2", Bound("cost", "<=", 2.0)),
        ("cost>=.5", Bound("cost", ">=", 0.5)),
        ("took>90", Bound("took", ">", 90.0)),
        ("took<1.5m", Bound("took", "<", 90.0)),
        ("took>2h", Bound("took", ">", 7200.0)),
    ],
)
def test_bounds(text: str, bound: Bound) -> None:
    found = read_filter(text, NOW)
    assert (found.problems, found.query.bounds) == ((), (bound,))


def test_a_stretch_of_time() -> None:
    query = read_filter("since:4w until:2d", NOW).query
    assert (query.since, query.until) == (NOW - 28 * 86400, NOW - 2 * 86400)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("status:filed", "“status:filed” (at 1): no status 'filed': did you mean 'failed'?"),
        ("a since:yesterday", "“since:yesterday” (at 3): takes today, 30m, 2h, 7d or 4w"),
        ("until:", "takes how long ago"),
        ("colour:red", "no filter 'colour:'; there are status: wf: since: until: cost> took>"),
        ("sinse:7d", "did you mean 'since'?"),
        ("status:", "no status ''"),
        ("wf:", "which one? Such as wf:release"),
        ("cost>cheap", "takes US dollars, such as cost>0.10"),
        ("cost>-1", "takes US dollars"),
        ("cost>nan", "takes US dollars"),
        ("took>long", "takes a time, such as took>30s"),
        ("coast>1", "did you mean 'cost'?"),
        ("tokens>1", "nothing to measure is called 'tokens'"),
    ],
)
def test_what_is_not_understood_is_said_and_filters_nothing(text: str, problem: str) -> None:
    found = read_filter(text, NOW)
    assert problem in found.problem
    assert found.query == Query(text="a" if text.startswith("a ") else "")


def test_all_problems_are_told_of_each_with_its_place() -> None:
    found = read_filter("status:x  ok cost>y", NOW)
    assert [(problem.at, problem.word) for problem in found.problems] == [(0, "status:x"), (13, "cost>y")]
    assert found.query.text == "ok"


@given(st.text())
def test_whatever_is_typed_is_read(text: str) -> None:
    found = read_filter(text, NOW)
    assert all(text[problem.at :].startswith(problem.word) for problem in found.problems)
