"""What the command line prints is looked at once more: a name that nobody cleaned must not act on a terminal."""

from __future__ import annotations

import json

import pytest

from app.cli.output import Output

ACTS = "a\x1b[2J\x1b]0;b\x07c\u202ed\x9be\x7f"


def test_nothing_that_acts_on_a_terminal_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output()
    out.say(ACTS, "bad")
    out.print(ACTS)
    out.pieces([(ACTS, "good"), ("plain", "")])
    out.table(["NAME", ACTS], [["x", ACTS]])
    told = capsys.readouterr()
    assert not set("\x1b\x07\u202e\x9b\x7f") & set(told.out + told.err)
    assert "plain" in told.out


def test_colours_are_our_own(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    Output().pieces([("a\x1b[31mb", "good")])
    assert capsys.readouterr().out == "\x1b[32mab\x1b[0m\n"


def test_json_is_the_same_data_and_acts_on_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Output().document({"a": ACTS})
    Output().line({"a": ACTS})
    told = capsys.readouterr().out
    assert not set("\x1b\x07\u202e\x9b\x7f") & set(told)
    assert json.loads(told.splitlines()[-1]) == {"a": ACTS}
