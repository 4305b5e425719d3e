"""What skills say of a failure, and before they act, is cleaned and short enough to show."""

from __future__ import annotations

from skills.clean import clean_failure, clean_preview
from skills.declare import Preview
from workflows.errors import Failure


def test_failures_and_previews_are_cleaned_and_bounded() -> None:
    failure = clean_failure(Failure("business", "\x1b[2Jno" + "x" * 10_000, "\x07", {"\x1b[0mk": ["\x9b1m" * 3]}))
    assert "\x1b" not in repr(failure).encode().decode("unicode_escape")
    assert len(failure.message) <= 2000
    preview = clean_preview(Preview("\u202etitle", "a\x1b[2Jb", {"f": "\x07"}, {"raw": "\x07"}))
    assert (preview.title, preview.body, preview.facts) == ("�title", "a�b", {"f": "�"})
    assert preview.binds == {"raw": "\x07"}
