"""Archives, repositories and this machine."""

from __future__ import annotations

import asyncio
import io
import os
import socket
import stat
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.support.skill_calls import Caller


@pytest.fixture
def call(tmp_path: Path) -> Caller:
    return Caller(tmp_path / "ws")


def fill(root: Path) -> None:
    (root / "src/sub").mkdir(parents=True)
    (root / "src/a.py").write_text("a = 1\n")
    (root / "src/sub/run.sh").write_text("#!/bin/sh\n")
    (root / "src/sub/run.sh").chmod(0o755)
    (root / "src/link").symlink_to("a.py")
    (root / "src/__pycache__").mkdir()
    (root / "src/__pycache__/a.pyc").write_bytes(b"\0")


@pytest.mark.parametrize("name", ["out/a.zip", "a.tar", "a.tar.gz", "a.tgz"])
async def test_files_are_packed_and_unpacked_the_same(call: Caller, name: str) -> None:
    fill(call.root)
    packed = await call("archive.create", path=name, source="src")
    os.utime(call.root / "src/a.py", (1, 1))
    assert (await call("archive.create", path=name, source="src"))["sha256"] == packed["sha256"]
    listed = await call("archive.list", path=name)
    assert [entry["name"] for entry in listed["entries"]] == ["a.py", "sub/run.sh"]
    unpacked = await call("archive.extract", path=name, target="there/new", key="k")
    assert (unpacked["files"], unpacked["folder"]) == (2, "there/new")
    assert (call.root / "there/new/a.py").read_text() == "a = 1\n"
    assert (call.root / "there/new/sub/run.sh").stat().st_mode & stat.S_IXUSR
    assert (await call("archive.extract", path=name, target="there/new", key="k")) == unpacked
    (call.root / "there/new/a.py").write_text("somebody's, and longer")
    assert "is there already" in (await call.failure("archive.extract", path=name, target="there/new")).message


def evil_tar(*members: tarfile.TarInfo) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        good = tarfile.TarInfo("good")
        good.size = 2
        archive.addfile(good, io.BytesIO(b"ok"))
        for member in members:
            archive.addfile(member, io.BytesIO(b"x" * member.size))
    return out.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 1) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, size if kind == tarfile.REGTYPE else 0
    return info


@pytest.mark.parametrize(
    "bad",
    [
        member("../evil"),
        member("/etc/evil"),
        member("a/../../evil"),
        member(".git/hooks/post-commit"),
        member("sub/.GIT/config"),
        member("link", tarfile.SYMTYPE, "/etc"),
        member("hard", tarfile.LNKTYPE, "good"),
        member("pipe", tarfile.FIFOTYPE),
        member("device", tarfile.CHRTYPE),
    ],
    ids=lambda info: info.name,
)
async def test_an_archive_that_would_do_harm_is_refused_whole(call: Caller, bad: tarfile.TarInfo) -> None:
    (call.root / "a.tar").write_bytes(evil_tar(bad))
    failure = await call.failure("archive.extract", path="a.tar", target="new")
    assert (failure.kind, failure.hint) == ("denied", "look at it with archive.list")
    assert sorted(path.name for path in call.root.iterdir()) == ["a.tar"]


async def test_what_agents_would_obey_is_unpacked_under_another_name(call: Caller) -> None:
    (call.root / "a.tar").write_bytes(evil_tar(member("AGENTS.md"), member("docs/agents.MD")))
    assert (await call("archive.extract", path="a.tar", target="new"))["files"] == 3
    found = sorted(path.relative_to(call.root / "new").as_posix() for path in (call.root / "new").rglob("*.*"))
    assert found == ["AGENTS.unpacked.md", "docs/AGENTS.unpacked.md"]
    assert (await call("archive.extract", path="a.tar", target="new"))["files"] == 3, "it is there"


async def test_an_archive_that_is_larger_than_it_says_leaves_nothing(call: Caller) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * 10_000_000)
    content = bytearray(out.getvalue())
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = (100).to_bytes(4, "little")  # the size that the directory tells
    (call.root / "a.zip").write_bytes(bytes(content))
    failure = await call.failure("archive.extract", path="a.zip", target="new")
    assert failure.kind in ("denied", "validation")
    assert sorted(path.name for path in call.root.iterdir()) == ["a.zip"]
    (call.root / "b.zip").write_bytes(b"PK\x03\x04 and then nothing")
    assert "cannot be read as an archive" in (await call.failure("archive.list", path="b.zip")).message


