"""The file skills on real files: what they write is whole, kept, and can be undone."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import stat
from pathlib import Path

import pytest

from skills.library.file._replace import replace_content
from tests.support.skill_calls import Caller, make_context
from workflows.errors import CallFailed


@pytest.fixture
def call(tmp_path: Path) -> Caller:
    return Caller(tmp_path / "ws")


def tree(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


async def test_a_new_file_is_written_and_its_undo_removes_it_and_its_folders(call: Caller) -> None:
    written = await call("file.write", path="notes/2024/a.md", text="é\n", key="k")
    assert (written["path"], written["bytes"], written["created"]) == ("notes/2024/a.md", 3, True)
    assert written["sha256"] == hashlib.sha256("é\n".encode()).hexdigest()
    assert tree(call.root) == {"notes/2024/a.md": "é\n".encode()}
    restored = await call("file.restore", backup=written["backup"])
    assert restored == {"path": "notes/2024/a.md", "restored": True, "removed": True}
    assert list(call.root.iterdir()) == []
    assert (await call("file.restore", backup=written["backup"]))["restored"] is False


async def test_a_write_that_was_killed_leaves_nothing_once_it_is_made_again(call: Caller) -> None:
    (call.root / "a.md").write_text("old")
    pid = os.fork()
    if pid == 0:
        os.replace = lambda *paths, **folders: os.kill(os.getpid(), signal.SIGKILL)  # the last moment before it counts
        replace_content(call.root, call.root / "a.md", b"new", None, None, "1" * 32)
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(pid, 0)[1])
    assert len(tree(call.root)) == 2
    replace_content(call.root, call.root / "a.md", b"new", None, None, "1" * 32)
    assert tree(call.root) == {"a.md": b"new"}


async def test_an_old_file_is_replaced_with_its_permissions_and_put_back(call: Caller) -> None:
    path = call.root / "run.sh"
    path.write_bytes(b"old\xff\x00")
    path.chmod(0o750)
    inode = path.stat().st_ino
    written = await call("file.write", path="run.sh", text="new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o750
    assert path.stat().st_ino != inode
    assert (await call("file.restore", backup=written["backup"]))["removed"] is False
    assert path.read_bytes() == b"old\xff\x00"
    assert stat.S_IMODE(path.stat().st_mode) == 0o750


async def test_a_new_file_has_the_umask_and_backups_are_private(call: Caller) -> None:
    before = os.umask(0o027)
    try:
        await call("file.write", path="a", text="1")
        await call("file.write", path="a", text="2", key="other")
    finally:
        os.umask(before)
    assert stat.S_IMODE((call.root / "a").stat().st_mode) == 0o640
    places = [call.context.backups, *call.context.backups.rglob("*")]
    assert {stat.S_IMODE(place.stat().st_mode) for place in places if place.is_dir()} == {0o700}
    assert {stat.S_IMODE(place.stat().st_mode) for place in places if place.is_file()} == {0o600}


async def test_repeating_a_call_changes_nothing_more(call: Caller) -> None:
    """A second attempt with the same key finds its work done, and the first backup, not a copy of its own work."""
    (call.root / "a").write_text("original")
    first = await call("file.write", path="a", text="new", key="k")
    second = await call("file.write", path="a", text="new", key="k")
    assert first == second
    await call("file.restore", backup=second["backup"])
    assert (call.root / "a").read_text() == "original"


async def test_an_attempt_that_died_before_its_write_is_made_good(call: Caller) -> None:
    """The backup was there already; what is put back is what the second attempt found."""
    (call.root / "a").write_text("original")
    first = await call("file.write", path="new/a", text="new", key="k")
    await call("file.restore", backup=first["backup"])
    (call.root / "new").mkdir()
    (call.root / "new" / "a").write_text("by a person, meanwhile")
    second = await call("file.write", path="new/a", text="new", key="k")
    assert second["backup"] == first["backup"]
    await call("file.restore", backup=second["backup"])
    assert (call.root / "new" / "a").read_text() == "by a person, meanwhile"


async def test_writing_what_is_there_needs_no_backup(call: Caller) -> None:
    (call.root / "a").write_text("same")
    written = await call("file.write", path="a", text="same")
    assert (written["backup"], written["created"]) == (None, False)
    assert await call("file.restore", backup=None) == {"path": None, "restored": False, "removed": False}


async def test_a_change_made_after_the_write_is_not_lost(call: Caller) -> None:
    (call.root / "a").write_text("original")
    backup = (await call("file.write", path="a", text="new"))["backup"]
    (call.root / "a").write_text("edited by a person")
    failure = await call.failure("file.restore", backup=backup)
    assert failure.message == "a was changed after it was written, so the backup is not put back"
    assert (call.root / "a").read_text() == "edited by a person"
    await call("file.restore", backup=backup, force=True)
    assert (call.root / "a").read_text() == "original"


async def test_a_backup_belongs_to_its_workspace(call: Caller, tmp_path: Path) -> None:
    backup = (await call("file.write", path="a", text="new"))["backup"]
    other = make_context(tmp_path / "other")
    elsewhere = Caller(tmp_path / "other")
    elsewhere.context = type(other)(other.root, other.cwd, "k", other.emit, other.environ, call.context.backups)
    assert (await elsewhere.failure("file.restore", backup=backup)).kind == "denied"
    for wrong in ("", "0" * 32, "../" * 10 + "xx", "a"):
        assert (await call.failure("file.restore", backup=wrong)).kind == "dependency"


@pytest.mark.parametrize(
    "path", [".git/hooks/pre-commit", ".understudy/skills/x.py", "a/.git/config", "../x", "/etc/x", "link/x", ""]
)
async def test_what_tools_may_not_write_is_left_alone(call: Caller, tmp_path: Path, path: str) -> None:
    (tmp_path / "outside").mkdir()
    (call.root / "link").symlink_to(tmp_path / "outside")
    failure = await call.failure("file.write", path=path, text="x")
    assert failure.kind == "denied"
    assert tree(tmp_path) == {}
    with pytest.raises(CallFailed):
        await call.preview("file.write", path=path, text="x")


async def test_a_folder_or_a_pipe_is_not_written_over(call: Caller) -> None:
    (call.root / "folder").mkdir()
    os.mkfifo(call.root / "pipe")
    assert (await call.failure("file.write", path="folder", text="x")).kind == "denied"
    assert (await call.failure("file.write", path="pipe", text="x")).kind == "denied"
    (call.root / "file").write_text("x")
    assert (await call.failure("file.write", path="file/below", text="x")).message.startswith(
        "file/below cannot be written"
    )
    assert (await call.failure("file.write", path="x" * 300, text="x")).message.endswith("File name too long")


async def test_a_link_inside_is_followed_and_stays_a_link(call: Caller) -> None:
    (call.root / "real").write_text("old")
    (call.root / "link").symlink_to("real")
    assert (await call("file.write", path="link", text="new"))["path"] == "real"
    assert (call.root / "link").is_symlink()
    assert (call.root / "real").read_text() == "new"


@pytest.mark.parametrize(("room", "message"), [(100, "the backup of a cannot be kept"), (2000, "a cannot be written")])
async def test_no_part_of_a_write_is_seen_when_it_fails(call: Caller, room: int, message: str) -> None:
    (call.root / "a").write_text("old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        failure = await call.failure("file.write", path="a", text="x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (failure.kind, failure.message) == ("resource", f"{message}: File too large")
    assert tree(call.root) == {"a": b"old"}


async def test_the_preview_is_the_diff_and_is_bound_to_what_is_there(call: Caller) -> None:
    new = await call.preview("file.write", path="a.txt", text="one\ntwo\n")
    assert new.title == "Create a.txt"
    assert new.body == "--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1,2 @@\n+one\n+two\n"
    assert new.binds == {"before": None}
    await call("file.write", path="a.txt", text="one\ntwo\n")
    change = await call.preview("file.write", path="a.txt", text="one\n2\n")
    assert change.title == "Change a.txt"
    assert "-two\n+2\n" in change.body
    (call.root / "a.txt").write_text("three\n")
    after = await call.preview("file.write", path="a.txt", text="one\n2\n")
    assert after.binds != change.binds
    assert tree(call.root) == {"a.txt": b"three\n"}


async def test_the_preview_of_a_restore(call: Caller) -> None:
    (call.root / "a").write_text("old\n")
    backup = (await call("file.write", path="a", text="new\n"))["backup"]
    preview = await call.preview("file.restore", backup=backup)
    assert (preview.title, preview.body) == ("Restore a", "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-new\n+old\n")


async def test_reading(call: Caller) -> None:
    (call.root / "a.txt").write_text("one\ntwo\nthree\n")
    whole = await call("file.read", path="a.txt")
    assert (whole["text"], whole["lines"], whole["truncated"], whole["exact"]) == ("one\ntwo\nthree\n", 3, False, True)
    part = await call("file.read", path="a.txt", start=2, lines=1)
    assert (part["text"], part["truncated"], part["sha256"]) == ("two\n", True, whole["sha256"])
    (call.root / "latin").write_bytes(b"caf\xe9")
    assert (await call("file.read", path="latin", encoding="latin-1"))["text"] == "café"
    assert (await call.failure("file.read", path="latin")).message == "latin is not utf-8 text: byte 3 is 0xe9"
    assert (await call.failure("file.read", path="latin", encoding="nonsense")).kind == "validation"


async def test_what_is_read_cannot_act_on_a_terminal_and_says_that_it_was_cleaned(call: Caller) -> None:
    (call.root / "evil").write_bytes(b"a\x1b]52;c;ZXZpbA==\x07b\r\n")
    seen = await call("file.read", path="evil")
    assert (seen["text"], seen["exact"]) == ("a\ufffdb\n", False)


async def test_what_cannot_be_read(call: Caller) -> None:
    os.mkfifo(call.root / "pipe")
    (call.root / "binary").write_bytes(b"\x00\x01")
    with open(call.root / "huge", "wb") as file:
        file.truncate(30 * 1024**2)
    for path, kind in [
        ("pipe", "denied"),
        (".", "denied"),
        ("none", "dependency"),
        ("binary", "validation"),
        ("huge", "resource"),
    ]:
        assert (await call.failure("file.read", path=path)).kind == kind
    assert (await call.failure("file.read", path="binary", start=0)).kind == "validation"


async def test_listing(call: Caller) -> None:
    for name in ("b.py", "a.txt", "src/c.py", "src/deep/d.py", ".git/e.py", "node_modules/f.py"):
        (call.root / name).parent.mkdir(parents=True, exist_ok=True)
        (call.root / name).write_text("12")
    (call.root / "out").symlink_to("/")

    async def names(**arguments: object) -> list[str]:
        return [entry["path"] for entry in (await call("file.list", **arguments))["entries"]]

    assert await names() == [".git", "a.txt", "b.py", "node_modules", "out", "src"]
    assert await names(glob="**/*.py") == ["b.py", "src/c.py", "src/deep/d.py"]
    assert await names(glob="src/*") == ["src/c.py", "src/deep"]
    assert await names(path="src", glob="*/*.py") == ["src/deep/d.py"]
    listed = await call("file.list", limit=2)
    assert (listed["truncated"], listed["entries"][1]) == (True, {"path": "a.txt", "type": "file", "bytes": 2})
    assert (await call("file.list", glob="out"))["entries"] == [{"path": "out", "type": "link", "bytes": None}]
    assert (await call.failure("file.list", path="a.txt")).kind == "dependency"


async def test_searching(call: Caller) -> None:
    (call.root / "src").mkdir()
    (call.root / "src" / "a.py").write_text("import os\nos.getcwd()\nx = 'OS'\n")
    (call.root / "b.md").write_text("os\n")
    (call.root / "binary").write_bytes(b"os\x00")
    (call.root / ".git").mkdir()
    (call.root / ".git" / "config").write_text("os")
    (call.root / "out").symlink_to("/etc")

    async def found(pattern: str, **arguments: object) -> list[str]:
        result = await call("file.search", pattern=pattern, **arguments)
        return [f"{match['path']}:{match['line']}:{match['column']}" for match in result["matches"]]

    assert await found("os") == ["b.md:1:1", "src/a.py:1:8", "src/a.py:2:1"]
    assert await found("os", ignore_case=True, glob="**/*.py") == ["src/a.py:1:8", "src/a.py:2:1", "src/a.py:3:6"]
    assert await found("os.", regex=False) == ["src/a.py:2:1"]
    assert await found(r"^\w+ \w+$", regex=True) == ["src/a.py:1:1"]
    assert await found("os", path="src/a.py") == ["src/a.py:1:8", "src/a.py:2:1"]
    result = await call("file.search", pattern="os", limit=1)
    assert (len(result["matches"]), result["truncated"]) == (1, True)
    assert (await call("file.search", pattern="os"))["skipped"] == 1
    assert "is no regular expression" in (await call.failure("file.search", pattern="(", regex=True)).message
    assert (await call.failure("file.search", pattern="")).kind == "validation"


async def test_a_long_line_is_cut_around_its_match(call: Caller) -> None:
    (call.root / "min.js").write_text("a" * 100_000 + "needle" + "b" * 100_000)
    [match] = (await call("file.search", pattern="needle"))["matches"]
    assert match["column"] == 100_001
    assert "needle" in match["text"]
    assert len(match["text"]) == 300


async def test_a_pattern_that_takes_for_ever_is_ended(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    from skills.library.file import search

    monkeypatch.setattr(search, "_SECONDS", 0.5)
    (call.root / "a").write_text("a" * 40 + "b\n")
    failure = await call.failure("file.search", pattern="^(a+)+$", regex=True)
    assert failure.kind == "timeout"
    assert "the search was ended" in failure.message


@pytest.mark.parametrize(
    "name",
    ["\u202etxt.exe", "a\u200bb", "a\u200d/b", "tab\t", "line\nend", "esc\x1b[2J", "del\x7f", "a\u2066b", "\ufeffx"],
)
async def test_a_name_that_cannot_be_shown_as_it_is_is_not_written(call: Caller, name: str) -> None:
    before = sorted(call.root.rglob("*"))
    failure = await call.failure("file.write", path=name, text="x")
    assert failure.kind == "validation"
    assert failure.message == f"the file name {name!a} holds characters that control, reorder or are not seen"
    with pytest.raises(CallFailed, match="holds characters that control"):
        await call.preview("file.write", path=name, text="x")
    assert sorted(call.root.rglob("*")) == before


@pytest.mark.parametrize("name", ["é ü.txt", "日本/語.md", "e\u0301.txt", "naïve — “file”.md", "👍.txt"])
async def test_honest_names_are_written_and_named_as_they_are(call: Caller, name: str) -> None:
    assert (await call("file.write", path=name, text="x"))["path"] == name
    assert (call.root / name).read_text() == "x"
