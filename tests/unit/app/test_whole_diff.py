"""A difference is shown with all the lines of its files, and only where the files are still what it was made from."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.whole_diff import with_all_lines
from skills.difference import unified
from workflows.errors import UnderstudyError

TEXTS = st.lists(st.sampled_from(["a", "b", "", "-- x", "++ y", "@@ -1 +1 @@"]), max_size=30).map("\n".join)


@given(before=TEXTS, after=TEXTS)
def test_it_has_every_line_of_both_sides(tmp_path_factory: pytest.TempPathFactory, before: str, after: str) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "notes.md").write_text(before)
    if not (diff := unified(before, after, "a/notes.md", "b/notes.md")):
        return
    lines = [line for line in with_all_lines(diff, folder).split("\n")[2:] if line[:1] in (" ", "+", "-")]
    assert [line[1:] for line in lines if line[0] != "+"] == _lines(before)
    assert [line[1:] for line in lines if line[0] != "-"] == _lines(after)


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def test_each_file_is_one_piece_and_a_new_one_is_whole_as_it_is(tmp_path: Path) -> None:
    old = "".join(f"{n}\n" for n in range(40))
    (tmp_path / "old.md").write_text(old)
    changed = unified(old, old.replace("3\n", "three\n"), "a/old.md", "b/old.md")
    made = unified("", "hello\n", "/dev/null", "b/new.md")
    told = with_all_lines(changed + made, tmp_path)
    assert told.endswith(made)
    assert all(f"\n {n}\n" in told for n in (0, 1, 2, 20))


@pytest.mark.parametrize("now", [None, "another\n", "one\ntwo\nsix\n"])
def test_a_file_that_is_another_by_now_is_said_to_be(tmp_path: Path, now: str | None) -> None:
    diff = unified("one\ntwo\nthree\n", "one\ntwo\n3\n", "a/notes.md", "b/notes.md")
    if now is not None:
        (tmp_path / "notes.md").write_text(now)
    with pytest.raises(UnderstudyError, match=r"is not as it was|cannot be read"):
        with_all_lines(diff, tmp_path)


@pytest.mark.parametrize("name", ["../secret", "link", "/etc/hostname", "folder"])
def test_nothing_outside_of_the_folder_is_read(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "project"
    (folder / "folder").mkdir(parents=True)
    (tmp_path / "secret").write_text("one\n")
    (folder / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(UnderstudyError, match="cannot be read"):
        with_all_lines(f"--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-one\n+two\n", folder)


def test_what_is_no_difference_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match="no difference"):
        with_all_lines("text that is written anew", tmp_path)
