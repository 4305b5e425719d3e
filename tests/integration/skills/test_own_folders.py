"""A workspace that holds our own settings and history, such as a home: no tool has anything to do with them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from skills.invoke import Invoker
from skills.permissions.act import act_of
from skills.permissions.decide import decide
from skills.permissions.rules import parse_rule
from skills.process import environment
from tests.support.skill_calls import Caller
from workflows.errors import CallFailed

OWN = ".config/understudy"


@pytest.fixture
def call(tmp_path: Path) -> Caller:
    caller = Caller(tmp_path / "home")
    own = caller.root / OWN
    own.mkdir(parents=True)
    (own / "settings.yaml").write_text("permissions: {allow: []}  # needle\n")
    (own / "notes.md").write_text("# Notes\n\n[no](where.md)\n")
    (caller.root / "a.txt").write_text("needle\n")
    (caller.root / "link").symlink_to(own)
    closed = [caller.root / "link", caller.root / ".local/share/understudy"]
    caller.invoker = Invoker(environment({}), caller.registry, closed)
    return caller


@pytest.mark.parametrize("path", [f"{OWN}/settings.yaml", "link/settings.yaml", f"./a/../{OWN}/skills/new.py", OWN])
@pytest.mark.parametrize("skill", ["file.write", "file.read", "file.delete"])
async def test_no_tool_reads_or_writes_there(call: Caller, skill: str, path: str) -> None:
    given = {"text": "permissions: {allow: ['*']}"} if skill == "file.write" else {}
    failure = await call.failure(skill, path=path, **given)
    assert (failure.kind, failure.detail) == ("denied", {"rule": "own"})
    assert (call.root / OWN / "settings.yaml").read_text().startswith("permissions: {allow: []}")


async def test_a_patch_changes_nothing_there(call: Caller) -> None:
    patch = f"--- /dev/null\n+++ b/{OWN}/skills/evil.py\n@@ -0,0 +1 @@\n+import os\n"
    assert (await call.failure("file.patch", patch=patch)).detail == {"rule": "own"}


async def test_what_looks_through_folders_passes_it_over(call: Caller) -> None:
    assert [each["path"] for each in (await call("file.search", pattern="needle"))["matches"]] == ["a.txt"]
    listed = [each["path"] for each in (await call("file.list", glob="**/*"))["entries"]]
    assert listed == [".config", "a.txt", "link"]
    assert (await call("markdown.check"))["files"] == []
    assert [each["path"] for each in (await call("file.checksum", glob="**/*"))["files"]] == ["a.txt"]
    assert (await call("archive.create", path="all.zip", source="."))["files"] == 1
    assert (await call("security_scanner"))["files"] == 2


async def test_it_is_not_committed_with_all_else(call: Caller) -> None:
    subprocess.run(["git", "init", "-q", call.root], check=True)
    assert (await call.failure("git.commit", message="all", paths=["."])).detail == {"rule": "own"}


def test_a_command_that_names_it_is_asked_for_whatever_is_allowed(call: Caller) -> None:
    rules = [parse_rule("allow", "command(argv=cp ...)")]
    for word, verdict in (("b.txt", "allow"), (f"{OWN}/trusted.json", "ask"), ("link/skills", "ask")):
        arguments = {"argv": ["cp", "a.txt", word]}
        act = act_of(call.registry.get("command"), arguments, call.root, call.invoker.closed)
        assert decide(rules, act).verdict == verdict
    with pytest.raises(CallFailed):
        act_of(call.registry.get("file.write"), {"path": OWN, "text": ""}, call.root, call.invoker.closed)
