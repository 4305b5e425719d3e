"""Programs end with their call: whatever they do, nothing of them is left, and their output stays bounded."""

from __future__ import annotations

import asyncio
import os
import resource
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from skills.process import Completed, environment, run
from tests.support.clocks import leap
from tests.support.processes import Mark, as_in_a_shell
from tests.support.processes import environment as marked
from workflows.errors import CallFailed, Failure, OutcomeUnknown

GRACE = 0.3


class Program:
    """Runs shell scripts that carry a mark."""

    def __init__(self, folder: Path) -> None:
        self.mark = Mark()
        self.folder = folder
        self.output = ""
        self.ready = asyncio.Event()

    async def run(self, *argv: str, **options: Any) -> Completed:
        return await run(
            argv, cwd=self.folder, environ=marked(self.mark), emit=self._emit, **{"grace": GRACE, **options}
        )

    async def sh(self, script: str, **options: Any) -> Completed:
        return await self.run("sh", "-c", script, **options)

    def _emit(self, text: str) -> None:
        self.output += text
        if "ready" in self.output:
            self.ready.set()


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


async def definite(call: Any) -> Failure:
    with pytest.raises(CallFailed) as caught:
        await call
    return caught.value.failure


async def unknown(call: Any) -> Failure:
    with pytest.raises(OutcomeUnknown) as caught:
        await call
    return caught.value.failure


async def test_output_exit_code_and_folder(program: Program, tmp_path: Path) -> None:
    done = await program.sh("pwd; echo wrong >&2; exit 7")
    assert (done.exit, done.stdout, done.stderr) == (7, f"{tmp_path}\n", "wrong\n")
    assert (done.truncated, done.argv[0]) == (False, "sh")
    assert program.output == f"{tmp_path}\nwrong\n" or program.output == f"wrong\n{tmp_path}\n"


async def test_stdin_is_empty_or_what_is_given(program: Program) -> None:
    assert (await program.run("cat")).stdout == ""
    text = b"line\n" * 100_000
    assert (await program.run("wc", "-l", stdin=text)).stdout.strip() == "100000"
    assert (await program.run("true", stdin=text)).exit == 0  # never read, and nothing blocks


async def test_the_environment_is_an_allow_list(program: Program, tmp_path: Path) -> None:
    source = {"PATH": os.environ["PATH"], "HOME": "/h", "LC_TIME": "C", "OPENAI_API_KEY": "sk-1", "LD_PRELOAD": "x"}
    environ = environment(source, {"DECLARED": "yes"})
    done = await run(["env"], cwd=tmp_path, environ=environ)
    names = {line.partition("=")[0] for line in done.stdout.splitlines()}
    assert names == {"PATH", "HOME", "LC_TIME", "DECLARED", "UNDERSTUDY_CALL"}


async def test_signals_that_python_ignores_are_not_ignored_there(program: Program) -> None:
    done = await program.sh("yes | head -1; kill -PIPE $$; echo survived")
    assert (done.stdout, done.exit) == ("y\n", -signal.SIGPIPE)


async def test_arguments_reach_the_program_as_they_are(program: Program) -> None:
    words = ["$(id)", "a b", "*", "`x`", "; rm -rf /", "\n", "", "é", "--"]
    done = await program.run(sys.executable, "-c", "import sys; print(sys.argv[1:])", *words)
    assert done.stdout.strip() == repr(words)


async def test_a_program_that_is_not_there(program: Program, tmp_path: Path) -> None:
    failure = await definite(program.run("no-such-program"))
    assert (failure.kind, failure.message) == ("dependency", "there is no program 'no-such-program'")
    (tmp_path / "junk").write_bytes(b"\x7fELFjunk")
    assert (await definite(program.run("./junk"))).message == "there is no program './junk'"
    (tmp_path / "junk").chmod(0o755)
    assert (await definite(program.run("./junk"))).message == "cannot run ./junk: Exec format error"
    assert (await definite(run(["true"], cwd=tmp_path / "none", environ={"PATH": "/bin"}))).kind == "validation"
    assert (await definite(program.run("a\0b"))).kind == "validation"
    assert (await definite(program.run())).kind == "validation"
    assert "Argument list too long" in (await definite(program.run("true", "x" * 10_000_000))).message


