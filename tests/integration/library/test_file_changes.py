"""Copying, moving, deleting, replacing and patching real files: whole, once, and undone."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

from tests.support.skill_calls import Caller


@pytest.fixture
def call(tmp_path: Path) -> Caller:
    return Caller(tmp_path / "ws")


def tree(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


async def test_a_copy_keeps_bytes_and_permissions_and_is_undone(call: Caller) -> None:
    (call.root / "run.sh").write_bytes(b"#!\xff\0")
    (call.root / "run.sh").chmod(0o755)
    copied = await call("file.copy", source="run.sh", target="bin/go.sh")
    assert (call.root / "bin/go.sh").read_bytes() == b"#!\xff\0"
    assert stat.S_IMODE((call.root / "bin/go.sh").stat().st_mode) == 0o755
    assert (copied["source"], copied["path"], copied["created"]) == ("run.sh", "bin/go.sh", True)
    await call("file.restore", backup=copied["backup"])
    assert tree(call.root) == {"run.sh": b"#!\xff\0"}


async def test_a_copy_replaces_only_when_told(call: Caller) -> None:
    (call.root / "a").write_text("new")
    (call.root / "b").write_text("old")
    failure = await call.failure("file.copy", source="a", target="b")
    assert (failure.message, failure.hint) == (
        "b is there already, with other content",
        "`overwrite: true` replaces it",
    )
    copied = await call("file.copy", source="a", target="b", overwrite=True)
    assert (call.root / "b").read_text() == "new"
    await call("file.restore", backup=copied["backup"])
    assert (call.root / "b").read_text() == "old"


async def test_a_move_overwrites_nothing_and_is_done_once(call: Caller) -> None:
    (call.root / "a").write_text("1")
    (call.root / "b").write_text("2")
    assert (await call.failure("file.move", source="a", target="b")).message == "b is there already"
    assert tree(call.root) == {"a": b"1", "b": b"2"}
    assert await call("file.move", source="a", target="new/c", key="k") == {
        "source": "a",
        "path": "new/c",
        "moved": True,
    }
    again = await call("file.move", source="a", target="new/c", key="k")
    assert again["moved"] is False
    assert (await call.failure("file.move", source="a", target="new/c")).message == "there is no file a"
    assert tree(call.root) == {"b": b"2", "new/c": b"1"}


async def test_a_move_that_was_killed_between_its_two_steps_is_finished(call: Caller) -> None:
    (call.root / "a").write_text("1")
    await call("file.move", source="a", target="b", key="k")
    os.link(call.root / "b", call.root / "a")  # as it was before the old name went
    assert (await call("file.move", source="a", target="b", key="k"))["moved"] is False
    assert tree(call.root) == {"b": b"1"}


async def test_a_deleted_file_comes_back(call: Caller) -> None:
    (call.root / "a").write_bytes(b"\0\xff")
    (call.root / "a").chmod(0o640)
    deleted = await call("file.delete", path="a", key="k")
    assert (deleted["deleted"], deleted["bytes"], tree(call.root)) == (True, 2, {})
    assert (await call("file.delete", path="a", key="k"))["backup"] == deleted["backup"]
    assert (await call("file.restore", backup=deleted["backup"]))["restored"] is True
    assert tree(call.root) == {"a": b"\0\xff"}
    assert stat.S_IMODE((call.root / "a").stat().st_mode) == 0o640


async def test_what_is_not_there_is_deleted_only_when_that_is_fine(call: Caller) -> None:
    assert (await call.failure("file.delete", path="a")).message == "there is no file a"
    assert (await call("file.delete", path="a", missing_ok=True))["deleted"] is False


async def test_what_is_put_back_must_not_hide_what_came_after(call: Caller) -> None:
    (call.root / "a").write_text("old")
    deleted = await call("file.delete", path="a")
    (call.root / "a").write_text("somebody's")
    assert "was changed after" in (await call.failure("file.restore", backup=deleted["backup"])).message


async def test_text_is_replaced_as_often_as_was_said(call: Caller) -> None:
    (call.root / "a.py").write_text("x = 1\ny = x\n")
    assert "2 times, not 1" in (await call.failure("file.replace", path="a.py", old="x", new="z")).message
    assert "is not in a.py" in (await call.failure("file.replace", path="a.py", old="q", new="z")).message
    shown = await call.preview("file.replace", path="a.py", old="x", new="z", count=2)
    assert "-x = 1\n-y = x\n+z = 1\n+y = z\n" in shown.body
    done = await call("file.replace", path="a.py", old="x", new="z", count=0, key="k")
    assert (done["replaced"], (call.root / "a.py").read_text()) == (2, "z = 1\ny = z\n")
    assert (await call("file.replace", path="a.py", old="x", new="z", count=0, key="k"))["replaced"] == 0
    await call("file.restore", backup=done["backup"])
    assert (call.root / "a.py").read_text() == "x = 1\ny = x\n"


def git(root: Path, *words: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.example")
    return subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True, text=True).stdout


async def test_a_patch_of_git_is_applied_forth_and_back(call: Caller) -> None:
    old = {"a.txt": "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "gone.txt": "bye\n", "end.txt": "no newline"}
    new = {"a.txt": "0\n1\n2\n3\nfour\n5\n6\n7\n8\n", "sub/new.txt": "hello\n", "end.txt": "no newline\nnow\n"}
    git(call.root, "init", "--quiet")
    for name, text in old.items():
        (call.root / name).write_text(text)
    git(call.root, "add", ".")
    git(call.root, "commit", "--quiet", "-m", "old")
    for name in old:
        (call.root / name).unlink()
    for name, text in new.items():
        (call.root / name).parent.mkdir(exist_ok=True)
        (call.root / name).write_text(text)
    git(call.root, "add", ".")
    patch = git(call.root, "diff", "--cached", "--no-renames")
    git(call.root, "reset", "--quiet", "--hard")

    def texts() -> dict[str, str]:
        return {name: content.decode() for name, content in tree(call.root).items() if not name.startswith(".git/")}

    applied = await call("file.patch", patch=patch)
    assert texts() == new
    assert {each["path"]: each["change"] for each in applied["files"]} == {
        "a.txt": "changed",
        "gone.txt": "deleted",
        "sub/new.txt": "created",
        "end.txt": "changed",
    }
    assert (await call("file.patch", patch=patch))["applied"] is False
    await call("file.patch", patch=applied["patch"], reverse=True)
    assert texts() == old


async def test_a_patch_fits_where_lines_have_moved_and_nowhere_else(call: Caller) -> None:
    patch = "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n one\n-two\n+TWO\n"
    (call.root / "a").write_text("zero\nzero\none\ntwo\n")
    await call("file.patch", patch=patch)
    assert (call.root / "a").read_text() == "zero\nzero\none\nTWO\n"
    (call.root / "a").write_text("one\ntwo \n")
    failure = await call.failure("file.patch", patch=patch)
    assert failure.message == (
        "the patch does not fit: a: hunk 1 does not fit: its lines, from 'one' on, are not there as they stand"
    )


async def test_of_a_patch_that_fits_in_part_nothing_is_done(call: Caller) -> None:
    (call.root / "a").write_text("one\n")
    (call.root / "b").write_text("other\n")
    patch = "".join(f"--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-one\n+two\n" for name in "ab")
    assert "b: hunk 1 does not fit" in (await call.failure("file.patch", patch=patch)).message
    assert tree(call.root) == {"a": b"one\n", "b": b"other\n"}


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        ("hello", "there is no unified diff in it"),
        ("--- a/a\n+++ b/a\n", "no hunk"),
        ("--- a/a\n+++ b/a\n@@ -1,2 +1 @@\n-one\n+two\n", "the hunk says 2 old and 1 new lines, and has 1 and 1"),
        ("@@ -1 +1 @@\n-one\n+two\n", "a hunk without the names of its file"),
        ("rename from a\nrename to b\n", "file.move does that"),
        ("--- a/a\n+++ b/../../evil\n@@ -1 +1 @@\n-one\n+two\n", "renames"),
        ("--- /dev/null\n+++ b/../evil\n@@ -0,0 +1 @@\n+two\n", "outside the workspace|leads out of"),
        ("--- /dev/null\n+++ b/.git/hooks/post-commit\n@@ -0,0 +1 @@\n+two\n", "never write under"),
    ],
)
async def test_what_is_no_patch_or_a_bad_one_changes_nothing(call: Caller, patch: str, message: str) -> None:
    (call.root / "a").write_text("one\n")
    assert re.search(message, (await call.failure("file.patch", patch=patch)).message)
    assert tree(call.root) == {"a": b"one\n"}


async def test_checksums_are_those_of_sha256sum(call: Caller) -> None:
    (call.root / "d").mkdir()
    (call.root / "d/a").write_bytes(b"1\0")
    (call.root / "d/b").write_bytes(b"")
    expected = subprocess.run(
        ["sha256sum", "a", "b"], cwd=call.root / "d", check=True, capture_output=True, text=True
    ).stdout
    summed = await call("file.checksum", path="d")
    assert (summed["text"], summed["ok"]) == (expected, None)
    (call.root / "d/b").write_bytes(b"more")
    (call.root / "d/a").unlink()
    checked = await call("file.checksum", path="d", expected=expected)
    assert (checked["ok"], checked["wrong"], checked["missing"]) == (False, ["b"], ["a"])
    assert "line 1" in (await call.failure("file.checksum", path="d", expected="nonsense")).message
