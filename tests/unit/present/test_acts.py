"""What a call asks for, as a line instead of as JSON."""

from __future__ import annotations

import pytest

from app.present.acts import WIDEST, act_words
from workflows.values import Json


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("as it is", "as it is"),
        ({"skill": "git.log", "parameters": {"repo": ".", "since": None, "count": 3}}, "git.log repo=. count=3"),
        ({"skill": "command", "parameters": {"argv": ["sh", "-c", "exit 3"]}}, "command argv=[sh, -c, exit 3]"),
        (
            {"skill": "file.write", "parameters": {"text": "two words", "empty": ""}},
            'file.write text="two words" empty=""',
        ),
        ({"skill": "bare", "parameters": {}}, "bare"),
        ({"tool": "file.read", "arguments": {"path": "a"}}, "file.read path=a"),
        ({"agent": "writer", "heard": [{"role": "user", "content": "Hello\nyou"}]}, "asks writer: Hello you"),
        ({"agent": "writer", "heard": []}, "asks writer"),
        ({"method": "POST", "url": "https://example.org", "headers": {}, "body": None}, "POST https://example.org"),
        ({"channel": "team", "text": "all done"}, 'tells team: "all done"'),
        ({"beginning": '{"a":1', "length": 5000}, '{"a":1 … (5000 characters)'),
        ({"beginning": '{"a":1', "length": 5000, "digest": "d"}, '{"a":1 … (5000 characters)'),
        ([1, {"a": 2}], '[1,{"a":2}]'),
        (None, "null"),
    ],
)
def test_a_call_is_told_in_a_few_words(spec: Json, words: str) -> None:
    assert act_words(spec) == words


def test_long_and_hostile_ones_stay_on_one_short_line() -> None:
    said = act_words({"skill": "a", "parameters": {"\x1b]0;x\x07k": "b\n" * 9999, "c": ["d" * 9999]}})
    assert len(said) <= WIDEST
    assert "\n" not in said
    assert "\x1b" not in said
