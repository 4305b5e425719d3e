"""The git skills on real repositories, honest and hostile ones."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.repositories import commit, git, make_repository
from tests.support.skill_calls import Caller
from workflows.errors import CallFailed


@pytest.fixture
def call(tmp_path: Path) -> Caller:
    return Caller(tmp_path / "ws")


async def test_commits_are_data(call: Caller) -> None:
    hashes = make_repository(call.root, commits=12, tag_at=[4, 8])
    log = await call("git.log")
    assert [entry["hash"] for entry in log["commits"]] == hashes[::-1]
    assert (log["count"], log["truncated"], log["range"], log["tag"]) == (12, False, "HEAD", None)
    newest, tenth = log["commits"][0], log["commits"][2]
    assert newest["refs"] == ["main"]
    assert newest["parents"] == [hashes[10]]
    assert newest["short"] == hashes[11][:7]
    assert (tenth["author"], tenth["email"]) == ("Grace Hopper", "grace@example.org")
    assert tenth["date"] == "2024-01-01T22:00:00+00:00"
    assert tenth["subject"] == "Add retries to the parser"
    assert tenth["body"] == "This is change number 10.\nIt took a while."
    assert log["commits"][4]["tags"] == ["v1.1.0"]
    assert sorted((author["name"], author["commits"]) for author in log["authors"]) == [
        ("Ada Lovelace", 4),
        ("Alan Turing", 4),
        ("Grace Hopper", 4),
    ]


async def test_the_same_repository_twice_has_the_same_hashes(tmp_path: Path) -> None:
    assert make_repository(tmp_path / "a", commits=3, tag_at={"x": 2}) == make_repository(tmp_path / "b", commits=3)


async def test_what_came_since_the_last_tag(call: Caller) -> None:
    hashes = make_repository(call.root, commits=10, tag_at={"v1": 3, "release/2,0": 7})
    log = await call("git.log", since_last_tag=True)
    assert [entry["hash"] for entry in log["commits"]] == hashes[:6:-1]
    assert (log["tag"], log["range"]) == ("release/2,0", "release/2,0..HEAD")
    tagged = await call("git.log", range="release/2,0", limit=1)
    assert tagged["commits"][0]["tags"] == ["release/2,0"]


async def test_without_a_tag_everything_is_new(call: Caller) -> None:
    make_repository(call.root, commits=3)
    log = await call("git.log", since_last_tag=True)
    assert (log["count"], log["tag"]) == (3, None)


async def test_a_repository_of_some_size(call: Caller) -> None:
    make_repository(call.root, commits=120, tag_at=[100])
    assert (await call("git.log"))["count"] == 120
    assert (await call("git.log", since_last_tag=True))["count"] == 20


async def test_commits_can_be_chosen(call: Caller) -> None:
    hashes = make_repository(call.root, commits=20)

    async def chosen(**arguments: object) -> list[str]:
        return [entry["hash"] for entry in (await call("git.log", **arguments))["commits"]]

    assert await chosen(range=f"{hashes[4]}..{hashes[6]}") == [hashes[6], hashes[5]]
    assert await chosen(limit=2) == [hashes[19], hashes[18]]
    assert (await call("git.log", limit=2))["truncated"]
    assert not (await call("git.log", limit=20))["truncated"]
    assert await chosen(since="2024-01-02T06:30:00Z") == [hashes[19], hashes[18]]
    assert await chosen(until="2024-01-01T14:30:00Z") == [hashes[1], hashes[0]]
    assert await chosen(path="src/module_3.py") == [hashes[16], hashes[9], hashes[2]]
    assert await chosen(repo="src", limit=1) == [hashes[19]]


async def test_merges_can_be_left_out(call: Caller) -> None:
    make_repository(call.root, commits=2)
    git(call.root, "checkout", "-q", "-b", "side")
    commit(call.root, "On the side", number=3, allow_empty=True)
    git(call.root, "checkout", "-q", "main")
    git(call.root, "merge", "-q", "--no-ff", "-m", "Merge it", "side", number=4)
    assert (await call("git.log"))["count"] == 4
    assert (await call("git.log"))["commits"][0]["parents"].__len__() == 2
    assert (await call("git.log", merges=False))["count"] == 3


HOSTILE = [
    "subject\n\nbody\x1f with \x1e separators\x1f\x1f",
    "\x1fstart",
    "a\n\n" + "0" * 40 + "\x1f1234567",
    "esc \x1b[2J \x1b]0;owned\x07 and \u202e turned",
    "tab\tand\n\n\n\nmany\n\n\nlines\n\n",
    "--all",
    "%H%x00%s",
    "ü → 日本 👩‍👩‍👧",
]


async def test_nothing_in_a_message_is_taken_for_a_separator(call: Caller) -> None:
    make_repository(call.root, commits=1)
    hashes = [commit(call.root, message, number=n, allow_empty=True) for n, message in enumerate(HOSTILE)]
    log = await call("git.log", range=f"HEAD~{len(HOSTILE)}..HEAD")
    assert {entry["hash"] for entry in log["commits"]} == set(hashes)
    by_hash = {entry["hash"]: entry for entry in log["commits"]}
    subjects = [by_hash[name]["subject"] for name in hashes]
    assert subjects[0] == "subject"
    assert by_hash[hashes[0]]["body"] == "body\ufffd with \ufffd separators\ufffd"
    assert subjects[3] == "esc \ufffd \ufffd and \ufffd turned"
    assert subjects[5:7] == ["--all", "%H%x00%s"]
    assert subjects[7].startswith("ü → 日本 👩")
    assert all(entry["email"].endswith("@example.org") for entry in log["commits"])


async def test_many_long_messages_stay_within_the_limit_of_a_result(call: Caller) -> None:
    make_repository(call.root, commits=1)
    for number in range(30):
        commit(call.root, f"Long {number}\n\n" + "words " * 20_000, number=number, allow_empty=True)
    log = await call("git.log")
    assert log["commits"][0]["subject"] == "Long 29"
    assert all(len(entry["body"]) <= 4001 for entry in log["commits"])


@pytest.mark.parametrize("message", ["Large\n\n" + "x " * 4_000_000, "x" * 8_000_000], ids=["body", "subject"])
async def test_one_large_commit_does_not_hide_the_others(call: Caller, message: str) -> None:
    hashes = make_repository(call.root, commits=3)
    (call.root / ".git" / "message").write_text(message)
    git(call.root, "commit", "-q", "--allow-empty", "-F", ".git/message", number=4)
    log = await call("git.log")
    assert (log["count"], log["truncated"]) == (4, False)
    assert [entry["hash"] for entry in log["commits"][1:]] == hashes[::-1]
    large = log["commits"][0]
    assert max(len(large["subject"]), len(large["body"])) == 4001


async def test_what_is_too_large_to_be_read_at_all_is_a_failure(call: Caller) -> None:
    make_repository(call.root, commits=1)
    (call.root / ".git" / "message").write_text("Large\n\n" + "x " * 27_000_000)
    git(call.root, "commit", "-q", "--allow-empty", "-F", ".git/message", number=4)
    failure = await call.failure("git.log")
    assert (failure.kind, failure.message) == (
        "resource",
        "git log: git wrote more than 50 MB and was ended (output limit)",
    )
    commit(call.root, "Go on", number=5, allow_empty=True)
    log = await call("git.log")
    assert ([entry["subject"] for entry in log["commits"]], log["truncated"]) == (["Go on"], True)


async def test_refusals(call: Caller, tmp_path: Path) -> None:
    assert (await call.failure("git.log")).kind == "dependency"
    git(call.root, "init", "-q", new=True)
    assert (await call("git.log"))["count"] == 0
    assert (await call("git.log", since_last_tag=True))["count"] == 0
    make_repository(call.root / "sub", commits=1)
    for wrong in ("--all", "-p", "--output=x", "no-such-branch"):
        failure = await call.failure("git.log", repo="sub", range=wrong)
        assert failure.kind in ("validation", "dependency")
        assert (await call.failure("git.diff", repo="sub", range=wrong)).kind in ("validation", "dependency")
    assert list((call.root / "sub").glob("x")) == []
    assert "bad revision" in (await call.failure("git.log", repo="sub", range="nope..HEAD")).message
    assert (await call.failure("git.log", repo="sub", range="HEAD", since_last_tag=True)).kind == "validation"
    assert (await call.failure("git.log", repo="sub", limit=0)).kind == "validation"
    assert (await call.failure("git.log", repo=str(tmp_path))).kind == "denied"


async def test_diff_of_the_files(call: Caller) -> None:
    make_repository(call.root, commits=7)
    (call.root / "src" / "module_1.py").write_text("VALUE = 0\n")
    (call.root / "src" / "module_2.py").rename(call.root / "src" / "renamed ü\t.py")
    (call.root / "image").write_bytes(b"\x00\x01")
    git(call.root, "add", "--all", ":!src/module_1.py")
    diff = await call("git.diff")
    assert diff["files"] == [
        {"path": "image", "old_path": None, "added": None, "removed": None, "binary": True},
        {"path": "src/module_1.py", "old_path": None, "added": 1, "removed": 3, "binary": False},
        {"path": "src/renamed ü\t.py", "old_path": "src/module_2.py", "added": 0, "removed": 0, "binary": False},
    ]
    assert (diff["added"], diff["removed"], diff["truncated"]) == (1, 3, False)
    assert "--- a/src/module_1.py\n+++ b/src/module_1.py\n" in diff["patch"]
    staged = await call("git.diff", staged=True)
    assert [file["path"] for file in staged["files"]] == ["image", "src/renamed ü\t.py"]
    assert [file["path"] for file in (await call("git.diff", path="src/module_1.py"))["files"]] == ["src/module_1.py"]


async def test_diff_of_a_range_and_its_limit(call: Caller) -> None:
    make_repository(call.root, commits=10, tag_at=[5])
    diff = await call("git.diff", range="v1.0.0..HEAD")
    assert [file["path"] for file in diff["files"]] == [f"src/module_{n}.py" for n in (0, 1, 2, 3, 6)]
    cut = await call("git.diff", range="v1.0.0..HEAD", limit=100)
    assert cut["truncated"]
    assert len(cut["patch"]) < 200
    assert (await call("git.diff", range="v1.0.0..HEAD", limit=0))["patch"] == ""


async def test_diff_before_the_first_commit(call: Caller) -> None:
    git(call.root, "init", "-q", new=True)
    (call.root / "a").write_text("x\n")
    git(call.root, "add", "a")
    assert (await call("git.diff", staged=True))["added"] == 1
    assert (await call("git.diff"))["files"] == []


async def test_status(call: Caller) -> None:
    hashes = make_repository(call.root, commits=7)
    clean = await call("git.status")
    assert (clean["branch"], clean["commit"], clean["clean"], clean["upstream"]) == ("main", hashes[-1], True, None)
    (call.root / "src" / "module_1.py").write_text("VALUE = 0\n")
    (call.root / "src" / "module_2.py").rename(call.root / "src" / "new name.py")
    git(call.root, "add", "--all", "src/module_2.py", "src/new name.py")
    (call.root / "src" / "module_3.py").unlink()
    (call.root / "line\nbreak").write_text("")
    status = await call("git.status")
    assert status["staged"] == [{"path": "src/new name.py", "change": "renamed", "old_path": "src/module_2.py"}]
    assert status["unstaged"] == [
        {"path": "src/module_1.py", "change": "modified"},
        {"path": "src/module_3.py", "change": "deleted"},
    ]
    assert status["untracked"] == ["line\nbreak"]
    assert not status["clean"]
    assert (await call("git.status", untracked=False))["untracked"] == []


async def test_status_of_branches_and_conflicts(call: Caller, tmp_path: Path) -> None:
    make_repository(tmp_path / "origin", commits=3)
    git(tmp_path, "clone", "-q", "origin", "ws2")
    call = Caller(tmp_path / "ws2")
    commit(call.root, "Ahead", number=9, allow_empty=True)
    status = await call("git.status")
    assert (status["upstream"], status["ahead"], status["behind"]) == ("origin/main", 1, 0)
    git(call.root, "checkout", "-q", "-b", "side", "HEAD~1")
    (call.root / "src" / "module_1.py").write_text("side\n")
    commit(call.root, "Side", number=10)
    git(call.root, "checkout", "-q", "main")
    (call.root / "src" / "module_1.py").write_text("main\n")
    commit(call.root, "Main", number=11)
    with pytest.raises(AssertionError):
        git(call.root, "merge", "-q", "side", number=12)
    assert (await call("git.status"))["conflicts"] == ["src/module_1.py"]
    git(call.root, "merge", "--abort")
    git(call.root, "checkout", "-q", "--detach")
    assert (await call("git.status"))["branch"] is None


TRAPS = """
[core]
    fsmonitor = {trap}
    hooksPath = {hooks}
    pager = {trap}
    editor = {trap}
    sshCommand = {trap}
    attributesFile = {attributes}
    alternateRefsCommand = {trap}
