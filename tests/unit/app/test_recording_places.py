"""Where a test may have its recording: `test --update` writes there, and anybody may have written the test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.testing.case import Broken, read_case
from workflows.errors import UnderstudyError
from workflows.recordings.file import Unreadable, read_recording


def a_test(folder: Path, recording: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "a.test.yaml"
    path.write_text("workflow: a\n" + (f"recording: {recording}\n" if recording else ""))
    return path


@pytest.mark.parametrize("given", ["", "b.recording.jsonl", "../../b.recording.jsonl", "./x/../b.recording.jsonl"])
def test_a_recording_lies_in_the_workspace(tmp_path: Path, given: str) -> None:
    assert read_case(a_test(tmp_path / "tests" / "a", given), tmp_path).recording.name.endswith(".recording.jsonl")


@pytest.mark.parametrize("given", ["../../../b.recording.jsonl", "out/b.recording.jsonl", "link.recording.jsonl"])
def test_a_recording_elsewhere_is_an_error_with_its_place(tmp_path: Path, given: str) -> None:
    root, folder = tmp_path / "ws", tmp_path / "ws" / "tests" / "a"
    path = a_test(folder, given)
    (folder / "out").symlink_to(tmp_path)
    (folder / "link.recording.jsonl").symlink_to(tmp_path / "b.recording.jsonl")
    with pytest.raises(Broken) as caught:
        read_case(path, root)
    assert [(found.code, found.line) for found in caught.value.diagnostics] == [("outside", 2)]


def test_a_link_in_the_place_of_the_usual_one_is_an_error_too(tmp_path: Path) -> None:
    path = a_test(tmp_path / "ws")
    (tmp_path / "ws" / "a.recording.jsonl").symlink_to(tmp_path / "else.recording.jsonl")
    with pytest.raises(UnderstudyError, match="leads elsewhere through a link"):
        read_case(path, tmp_path / "ws")


def test_a_test_outside_of_the_workspace_has_its_recording_beside_it(tmp_path: Path) -> None:
    path = a_test(tmp_path / "other", "../b.recording.jsonl")
    with pytest.raises(Broken):
        read_case(path, tmp_path / "ws")


def test_what_is_no_plain_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.recording.jsonl")
    with pytest.raises(Unreadable, match="not a plain file"):
        read_recording(tmp_path / "a.recording.jsonl")