async def test_relative_entries_of_the_path_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "evil").write_text("#!/bin/sh\necho evil")
    (tmp_path / "evil").chmod(0o755)
    with pytest.raises(CallFailed):
        await run(["evil"], cwd=tmp_path, environ={"PATH": ".:"})


async def test_a_grandchild_that_holds_the_pipe_does_not_hold_us(program: Program) -> None:
    done = await asyncio.wait_for(program.sh("sleep 1000 & echo started"), 60)
    assert done.stdout == "started\n"
    assert program.mark.alive() == []


async def test_what_ignores_sigterm_is_killed(program: Program) -> None:
    script = "trap '' TERM; sh -c 'sleep 1000' & echo ready; while :; do sleep 1000; done"
    task = asyncio.ensure_future(program.sh(script, timeout=500))
    await program.ready.wait()
    leap(500)
    failure = await unknown(task)
    assert (failure.kind, failure.message) == ("timeout", "sh ran longer than 500 s and was ended")
    assert failure.detail["output"] == "ready"
    assert program.mark.alive() == []


async def test_sigterm_comes_first(program: Program, tmp_path: Path) -> None:
    script = "trap 'echo bye > farewell; exit' TERM; echo ready; while :; do sleep 0.01; done"
    task = asyncio.ensure_future(program.sh(script, grace=20))
    await program.ready.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (tmp_path / "farewell").read_text() == "bye\n"


def ends(program: Program, how: str) -> str:
    """How a script goes on until it is ended, in whichever way."""
    os.mkfifo(program.folder / "gate")
    return "read line < gate" if how == "exit" else "sleep 1000"


def end(program: Program, how: str, task: asyncio.Task[Completed]) -> None:
    """End such a script, which has a timeout of 500 s."""
    if how == "exit":
        (program.folder / "gate").write_text("go on\n")
    elif how == "cancel":
        task.cancel()
    else:
        leap(500)


@pytest.mark.parametrize("how", ["timeout", "exit", "cancel"])
async def test_a_child_with_a_session_of_its_own_is_found(program: Program, how: str) -> None:
    script = "setsid sh -c 'setsid sleep 1000 & trap \"\" TERM; echo ready; sleep 1000' &"
    task = asyncio.ensure_future(program.sh(f"{script} {ends(program, how)}", timeout=500))
    await program.ready.wait()
    end(program, how, task)
    await asyncio.wait([task])
    assert program.mark.alive() == []
    assert task.cancelled() == (how == "cancel")
    if not task.cancelled():
        assert isinstance(task.exception(), OutcomeUnknown if how == "timeout" else type(None))


HIDDEN = "env -i setsid sh -c 'setsid sleep 1000 & echo $! $$ ready; exec sleep 1000' &"
"""Programs without our environment, in sessions of their own, that say their ids."""


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can have orphans adopted")
@pytest.mark.parametrize("how", ["timeout", "exit", "cancel"])
async def test_what_hides_from_us_ends_with_the_call(program: Program, how: str) -> None:
    task = asyncio.ensure_future(program.sh(f"{HIDDEN} {ends(program, how)}", timeout=500))
    await program.ready.wait()
    pids = [int(word) for word in program.output.split()[:2]]
    assert all(map(lives, pids))
    end(program, how, task)
    await asyncio.wait([task])
    assert not any(map(lives, pids))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can have orphans adopted")
def test_what_hides_from_us_ends_when_we_are_killed(tmp_path: Path) -> None:
    code = APP.replace("script = ", "script = sys.argv[1] or ")
    words = [f"{HIDDEN} sleep 1000", str(tmp_path)]
    app = subprocess.Popen([sys.executable, "-P", "-c", code, *words], stdout=subprocess.PIPE, text=True)
    try:
        assert app.stdout is not None
        pids = [int(word) for word in app.stdout.readline().split()[:2]]
        assert all(map(lives, pids))
        ends = [os.pidfd_open(pid) for pid in pids]
        app.kill()
        for end in ends:
            assert select.select([end], [], [], 60)[0]
            os.close(end)
    finally:
        app.kill()
        app.wait()
        if app.stdout is not None:
            app.stdout.close()