[pager]
    log = {trap}
    diff = {trap}
    status = {trap}
[diff]
    external = {trap}
[diff "evil"]
    textconv = {trap}
    command = {trap}
[filter "evil"]
    clean = {trap}
    smudge = {trap}
    process = {trap}
    required = true
[gpg]
    program = {trap}
[log]
    showSignature = true
[color]
    ui = always
[status]
    submoduleSummary = true
[include]
    path = more
[credential]
    helper = !{trap}
"""


async def test_a_hostile_repository_runs_nothing(call: Caller, tmp_path: Path) -> None:
    make_repository(call.root, commits=3, tag_at=[1])
    trace = tmp_path / "ran"
    trap = tmp_path / "trap"
    trap.write_text(f'#!/bin/sh\necho "$0 $*" >> {trace}\ncat\n')
    trap.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "pre-commit", "reference-transaction"):
        (hooks / name).symlink_to(trap)
        (call.root / ".git" / "hooks" / name).symlink_to(trap)
    (call.root / ".gitattributes").write_text("* filter=evil diff=evil\n")
    attributes = tmp_path / "attributes"
    attributes.write_text("* filter=evil diff=evil\n")
    (call.root / ".git" / "more").write_text(f'[filter "more"]\n    clean = {trap}\n')
    config = call.root / ".git" / "config"
    config.write_text(config.read_text() + TRAPS.format(trap=trap, hooks=hooks, attributes=attributes))
    (call.root / "src" / "module_1.py").write_text("changed\n")

    signed = git(call.root, "cat-file", "commit", "HEAD").replace(
        "\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n\n", 1
    )
    commit_id = git(call.root, "hash-object", "-t", "commit", "-w", "--stdin", stdin=signed).strip()
    (call.root / ".git" / "refs" / "heads" / "main").write_text(commit_id + "\n")

    await call("git.status")
    diff = await call("git.diff")
    assert "changed" in diff["patch"]
    assert "\x1b" not in diff["patch"]
    await call("git.diff", range="v1.0.0..HEAD")
    await call("git.diff", staged=True)
    assert (await call("git.log", since_last_tag=True))["count"] == 2
    assert not trace.exists()

    with suppress(AssertionError):  # what git makes of a trap's answer depends on the ages of files
        git(call.root, "status")
    assert trace.exists()  # the traps are armed: plain git falls into them


async def test_a_hostile_submodule_runs_nothing(call: Caller, tmp_path: Path) -> None:
    make_repository(call.root, commits=1)
    git(call.root, "config", "user.name", "Ada")
    git(call.root, "config", "user.email", "ada@example.org")
    make_repository(call.root / "sub", commits=1)
    commit(call.root, "Add a submodule")
    trace = tmp_path / "ran"
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {trace}\n")
    trap.chmod(0o755)
    git(call.root / "sub", "config", "core.fsmonitor", str(trap))
    (call.root / "sub" / "src" / "module_1.py").write_text("changed\n")
    assert (await call("git.status"))["clean"]
    assert (await call("git.diff"))["files"] == []
    assert not trace.exists()
    git(call.root, "status")
    assert trace.exists()
    trace.unlink()
    commit(call.root / "sub", "Move on", number=2)
    trace.unlink(missing_ok=True)
    assert [file["path"] for file in (await call("git.diff"))["files"]] == ["sub"]
    assert (await call("git.status"))["unstaged"] == [{"path": "sub", "change": "modified"}]
    assert not trace.exists()


async def test_a_working_tree_elsewhere_is_refused(call: Caller, tmp_path: Path) -> None:
    make_repository(call.root, commits=2)
    secret = tmp_path / "secret"
    (secret / "src").mkdir(parents=True)
    (secret / "src" / "module_1.py").write_text("a secret\n")
    git(call.root, "config", "core.worktree", str(secret))
    for skill in ("git.diff", "git.status", "git.log"):
        failure = await call.failure(skill)
        assert (failure.kind, "is elsewhere" in failure.message) == ("denied", True)
        assert "a secret" not in repr(failure)


@pytest.mark.parametrize("how", ["file", "link", "common", "alternates", "objects", "packs"])
async def test_a_repository_elsewhere_is_refused(call: Caller, tmp_path: Path, how: str) -> None:
    secret = tmp_path / "secret"
    make_repository(secret, commits=3)
    git(secret, "gc", "--quiet")
    store, own = secret / ".git", call.root / ".git"
    if how in ("file", "link"):
        own.write_text(f"gitdir: {store}\n") if how == "file" else own.symlink_to(store)
    else:
        make_repository(call.root, commits=1)
        (own / "HEAD").write_text(git(secret, "rev-parse", "HEAD"))
        if how == "common":
            (own / "commondir").write_text(f"{store}\n")
        elif how == "alternates":
            (own / "objects/info").mkdir(exist_ok=True)
            (own / "objects/info/alternates").write_text(f"{store}/objects\n")
        else:
            replaced = own / "objects" if how == "objects" else own / "objects/pack"
            shutil.rmtree(replaced, ignore_errors=True)
            replaced.symlink_to(store / replaced.relative_to(own))
    for skill, given in (("git.log", {}), ("git.commit", {"message": "Mine", "paths": ["."]})):
        failure = await call.failure(skill, **given)
        assert (failure.kind, "secret" in failure.message) == ("denied", True), failure
    assert len(git(secret, "log", "--format=%H").split()) == 3


async def test_worktrees_and_submodules_are_their_repositorys_own(tmp_path: Path) -> None:
    main = tmp_path / "main"
    hashes = make_repository(main, commits=3)
    git(main, "worktree", "add", "--quiet", str(tmp_path / "tree"), "-b", "other")
    assert [each["hash"] for each in (await Caller(tmp_path / "tree")("git.log"))["commits"]] == hashes[::-1]
    make_repository(tmp_path / "lib", commits=2)
    git(main, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(tmp_path / "lib"), "lib")
    assert (await Caller(main / "lib")("git.log"))["count"] == 2
    # Nobody else can say so by pointing there.
    stolen = tmp_path / "stolen"
    stolen.mkdir()
    for pointer in (main / ".git/worktrees/tree", main / ".git/modules/lib"):
        (stolen / ".git").write_text(f"gitdir: {pointer}\n")
        assert (await Caller(stolen).failure("git.log")).kind == "denied"


async def test_the_index_is_not_written(call: Caller) -> None:
    make_repository(call.root, commits=2)
    index = call.root / ".git" / "index"
    for path in call.root.glob("src/*"):
        path.touch()
    before = (index.read_bytes(), index.stat().st_mtime_ns)
    await call("git.status")
    await call("git.diff")
    assert (index.read_bytes(), index.stat().st_mtime_ns) == before


async def test_a_workspace_inside_a_repository(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo", commits=8)
    call = Caller(tmp_path / "repo" / "src")
    assert (await call("git.log"))["count"] == 8
    (tmp_path / "repo" / "above.txt").write_text("x")
    (call.root / "module_1.py").write_text("x\n")
    assert [file["path"] for file in (await call("git.diff"))["files"]] == ["src/module_1.py"]
    assert (await call("git.status"))["untracked"] == []


async def test_a_filter_that_cannot_be_taken_away_stops_all(call: Caller, tmp_path: Path) -> None:
    make_repository(call.root, commits=1)
    trace = tmp_path / "ran"
    config = call.root / ".git" / "config"
    config.write_text(config.read_text() + f'[filter "a=b"]\n    clean = "touch {trace}; cat"\n')
    (call.root / ".gitattributes").write_text("* filter=a=b\n")
    (call.root / "src" / "module_1.py").write_text("changed\n")
    for skill in ("git.status", "git.diff", "git.log"):
        assert (await call.failure(skill)).kind == "denied"
    assert not trace.exists()


async def test_commits_and_their_previews_run_nothing_of_a_submodule(call: Caller, tmp_path: Path) -> None:
    make_repository(call.root, commits=1)
    git(call.root, "config", "user.name", "Ada")
    git(call.root, "config", "user.email", "ada@example.org")
    make_repository(call.root / "sub", commits=1)
    trace = tmp_path / "ran"
    git(call.root / "sub", "config", "filter.evil.clean", f"touch {trace}; cat")
    (call.root / "sub" / ".git" / "info").mkdir(exist_ok=True)
    (call.root / "sub" / ".git" / "info" / "attributes").write_text("* filter=evil\n")
    (call.root / "sub" / "src" / "module_1.py").write_text("changed\n")
    await call.preview("git.commit", message="All", paths=["."])
    await call("git.commit", message="All", paths=["."])
    assert not trace.exists()
    assert "160000" in git(call.root, "ls-files", "--stage")
    for paths in (["."], ["sub"]):
        assert "repository of its own" in (await call.failure("git.commit", message="All", paths=paths)).message
        with pytest.raises(CallFailed):
            await call.preview("git.commit", message="All", paths=paths)
    assert not trace.exists()
    (call.root / "src" / "module_1.py").write_text("changed\n")
    assert (await call("git.commit", message="One", paths=["src"]))["files"] == ["src/module_1.py"]
    assert not trace.exists()


async def test_an_approved_commit_is_bound_to_what_new_files_hold(call: Caller) -> None:
    make_repository(call.root, commits=1)
    (call.root / "new.py").write_text("good = 1\n")
    seen = await call.preview("git.commit", message="New", paths=["."])
    assert seen == await call.preview("git.commit", message="New", paths=["."])
    (call.root / "new.py").write_text("evil = 1\n")
    assert seen != await call.preview("git.commit", message="New", paths=["."])
