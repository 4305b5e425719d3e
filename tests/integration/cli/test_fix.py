"""`understudy fix` proposes a change of the workflow whose run failed, and writes it on a yes alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tests.support.command_line import CommandLine
from tests.support.openai_server import OpenAIServer, answer
from tests.support.wrong_drafts import fenced

SLOW = """\
# Waits too long.
name: Slow
steps:
  - {id: wait, type: skill, skill: command, parameters: {argv: [sleep, "60"]}, timeout: 1, effect: pure}  # why so long?
"""

WRONG = """\
name: Wrong
steps:
  - {id: read, type: skill, skill: file.read, parameters: {path: there_is_none.txt}}  # the notes
"""


def test_what_ran_out_of_time_gets_more_of_it(line: CommandLine) -> None:
    path = line.write(".understudy/workflows/slow.yaml", SLOW)
    assert line.run("trust", "--yes").code == 0
    assert line.run("run", "slow", "--unattended").code != 0
    seen = line.run("fix")
    assert seen.code == 3  # nobody is here to say yes
    assert "'wait' failed (timeout)" in seen.stderr
    assert "+  - {id: wait, type: skill, skill: command, parameters: {argv: [sleep" in seen.stdout
    assert path.read_text() == SLOW
    assert line.run("fix", "last", "--yes").code == 0
    assert path.read_text() == SLOW.replace("timeout: 1,", "timeout: 3,")
    assert line.run("step", "undo", "slow", "--yes").code == 0
    assert path.read_text() == SLOW


async def test_a_model_is_asked_where_no_rule_helps_and_what_it_says_is_guarded(line: CommandLine) -> None:
    path = line.write(".understudy/workflows/wrong.yaml", WRONG)
    line.write("README.md", "hello")
    assert line.run("trust", "--yes").code == 0
    assert line.run("run", "wrong", "--unattended").code == 4
    nobody = line.run("fix")
    assert nobody.code == 1
    assert "No rule helps there, and no model is set" in nobody.stderr
    shell = WRONG.replace(
        "file.read, parameters: {path: there_is_none.txt}", "command, parameters: {argv: [sh, -c, ls]}"
    )
    mended = "name: Wrong\nsteps:\n  - {id: read, type: skill, skill: file.read, parameters: {path: README.md}}\n"
    async with OpenAIServer(answer(fenced(shell)), answer(fenced(mended))) as server:
        environ = {"OPENAI_API_KEY": "sk-test-0123456789abcdef", "OPENAI_BASE_URL": server.base_url}
        here = replace(line, environ={**environ, "UNDERSTUDY_MODEL": "openai/gpt-4o"})
        done = await asyncio.to_thread(here.run, "fix", "--yes", "--json")
        assert done.code == 0, done.stderr
        asked = server.requests[0].body["messages"][1]["content"]
    assert "step read (skill) failed" in asked
    assert "there_is_none.txt" in asked
    assert "it runs a shell (sh)" in done.stderr
    assert path.read_text() == WRONG.replace("there_is_none.txt", "README.md")


def test_the_newest_run_that_failed_is_meant_whatever_came_after_it(line: CommandLine) -> None:
    line.write("good.yaml", "name: Good\nsteps: [{id: a, type: transform, value: 1}]\n")
    line.write("gate.yaml", "name: Gate\nsteps: [{id: a, type: approval, show: Go on?}]\n")
    assert line.run("run", "good.yaml").code == 0
    none = line.run("fix")
    assert (none.code, "runs failed" in none.stderr) == (2, True)
    named = line.run("fix", "last")
    assert (named.code, "did not fail" in named.stderr) == (2, True)
    line.write("slow.yaml", SLOW)
    failed = line.run("run", "slow.yaml", "--unattended", "--json").document["run"]
    assert line.run("run", "gate.yaml").code == 3
    proposed = line.run("fix", "--dry-run")
    assert f"Run {failed} of slow:" in proposed.stderr
    assert "it may take 3 s" in proposed.stderr


def test_a_run_that_was_too_short_for_all_its_steps_gets_longer(line: CommandLine) -> None:
    path = line.write("short.yaml", SLOW.replace(", timeout: 1,", ",").replace("name: Slow", "name: Short\ntimeout: 1"))
    assert line.run("run", "short.yaml", "--unattended").code == 1
    assert line.run("fix", "--yes").code == 0
    assert "timeout: 3\n" in path.read_text()