@pytest.fixture
def repository(call: Caller) -> Caller:
    for words in (
        ("init", "--quiet", "--initial-branch=main"),
        ("config", "user.name", "Ada"),
        ("config", "user.email", "ada@example.org"),
    ):
        subprocess.run(["git", *words], cwd=call.root, check=True)
    (call.root / "a").write_text("1\n")
    git(call, "add", ".")
    git(call, "commit", "--quiet", "-m", "first")
    return call


def git(call: Caller, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=call.root, check=True, capture_output=True, text=True).stdout.strip()


async def test_files_are_committed_without_what_else_is_staged(repository: Caller) -> None:
    call = repository
    hook = call.root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch ran\nexit 1\n")
    hook.chmod(0o755)
    (call.root / "a").write_text("2\n")
    (call.root / "b").write_text("new\n")
    (call.root / "c").write_text("staged\n")
    git(call, "add", "c")
    shown = await call.preview("git.commit", message="Change a\n\nBecause.", paths=["a", "b"])
    assert "new: b" in shown.body
    assert "+2" in shown.body
    done = await call("git.commit", message="Change a\n\nBecause.", paths=["a", "b"], key="k")
    assert (done["subject"], done["files"], done["committed"]) == ("Change a", ["a", "b"], True)
    assert git(call, "rev-parse", "HEAD") == done["commit"]
    assert git(call, "status", "--short") == "A  c"
    again = await call("git.commit", message="Change a\n\nBecause.", paths=["a", "b"], key="k")
    assert (again["commit"], again["committed"], again["files"]) == (done["commit"], True, [])
    assert git(call, "rev-list", "--count", "HEAD") == "2"
    nothing = await call("git.commit", message="Nothing", paths=["a"])
    assert (nothing["committed"], nothing["commit"]) == (False, done["commit"])
    assert (await call.failure("git.commit", message=" ", paths=["a"])).message == "a commit needs a message"


async def test_tags_are_listed_the_newest_first(repository: Caller) -> None:
    call = repository
    git(call, "tag", "light")
    git(call, "tag", "-a", "v1.0.0", "-m", "The first\n\nreally")
    listed = await call("git.tags", pattern="v*")
    head = git(call, "rev-parse", "HEAD")
    assert [(tag["name"], tag["commit"], tag["subject"], tag["annotated"]) for tag in listed["tags"]] == [
        ("v1.0.0", head, "The first", True)
    ]
    assert {tag["name"] for tag in (await call("git.tags"))["tags"]} == {"light", "v1.0.0"}
    assert (await call("git.tags", limit=1))["truncated"] is True


async def test_the_branch_that_changes_go_into_is_found(repository: Caller) -> None:
    call = repository
    git(call, "branch", "-m", "feature")
    assert (await call.failure("git.base")).message == "there is no branch main, master, trunk nor develop here"
    git(call, "branch", "master")
    assert await call("git.base") == {"branch": "master"}
    git(call, "update-ref", "refs/remotes/origin/release", "HEAD")
    git(call, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/release")
    assert await call("git.base") == {"branch": "origin/release"}
    git(call, "branch", "release")
    assert await call("git.base") == {"branch": "release"}
    assert await call("git.base", given="v1") == {"branch": "v1"}
    assert (await call.failure("git.base", given="--output=x")).kind == "validation"


async def test_this_machine_is_told_of(call: Caller) -> None:
    facts = await call("system.facts")
    assert facts["processors"] >= 1
    assert 0 < facts["memory"]["available"] <= facts["memory"]["total"]
    assert facts["disk"]["free"] <= facts["disk"]["total"]
    mine = await call("system.processes", name="", sort="memory", limit=100_000)
    assert os.getpid() in {process["pid"] for process in mine["processes"]}
    assert mine["processes"] == sorted(mine["processes"], key=lambda each: (-each["memory"], each["pid"]))
    programs = await call("system.programs", names=["sh", "no-such-program-here"])
    assert (programs["ok"], programs["missing"]) == (False, ["no-such-program-here"])
    failure = await call.failure("system.programs", names=["no-such-program-here"], required=True)
    assert failure.kind == "dependency"


async def test_a_port_is_waited_for(call: Caller) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    assert (await call.failure("system.wait_port", port=port, seconds=0)).kind == "transient"
    waiting = asyncio.create_task(call("system.wait_port", port=port))
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", port)
    async with server:
        assert (await waiting)["open"] is True
    assert (await call("system.wait_port", port=port, closed=True))["open"] is False
    assert (await call.failure("system.wait_port", port=0)).kind == "validation"
