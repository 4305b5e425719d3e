"""Runs that are in the middle of a step of each kind, until they are let go, and what they did to the outside."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from skills.trust import TrustStore
from tests.support.command_line import CommandLine
from tests.support.openai_server import Exchange, OpenAIServer, answer
from tests.support.processes import alive_with, is_alive
from workflows.clock import SystemClock

ROOT = Path(__file__).parents[2]

ACT = """\
# begins, waits until it is let go, and does what it has to do
TRAP
echo $$ >> "$HERE/pids"
echo "began $1" >> "$HERE/effects"
while [ ! -e "$HERE/go" ]; do sleep 0.05; done
echo "did $1" >> "$HERE/effects"
"""

SKILL = """\
import os, signal, time
from skills import Context, SkillError, skill

@skill(name="slow.act", effect="pure", execution="process")
def act(context: Context, what: str) -> str:
    '''Begins, waits until it is let go, and does what it has to do.

    Args:
        what: What it is called.
    '''
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    note(context, f"began {what}")
    while not (context.root / "go").exists():
        time.sleep(0.05)
    note(context, f"did {what}")
    return what

@skill(name="slow.flaky", effect="idempotent")
def flaky(context: Context, what: str) -> str:
    '''Fails until it is let go.

    Args:
        what: What it is called.
    '''
    if not (context.root / "go").exists():
        note(context, f"began {what}")
        raise SkillError("The other side is overloaded.", kind="transient")
    note(context, f"did {what}")
    return what

def note(context, line):
    with open(context.root / "effects", "a") as file:
        file.write(line + "\\n")
"""

AGENT = """\
---
name: NAME
description: Says something, in the end
model: MODEL
tools: [slow.act]
---
You say something.
"""

SCRIPT = """\
---
name: scripted
description: Uses a tool. Its words were written beforehand.
model: demo/scripted
tools: [slow.act]
script:
  - text: I act.
    tool_calls:
      - {id: one, name: slow_act, arguments: {what: x}}
  - text: It is done.