async def test_a_program_that_kills_what_keeps_it_dies_with_it(program: Program) -> None:
    done = await program.sh("sleep 1000 & setsid sleep 1000 & kill -KILL $PPID; sleep 1000")
    assert done.exit == -signal.SIGKILL
    assert program.mark.alive() == []


async def test_cancelling_twice_kills_at_once(program: Program) -> None:
    task = asyncio.ensure_future(program.sh("trap '' TERM; echo ready; sleep 1000", grace=1000))
    await program.ready.wait()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 60)
    assert program.mark.alive() == []


@pytest.mark.parametrize("turns", range(6))
async def test_cancelling_at_any_moment_leaves_nothing(program: Program, turns: int) -> None:
    task = asyncio.ensure_future(program.sh("sleep 1000 & sleep 1000"))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert program.mark.alive() == []


async def test_no_descriptor_is_left(program: Program) -> None:
    await program.run("true")
    before = set(os.listdir("/proc/self/fd"))
    await program.run("true")
    await definite(program.run("no-such-program"))
    await definite(program.run("true", "x" * 10_000_000))
    await unknown(program.run("sleep", "1000", timeout=0.01))
    assert set(os.listdir("/proc/self/fd")) == before


async def test_a_flood_is_cut_off(program: Program) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    shown = 0

    def count(text: str) -> None:
        nonlocal shown
        shown += len(text)

    call = run(["sh", "-c", "yes | head -c 200000000"], cwd=program.folder, environ=marked(program.mark), emit=count)
    failure = await unknown(call)
    assert (failure.kind, failure.message) == ("resource", "sh wrote more than 50 MB and was ended (output limit)")
    assert 50 * 1024**2 < shown < 52 * 1024**2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kilobytes
    assert program.mark.alive() == []


async def test_head_and_tail_are_kept(program: Program) -> None:
    done = await program.sh("echo first; yes é | head -c 3000000; echo last")
    assert done.truncated
    assert done.stdout.startswith("first\né\n")
    assert done.stdout.endswith("é\nlast\n")
    assert f"\n… {len('first last ') + 3_000_000 - 2 * 64 * 1024} bytes left out …\n" in done.stdout
    assert "\ufffd" not in done.stdout
    assert len(done.stdout.encode()) < 2 * 64 * 1024 + 100


async def test_many_at_once(program: Program) -> None:
    done = await asyncio.gather(*(program.sh(f"echo {number}; sleep 0.1 &") for number in range(20)))
    assert [entry.stdout for entry in done] == [f"{number}\n" for number in range(20)]
    assert program.mark.alive() == []


APP = """
import asyncio, os, sys
from pathlib import Path
from skills.process import run
script = "exec 3>" + sys.argv[1] + "; setsid sh -c 'setsid sleep 1000 & sleep 1000' & sleep 1000 & echo ready; sleep 99"
def say(text):
    print(text, flush=True)
asyncio.run(run(["sh", "-c", script], cwd=Path(sys.argv[2]), environ=dict(os.environ), emit=say))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_when_we_are_killed_nothing_of_ours_lives_on(number: int, tmp_path: Path) -> None:
    mark = Mark()
    held = tmp_path / "held"
    os.mkfifo(held)
    reader = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
    app = subprocess.Popen(
        [sys.executable, "-P", "-c", APP, str(held), str(tmp_path)],
        stdout=subprocess.PIPE,
        env=marked(mark),
        text=True,
        preexec_fn=as_in_a_shell,
    )
    try:
        assert app.stdout is not None
        assert app.stdout.readline() == "ready\n"
        app.send_signal(number)
        assert app.wait(60) == -number
        # The pipe ends when the last of the processes that hold it is gone.
        while select.select([reader], [], [], 60)[0] and os.read(reader, 1) == b"":
            if not mark.alive():
                break
        assert mark.alive() == []
    finally:
        os.close(reader)
        app.kill()
        if app.stdout is not None:
            app.stdout.close()
