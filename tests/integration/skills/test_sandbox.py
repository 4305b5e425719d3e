"""Programs in a sandbox: what is asked of bubblewrap, what follows where it is missing or refuses, and for real."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from skills.declare import Context
from skills.discover import BUILT_IN, workspace_folder
from skills.invoke import Invoker
from skills.process import environment
from skills.registry import Registry
from skills.sandbox import Mode, Sandbox
from tests.support.skill_calls import make_context, write_skill
from workflows.errors import CallFailed

REFUSES = "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n"
PRETENDS = '#!/bin/sh\necho "$@" >> "$0.asked"\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n'

Run = Callable[..., Any]


class House:
    """A workspace with a sandbox, whose `bwrap` is the one in the folder `bin`, if any."""

    def __init__(self, tmp: Path, mode: Mode, *, real: bool = False) -> None:
        self.root, self.bin, self.config = tmp / "work", tmp / "bin", tmp / "config"
        for folder in (self.root / ".git", self.bin, self.config):
            folder.mkdir(parents=True)
        (self.config / "secrets.json").write_text("{}")
        path = os.environ["PATH"] if real else f"{self.bin}:/usr/bin:/bin"
        self.environ: Mapping[str, str] = environment({**os.environ, "PATH": path, "HOME": str(tmp)})
        self.log: list[str] = []
        self.sandbox = Sandbox(mode, self.environ, [self.config, tmp / "missing"])

    def program(self, text: str) -> None:
        (self.bin / "bwrap").write_text(text)
        (self.bin / "bwrap").chmod(0o755)

    async def run(self, *argv: str) -> Any:
        return await self.call("command", argv=list(argv))

    async def call(self, skill: str, **arguments: Any) -> Any:
        async def confine(cwd: Path, **folders: Any) -> Any:
            return await self.sandbox.confine(self.root, cwd, log=self.log.append, **folders)

        context = Context(
            self.root, self.root, "", lambda _: None, self.environ, self.root, log=self.log.append, sandbox=confine
        )
        return await Invoker({}).invoke(Registry([BUILT_IN]).get(skill), arguments, context)


@pytest.mark.parametrize("program", ["", REFUSES])
async def test_what_must_be_confined_and_cannot_is_not_run(tmp_path: Path, program: str) -> None:
    house = House(tmp_path, "required")
    if program:
        house.program(program)
    elif shutil.which("bwrap", path="/usr/bin:/bin"):
        pytest.skip("bubblewrap is installed")
    for _ in range(2):
        with pytest.raises(CallFailed) as error:
            await house.run("touch", "done")
        why = "No permissions to create new namespace" if program else "there is no bwrap"
        assert why in error.value.message
        assert error.value.failure.kind == "dependency"
        assert "install bubblewrap" in error.value.failure.hint
    assert not (house.root / "done").exists()


async def test_what_should_be_confined_is_run_without_and_it_is_said(tmp_path: Path) -> None:
    house = House(tmp_path, "preferred")
    house.program(REFUSES)
    await house.run("touch", "done")
    assert (house.root / "done").exists()
    assert house.log == ["without the sandbox: bwrap: No permissions to create new namespace"]


async def test_a_sandbox_that_fails_later_runs_nothing_either(tmp_path: Path) -> None:
    house = House(tmp_path, "preferred")
    house.program(PRETENDS)
    await house.run("true")
    house.program(REFUSES)
    with pytest.raises(CallFailed):
        await house.run("touch", "done")
    assert not (house.root / "done").exists()


async def test_off_asks_nobody(tmp_path: Path) -> None:
    house = House(tmp_path, "off")
    house.program(PRETENDS)
    await house.run("true")
    assert not (house.bin / "bwrap.asked").exists()


async def test_what_is_asked_of_bubblewrap(tmp_path: Path) -> None:
    house = House(tmp_path, "required")
    house.program(PRETENDS)
    (tmp_path / ".ssh").mkdir()
    await house.run("echo", "hi")
    probe, asked = (house.bin / "bwrap.asked").read_text().splitlines()
    assert probe.endswith("-- true")
    assert asked.endswith(f"--chdir {house.root} -- echo hi")
    order = [
        "--ro-bind / /",
        "--tmpfs /tmp",
        f"--tmpfs {house.config}",
        f"--tmpfs {tmp_path}/.ssh",
        f"--bind {house.root} {house.root}",
        f"--ro-bind {house.root}/.git {house.root}/.git",
        "--unshare-all --die-with-parent --new-session",
    ]
    places = [asked.index(words) for words in order]
    assert places == sorted(places), "the last one counts"
    assert "missing" not in asked


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
async def test_a_confined_program_for_real(tmp_path: Path) -> None:
    house = House(tmp_path, "required", real=True)
    tries = f"""
touch inside; touch /tmp/mine && echo tmp
touch {tmp_path}/outside; touch /etc/outside || echo kept-out
touch .git/hook || echo no-hooks
cat {house.config}/secrets.json || echo no-secrets
cat < /dev/tcp/127.0.0.1/22 || echo no-network
"""
    try:
        done = await house.run("bash", "-c", tries)
    except CallFailed as error:
        if error.failure.kind == "dependency":
            pytest.skip(error.message)  # this machine lets nobody make a namespace
        raise
    assert done["stdout"].split() == ["tmp", "kept-out", "no-hooks", "no-secrets", "no-network"]
    assert (house.root / "inside").exists()
    assert not (tmp_path / "outside").exists()


async def test_python_that_is_not_built_in_is_not_run_where_all_must_be_confined(tmp_path: Path) -> None:
    write_skill(tmp_path / "work", "mine", "from skills import skill\n\n@skill\ndef mine() -> int:\n    return 1\n")
    registry = Registry([BUILT_IN, workspace_folder(tmp_path / "work")], lambda _: True, confined=True)
    invoker = Invoker(environment(os.environ), registry)
    with pytest.raises(CallFailed, match="outside of the sandbox, which your settings require"):
        await invoker.invoke(registry.get("mine"), {}, make_context(tmp_path / "work"))
    assert not registry.get("file.read").unusable


async def test_the_python_of_a_project_is_asked_in_the_sandbox(tmp_path: Path) -> None:
    house = House(tmp_path, "required")
    house.program(PRETENDS)
    (house.root / "requirements.txt").write_text("packaging\n")
    (house.root / "json.py").write_text("open('ran', 'w')\n")
    with pytest.raises(CallFailed):
        await house.call("dependency_checker")
    assert "importlib" in (house.bin / "bwrap.asked").read_text()
    assert not (house.root / "ran").exists()


async def test_keys_in_files_and_what_services_listen_on_are_hidden(tmp_path: Path) -> None:
    house = House(tmp_path, "required")
    house.program(PRETENDS)
    (tmp_path / ".netrc").write_text("machine example.org password x\n")
    await house.run("true")
    asked = (house.bin / "bwrap.asked").read_text().splitlines()[-1]
    assert f"--ro-bind /dev/null {tmp_path}/.netrc" in asked
    assert "--tmpfs /run" in asked
    assert asked.index("--tmpfs /run") < asked.index(f"--bind {house.root}"), "a workspace may lie there"
