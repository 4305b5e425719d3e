"""A file that is edited: replaced whole, only where it is still what was read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from app.sources import LARGEST, ChangedMeanwhile, read_source_text, save_source
from workflows.errors import UnderstudyError


def test_it_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"one\r\n")
    path.chmod(0o757)  # more than a umask leaves of a new file
    saved = save_source(read_source_text(path), "two\r\n")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"two\r\n", 0o757)
    save_source(saved, "three")
    assert [each.name for each in tmp_path.iterdir()] == ["a.py"]


def test_what_somebody_else_wrote_meanwhile_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("one")
    source = read_source_text(path)
    path.write_text("theirs")
    with pytest.raises(ChangedMeanwhile):
        save_source(source, "mine")
    assert path.read_text() == "theirs"
    save_source(source, "mine", anyway=True)
    assert path.read_text() == "mine"


def test_a_link_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("one")
    link = tmp_path / "link"
    link.symlink_to("real")
    with pytest.raises(UnderstudyError, match="is a link"):
        save_source(read_source_text(link), "two")
    assert link.is_symlink()


def test_what_cannot_be_shown_is_refused(tmp_path: Path) -> None:
    large, binary, pipe = tmp_path / "large", tmp_path / "binary", tmp_path / "pipe"
    large.write_bytes(b"x" * (LARGEST + 1))
    binary.write_bytes(b"\xff\xfe")
    os.mkfifo(pipe)
    for path, words in ((large, "too large"), (binary, "not UTF-8"), (pipe, "no file"), (tmp_path / "none", "No such")):
        with pytest.raises(UnderstudyError, match=words):
            read_source_text(path)


def test_where_nothing_can_be_written_nothing_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("one")
    with pytest.raises(UnderstudyError, match="half a character"):
        save_source(read_source_text(path), "\ud800")
    assert [each.name for each in tmp_path.iterdir()] == ["a.py"]
    assert path.read_text() == "one"