---
You act.
"""


def command(name: str, script: str = "act") -> str:
    """The kind and fields of a step that runs a program which is under way until it is let go."""
    return f"type: skill, skill: command, effect: idempotent, parameters: {{argv: [sh, {script}.sh, '{name}']}}"


DETACHED = "type: skill, skill: command, effect: idempotent, parameters: {argv: [setsid, -w, env, -i, sh, act.sh, x]}"
FIRST = "  - {id: first, type: skill, skill: command, parameters: {argv: [sh, -c, 'echo did first >> effects']}}\n"
FAILS = "  - {id: fails, type: skill, skill: command, parameters: {argv: ['false']}, on_failure: HOW}\n"
SKILL_STEP = "type: skill, skill: slow.act, parameters: {what: x}"
CHILD = f"name: Child\nsteps:\n{FIRST.replace('first', 'inner')}  - {{id: x, {command('x')}}}\n"


@dataclass(frozen=True)
class Case:
    """A workflow, and how it is seen that it is in the middle of what its name says.

    `began` and `did` are names of acts: what is under way, and what is done once when the run has been let go. `event`
    is what the journal has then, where no act begins. `status` is the run's when it was stopped, `ends` in the end.
    `answers` is what a person chooses where one is asked.
    """

    name: str
    steps: str
    began: tuple[str, ...] = ("x",)
    did: tuple[str, ...] = ("first", "x")
    event: str = ""
    answers: str = ""
    ends: str = "succeeded"
    status: str = "interrupted"

    @property
    def text(self) -> str:
        whole = self.steps.startswith(("steps:", "stages:"))
        return f"name: {self.name}\n" + (self.steps if whole else f"steps:\n{FIRST}{self.steps}")


def _step(fields: str) -> str:
    return f"  - {{id: x, {fields}}}\n"


THREE = ("a", "b", "c")
BRANCHES = "".join(f"    - {{id: {name}, {command(name)}}}\n" for name in THREE)

CASES = (
    Case("skill", _step(SKILL_STEP)),
    Case("command", _step(command("x"))),
    Case("stubborn", _step(command("x", "stubborn"))),
    Case("detached", _step(DETACHED)),
    Case("agent", _step("type: agent, agent: talker, input: Speak."), ("/v1/chat/completions",), ("first", "talk")),
    Case("tool", _step("type: agent, agent: scripted, input: Act.")),
    Case("http", _step("type: http, url: 'URL/slow'"), ("/slow",), ("first", "fetch")),
    Case("delay", _step("type: delay, for: 25"), (), ("first",), event="TimerSet"),
    Case(
        "approval",
        _step("type: approval, show: Go on?"),
        (),
        ("first",),
        event="Asked",
        answers="approve",
        status="waiting",
    ),
    Case(
        "question",
        _step("type: question, ask: How many?"),
        (),
        ("first",),
        event="Asked",
        answers="answer",
        status="waiting",
    ),
    Case("gate", _step(f"{command('x')}, approve: before"), (), event="Asked", answers="approve", status="waiting"),
    Case(
        "foreach",
        "  - {id: each, foreach: {in: [a, b, c], as: n, max_parallel: 2}, " + command("${{ n }}") + "}\n",
        ("a", "b"),
        ("first", *THREE),
    ),
    Case("parallel", f"  - id: both\n    type: parallel\n    steps:\n{BRANCHES}", THREE, ("first", *THREE)),
    Case("child", _step("type: workflow, workflow: child"), did=("first", "inner", "x")),
    Case(
        "undo",
        "steps:\n"
        + FIRST.replace("}\n", f", undo: {{{SKILL_STEP}}}}}\n")
        + FAILS.replace("HOW", "rollback")
        + "  - {id: never, type: transform, value: 1}\n",
        ends="failed",
    ),
    Case(
        "rollback",
        f"steps:\n{FIRST}{FAILS.replace('HOW', 'rollback')}rollback:\n  steps:\n{_step(command('x'))}",
        ends="failed",
    ),
    Case("finally", f"steps:\n{FIRST}finally:\n  steps:\n{_step(command('x'))}"),
    Case(
        "retry",
        _step(
            "type: skill, skill: slow.flaky, parameters: {what: x}, retry: {max_attempts: 99, backoff: fixed, delay: 4}"
        ),
        event="RetryScheduled",
    ),
    Case("failed", FAILS.replace("HOW", "ask"), (), ("first",), event="Asked", answers="skip", status="waiting"),
)

ALL = Case(
    "all",
    "stages:\n"
    f"  - name: before\n    steps:\n  {FIRST}"
    "  - name: all\n    parallel: true\n    max_parallel: 20\n    steps:\n"
    + "".join(
        f"      - {{id: {name}, {fields}}}\n"
        for name, fields in {
            "skill": SKILL_STEP.replace("x}", "a}"),
            "command": command("b"),
            "stubborn": command("c", "stubborn"),
            "detached": DETACHED.replace("x]", "d]"),
            "tool": "type: agent, agent: scripted, input: Act.",
            "http": "type: http, url: 'URL/slow'",
            "race": "type: parallel, wait_for: first, steps: "
            f"[{{id: late, type: delay, for: 1000}}, {{id: soon, {command('i')}}}]",
            "gate": f"{command('never')}, approve: before",
            "ask": "type: question, ask: How many?",
            "each": "foreach: {in: [e, f, g], as: n, max_parallel: 2}, " + command("${{ n }}"),
            "child": "type: workflow, workflow: child",
            "flaky": "type: skill, skill: slow.flaky, parameters: {what: h}, "
            "retry: {max_attempts: 1000, backoff: fixed, delay: 1}",
        }.items()
    ),
    (*"abcdefhix", "/slow"),
    ("first", "inner", *"abcdefghi", "x", "x", "fetch"),
    event="RetryScheduled",
)
"""Steps of most kinds, under way at the same time. Two things wait for a person."""


class Outside:
    """A server that takes every request and answers when the run was let go. Counts what it answered."""

    def __init__(self, go: Path) -> None:
        self._go = go
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._ready = threading.Event()
        self.began: list[str] = []
        self.did: list[str] = []
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        self._loop.close()

    async def _serve(self) -> None:
        async with OpenAIServer(self._behave, any_path=True) as server:
            self.port = server.port
            self._ready.set()
            await self._over.wait()

    async def _behave(self, exchange: Exchange) -> None:
        if exchange.received.path.endswith("/models"):  # the first screen looks which models there are
            await exchange.respond(200, {"data": []})
            return
        self.began.append(exchange.received.path)
        while not self._go.exists():
            if await exchange.hang(0.05):
                return
        if exchange.received.path == "/slow":
            self.did.append("fetch")
            await exchange.respond(200, {"said": "here"})
        else:
            self.did.append("talk")
            await answer("It is done.")(exchange)


@dataclass(frozen=True)
class Workspace:
    """A folder in which a case can be run, and what was done in it."""

    line: CommandLine
    outside: Outside
    mark: str

    @classmethod
    def at(cls, line: CommandLine, outside: Outside, mark: str) -> Self:
        """With an environment that leads to the outside, and whose mark all that is started in it inherits."""
        environ = {
            "OPENAI_API_KEY": "sk-test-0123456789",
            "OPENAI_BASE_URL": f"http://127.0.0.1:{outside.port}/v1",
            "OLLAMA_API_BASE": "http://127.0.0.1:1",
            "TERM": "xterm-256color",
            "PYTHONPATH": str(ROOT),
            "LC_MARK": mark,
        }
        return cls(replace(line, environ=environ), outside, mark)

    def write(self, case: Case) -> None:
        """All files that the case needs. The folder is trusted."""
        line, url = self.line, f"http://127.0.0.1:{self.outside.port}"
        here = f'HERE="{line.cwd}"\n'
        line.write("act.sh", here + ACT.replace("TRAP", ""))
        line.write("stubborn.sh", here + ACT.replace("TRAP", "trap '' TERM INT HUP QUIT TSTP"))
        line.write(".understudy/skills/slow.py", SKILL)
        line.write(".understudy/workflows/child.yaml", CHILD)
        line.write(".understudy/agents/talker.md", AGENT.replace("NAME", "talker").replace("MODEL", "openai/gpt-4o"))
        line.write(".understudy/agents/scripted.md", SCRIPT)
        line.write("case.yaml", case.text.replace("URL", url))
        config = line.home / "state" / "config"
        config.mkdir(parents=True, exist_ok=True)
        port = self.outside.port
        (config / "settings.yaml").write_text(f"network: {{allow_hosts: ['127.0.0.1:{port}']}}\n")
        TrustStore(config / "trusted.json", SystemClock()).trust(line.cwd)

    def _noted(self, word: str) -> list[str]:
        path = self.line.cwd / "effects"
        lines = path.read_text().split("\n") if path.exists() else []
        return [line.removeprefix(word) for line in lines if line.startswith(word)]

    @property
    def began(self) -> list[str]:
        return self._noted("began ") + self.outside.began

    @property
    def did(self) -> list[str]:
        return self._noted("did ") + self.outside.did

    @property
    def recorded_events(self) -> list[str]:
        """The types of all events in the journal. Waits for nobody and writes nothing."""
        with closing(sqlite3.connect(f"{self._journal.as_uri()}?mode=ro", uri=True, timeout=60)) as database:
            return [name for (name,) in database.execute("SELECT type FROM events ORDER BY seq")]

    def forget_what_began(self) -> None:
        """Let only what begins from now on count as under way."""
        path = self.line.cwd / "effects"
        if path.exists():
            path.write_text("".join(f"did {name}\n" for name in self._noted("did ")))
        self.outside.began.clear()

    def under_way(self, case: Case) -> bool:
        """Whether the run is in the middle of what the case is about."""
        began = all(name in self.began for name in case.began)
        return began and (not case.event or ("first" in self.did and case.event in self.recorded_events))

    def let_go(self) -> None:
        """Let all that is under way come to its end."""
        (self.line.cwd / "go").touch()

    def alive(self) -> list[str]:
        """What is alive of all that was started here: by what it inherited, and by what programs said of themselves."""
        pids = self.line.cwd / "pids"
        noted = pids.read_text().split() if pids.exists() else []
        return alive_with(f"LC_MARK={self.mark}") + [pid for pid in noted if is_alive(int(pid))]

    def until(self, so: Callable[[], bool], seconds: float = 120.0) -> None:
        """Wait until this is so."""
        end = time.monotonic() + seconds
        while not so():
            assert time.monotonic() < end, (self.began, self.did)
            time.sleep(0.02)

    @contextmanager
    def journal_locked(self) -> Iterator[None]:
        """As long as this lasts nobody else can write the journal."""
        with closing(sqlite3.connect(self._journal)) as database:
            database.execute("BEGIN IMMEDIATE")
            yield
            database.rollback()

    @property
    def _journal(self) -> Path:
        return self.line.home / "state" / "data" / "journal" / "journal.db"

    def until_nothing_is_alive(self, seconds: float = 60.0) -> None:
        """Raises AssertionError where something is alive still when the seconds are over."""
        end = time.monotonic() + seconds
        while alive := self.alive():
            assert time.monotonic() < end, alive
            time.sleep(0.02)


START = """
import os, sys
from pathlib import Path
from app.cli.output import let_go, settle_streams
from app.paths import find_paths
from app.tui.demo import Demo
from app.tui.session import run_tui
run = sys.argv[1] if len(sys.argv) > 1 else ""
begin = None if run else Demo(find_paths(os.environ, Path.cwd()), "case.yaml", "")
settle_streams()
code = run_tui(person="ada", begin=begin, open_run=run or None)
let_go()
os._exit(code)
"""


def screens(run: str = "") -> list[str | Path]:
    """The command that opens the screens, and runs the case there at once, or shows a run."""
    return [sys.executable, "-P", "-c", START, *([run] if run else [])]
