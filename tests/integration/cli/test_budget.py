"""Budgets from the command line, with a real model client, a real server, and a process that is killed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.support.command_line import CommandLine
from tests.support.openai_faults import FAULTS
from tests.support.openai_server import OpenAIServer, answer

FLOW = """
name: Costs
budget: {usd: 0.12}
steps:
  - {id: ask, type: agent, agent: writer, input: Hello}
outputs: {said: "${{ steps.ask.output.text }}"}
"""

AGENT = """---
name: writer
description: Writes
model: openai/priced
max_tokens: 1000
---
You write.
"""


def lay_out(line: CommandLine, settings: str = "") -> None:
    line.write("flow.yaml", FLOW)
    config = line.home / "state" / "config"
    (config / "agents").mkdir(parents=True)
    (config / "agents" / "writer.md").write_text(AGENT)
    (config / "settings.yaml").write_text(f"pricing:\n  openai/priced: {{in: 10, out: 100}}\n{settings}")


def served(line: CommandLine, server: OpenAIServer) -> CommandLine:
    return replace(line, environ={"OPENAI_API_KEY": "sk-test-0123456789abcdef", "OPENAI_BASE_URL": server.base_url})


async def test_what_was_held_back_stands_when_the_process_was_killed(line: CommandLine) -> None:
    lay_out(line)
    async with OpenAIServer(FAULTS["hang"]) as server:
        here = served(line, server)
        process = here.start("run", "flow.yaml", "--unattended")
        async with asyncio.timeout(60):
            while not server.requests:
                await asyncio.sleep(0.05)
        process.kill()
        await asyncio.to_thread(process.communicate)
        shown = (await asyncio.to_thread(here.run, "show", "last", "--json")).document
        assert shown["status"] == "interrupted"
        held = shown["budget"][""]["reserved_usd"]
        assert 0.1 < held < 0.12

        server.script(answer("Hello"))
        resumed = await asyncio.to_thread(here.run, "resume", "last", "--json")
        assert resumed.code == 5, resumed.stderr
        assert server.requests == [], "nothing more is spent before somebody was asked"
        budget = resumed.document["budget"][""]
        assert (budget["spent_usd"], budget["spent_is_known"], budget["reserved_usd"]) == (held, False, 0)
        (waits,) = resumed.document["waiting"]
        assert waits["reason"] == "budget"
        assert "at most $0.107 of $0.12 spent" in waits["title"]

        answered = await asyncio.to_thread(
            here.run, "answer", "last", waits["entry"], "raise", "--value", "1", "--json"
        )
        assert answered.code == 0, answered.stderr
        assert answered.document["outputs"] == {"said": "Hello"}
        assert "at most $0.108 of $1.00 spent" in answered.stderr, "it is told as it goes"
        budget = answered.document["budget"][""]
        assert budget["spent_usd"] == pytest.approx(held + (12 * 10 + 7 * 100) / 1e6)
        assert (budget["limit_usd"], budget["stated_usd"]) == (1.0, 0.12)
        story = (await asyncio.to_thread(here.run, "show", "last", "--details")).stdout
        assert "budget: at most $0.108 of $1.00 spent, raised from $0.12, then you are asked" in story
        assert "at most $0.107 is held back for it" in story
        assert "the run's budget is raised to $1.00 by" in story


def test_the_command_line_has_the_last_word(line: CommandLine) -> None:
    lay_out(line, "budget: {usd: 0.01, on_exceed: abort}\n")
    less = line.run("run", "flow.yaml", "--budget", "0.05", "--unattended")
    assert less.code == 5
    assert "$0 of $0.05 spent" in less.stderr
    none = line.run("run", "flow.yaml", "--budget", "none", "--unattended", "--json")
    assert none.code == 4, "without a key it is the key that is missing"
    assert none.document["budget"] is None
    line.write("flow.yaml", FLOW.replace("budget: {usd: 0.12}\n", ""))
    default = line.run("run", "flow.yaml", "--json")
    assert default.code == 5
    assert default.document["status"] == "failed"
    assert default.document["budget"][""]["limit_usd"] == 0.01
    for wrong in ("much", "-1", "0", "nan", "inf"):
        refused = line.run("run", "flow.yaml", f"--budget={wrong}")
        assert refused.code == 2
        assert "is no amount of US dollars" in refused.stderr


def test_more_money_than_a_call_asks_for_is_no_answer_to_it(line: CommandLine) -> None:
    lay_out(line)
    waits = line.run("run", "flow.yaml", "--budget", "0.05", "--unattended", "--json")
    assert waits.code == 5, waits.stderr
    run, before = waits.document["run"], line.run("show", "last", "--events").stdout
    for usd, words in (
        ("0.04", ["may spend $0.05 as it is: a limit can be raised, and $0.04 is lower", "Give more than $0.05"]),
        ("0.06", ["has no room for the call either", "It takes $0.11 at least"]),
        ("none", ["the limit of a run can be raised, not taken away"]),
        ("2e9", ["is no amount of US dollars for a run"]),
    ):
        refused = line.run("resume", run, "--budget", usd)
        assert (refused.code, refused.stdout) == (2, "")
        assert [word for word in words if word not in refused.stderr] == []
    assert line.run("show", run, "--events").stdout == before


def test_a_run_that_ended_for_want_of_money_names_what_goes_on_with_it(line: CommandLine) -> None:
    lay_out(line)
    line.write("flow.yaml", FLOW.replace("0.12}", "0.05, on_exceed: abort}"))
    ended = line.run("run", "flow.yaml", "--unattended")
    assert ended.code == 5
    run = line.run("runs", "--json").document["runs"][0]["run"]
    assert f"  with more: understudy rerun {run} --from ask --budget 0.11\n" in ended.stderr
    refused = line.run("resume", run, "--budget", "1")
    assert refused.code == 2
    assert f"Run {run} is over: it failed" in refused.stderr
    assert f"understudy rerun {run} --from ask --budget 1\n" in refused.stderr
    dry = line.run("rerun", run, "--from", "ask", "--budget", "1", "--dry-run")
    assert "It may spend $1.00, then it ends." in dry.stdout
    assert f"Start it with: understudy rerun {run} --from ask --budget 1\n" in dry.stderr


def test_in_a_run_that_a_process_has_the_budget_is_raised_there(line: CommandLine) -> None:
    lay_out(line)
    line.write("flow.yaml", FLOW.replace("steps:", "steps:\n  - {id: ok, type: approval, show: Go?}"))
    run = line.run("run", "flow.yaml", "--budget", "0.05", "--detach", "--attended", "--json").document["run"]
    refused = line.run("resume", run, "--budget", "1")
    assert refused.code == 2
    assert "so its budget is raised there. It may spend $0.05." in refused.stderr
    assert "It asks when a call has no room" in refused.stderr
    assert line.run("answer", run, "ok:1", "approve").code == 0
    shown: list[str] = []
    for _ in range(200):  # each is a process of its own: more than a minute
        shown = [waits["entry"] for waits in line.run("show", run, "--json").document["waiting"]]
        if shown == ["ask:1"]:
            break
    refused = line.run("resume", run, "--budget", "1")
    assert f"It waits for that: understudy answer {run} ask:1 raise --value 1" in refused.stderr
    assert line.run("cancel", run).code == 0


async def test_a_run_goes_on_with_more_money(line: CommandLine) -> None:
    lay_out(line)
    gated = FLOW.replace("budget: {usd: 0.12}\n", "").replace(
        "steps:", "steps:\n  - {id: ok, type: approval, show: Go?}"
    )
    line.write("flow.yaml", gated)
    waits = await asyncio.to_thread(line.run, "run", "flow.yaml", "--unattended", "--json")
    assert (waits.code, waits.document["budget"]) == (3, None), waits.stderr
    run = waits.document["run"]
    given = await asyncio.to_thread(line.run, "resume", run, "--budget", "0.05", "--json")
    budget = given.document["budget"][""]
    assert (given.code, budget["limit_usd"], budget["stated_usd"]) == (3, 0.05, 0.05)
    assert "the run has a budget of $0.05 from now on by" in given.stderr
    asks = await asyncio.to_thread(line.run, "answer", run, "ok:1", "approve", "--json")
    assert asks.code == 5, asks.stderr
    async with OpenAIServer(answer("Hello")) as server:
        ended = await asyncio.to_thread(served(line, server).run, "resume", run, "--budget", "0.2", "--json")
    assert (ended.code, ended.document["outputs"]) == (0, {"said": "Hello"}), ended.stderr
    budget = ended.document["budget"][""]
    assert (budget["limit_usd"], budget["spent_usd"]) == (0.2, pytest.approx((12 * 10 + 7 * 100) / 1e6))
    assert "ask: answered raise by" in ended.stderr
    assert "the run's budget is raised to $0.20 by" in ended.stderr


async def test_a_recording_has_the_money_that_its_run_had(line: CommandLine) -> None:
    lay_out(line)
    line.write("flow.yaml", FLOW.replace("0.12", "0.0001"))
    async with OpenAIServer(answer("Hello")) as server:
        ended = await asyncio.to_thread(
            served(line, server).run, "run", "flow.yaml", "--budget", "1", "--record", "kept"
        )
    assert ended.code == 0, ended.stderr
    played = await asyncio.to_thread(line.run, "test", "kept")
    assert (played.code, "1 passed" in played.stderr) == (0, True), played.stdout + played.stderr


def test_every_mistake_in_prices_is_named(line: CommandLine) -> None:
    lay_out(line)
    (line.home / "state" / "config" / "settings.yaml").write_text(
        "pricing:\n  openai/a: {in: -1, out: 2}\n  openai/b: {in: 1}\n"
        "unknown_price: 5\nbudget: {usd: 0, on_exceed: wait}\n"
    )
    refused = line.run("run", "flow.yaml")
    assert refused.code == 4
    for said in (
        "settings.yaml:2:18: error: in must be a number from 0",
        "settings.yaml:3:14: error: a price needs 'out'",
        "the price of unknown_price must be a mapping such as {in: 0.5, out: 1.5}",
        "usd must be a number above 0",
        "on_exceed must be",
    ):
        assert said in refused.stderr, refused.stderr
