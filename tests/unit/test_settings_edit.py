"""A key that the program writes into the settings file: only that is another one afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import load_settings
from app.settings_edit import keep_setting, with_setting
from workflows.errors import UnderstudyError


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "model: openai/gpt-4o\n"),
        ("# mine\nsandbox: preferred", "# mine\nsandbox: preferred\nmodel: openai/gpt-4o\n"),
        ("model: old/one  # cheap\nsandbox: off\n", "model: openai/gpt-4o  # cheap\nsandbox: off\n"),
        ('model: "old/one"\n', "model: openai/gpt-4o\n"),
        ("# model: x\nkeys: {a: b}\n", "# model: x\nkeys: {a: b}\nmodel: openai/gpt-4o\n"),
    ],
)
def test_one_key_is_changed_and_everything_else_stays(before: str, after: str) -> None:
    assert with_setting(before, "model", "openai/gpt-4o") == after


@pytest.mark.parametrize("value", ["ollama_chat/qwen3:8b", "a: b", "yes", "x #y", "1", 'say "no"', "é/漢"])
def test_what_is_written_is_what_is_read(tmp_path: Path, value: str) -> None:
    path = keep_setting(tmp_path / "config", "model", value)
    assert load_settings(tmp_path / "config", {}).model == value
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "text", ["{model: old/one}\n", "model: >\n  old/\n  one\n", "model: 'old\n  one'\n", "sandbox: off\n...\n"]
)
def test_a_file_that_has_no_line_for_it_stays_and_that_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.yaml").write_text(text)
    with pytest.raises(UnderstudyError, match="by itself"):
        keep_setting(tmp_path, "model", "openai/gpt-4o")
    assert (tmp_path / "settings.yaml").read_text() == text
