from __future__ import annotations

import pytest

from app.present.query import read_filter

NOW = 1_000_000.0


def test_words_and_keys_become_a_query() -> None:
    found = read_filter("status:failed wf:release since:2h broken link", NOW, limit=5, offset=10)
    assert found.problem == ""
    assert found.query.status == ("failed",)
    assert found.query.workflow == "release"
    assert found.query.since == NOW - 7200
    assert found.query.text == "broken link"
    assert (found.query.limit, found.query.offset) == (5, 10)


def test_a_status_may_be_begun_only_and_named_as_the_screens_do() -> None:
    assert read_filter("status:fail", NOW).query.status == ("failed",)
    assert read_filter("status:done", NOW).query.status == ("succeeded",)
    assert read_filter("status:running status:paused", NOW).query.status == ("running", "paused")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("status:filed", "did you mean 'failed'?"),
        ("since:yesterday", "since: takes"),
        ("colour:red", "no filter 'colour:'"),
        ("status:", "no status ''"),
    ],
)
def test_what_is_not_understood_is_said_and_filters_nothing(text: str, problem: str) -> None:
    found = read_filter(text, NOW)
    assert problem in found.problem
    assert found.query.status == ()
    assert found.query.text == ""
