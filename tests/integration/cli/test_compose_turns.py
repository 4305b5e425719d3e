"""A draft on a terminal, written by a model behind real HTTP, changed turn by turn, undone, saved; and stopped."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tests.support.command_line import PROGRAM, CommandLine
from tests.support.openai_server import Exchange, OpenAIServer, answer
from tests.support.terminals import Terminal
from tests.support.wrong_drafts import GOOD, fenced

REQUEST = "quarterly zebra census"


def served(line: CommandLine, server: OpenAIServer) -> CommandLine:
    environ = {
        "OPENAI_API_KEY": "sk-test-0123456789abcdef",
        "OPENAI_BASE_URL": server.base_url,
        "UNDERSTUDY_MODEL": "openai/gpt-4o",
        "TERM": "xterm",
    }
    return replace(line, environ=environ)


class Sitting:
    """A person at a terminal, who reads on from where they were."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._read = 0

    async def says(self, *exchanges: tuple[bytes, bytes]) -> None:
        """Wait for each text and type what belongs to it."""
        for expected, typed in exchanges:
            await asyncio.to_thread(
                self._terminal.until, lambda text=expected: text in self._terminal.said[self._read :]
            )
            self._read = self._terminal.said.index(expected, self._read) + len(expected)
            self._terminal.press(typed)


async def test_a_sitting_from_words_to_a_saved_file(line: CommandLine) -> None:
    async with OpenAIServer(answer(fenced(GOOD)), answer(fenced(GOOD.replace("limit: 20", "limit: 50")))) as server:
        here = served(line, server)
        sitting = Sitting(
            Terminal([PROGRAM, "compose", REQUEST, "--model", "openai/gpt-4o"], here.environment, line.cwd)
        )
        ask = b"Say what to change, or:"
        saved = line.cwd / ".understudy" / "workflows" / "census.yaml"
        await sitting.says(("│ name: Read and note".encode(), b""), (ask, b"look further back into the past\r"))
        await sitting.says((b"+  - {id: log, type: skill, skill: git.log, parameters: {limit: 50}}", b""))
        await sitting.says((ask, b"undo\r"), (b"Undone.", b""))
        assert not saved.exists()
        await sitting.says((ask, b"save census\r"), (b"Saved as ", b""), (ask, b"leave\r"), (b"is kept", b""))
        assert saved.read_text() == GOOD
        # Another process goes on with it, without a model and without a terminal.
        again = await asyncio.to_thread(here.run, "compose", "--continue", "--json")
        assert (again.document["version"], again.document["yaml"]) == (1, GOOD)
        assert len(server.requests) == 2


async def test_ctrl_c_stops_a_model_and_leaves_nothing(line: CommandLine) -> None:
    async def half(exchange: Exchange) -> None:
        await exchange.start_stream()
        await exchange.delta({"content": "```yaml\nname: Half a draft\nsteps:\n"})
        await exchange.hang()

    async with OpenAIServer(half) as server:
        here = served(line, server)
        sitting = Sitting(
            Terminal([PROGRAM, "compose", REQUEST, "--model", "openai/gpt-4o"], here.environment, line.cwd)
        )
        await sitting.says(("│ name: Half a draft".encode(), b"\x03"), (b"Stopped.", b""))
        async with asyncio.timeout(30):
            await server.hung_up.wait()
        assert not list(line.cwd.iterdir())
        nothing = await asyncio.to_thread(here.run, "compose", "--continue")
        assert nothing.code == 2
        assert "There is no draft here" in nothing.stderr


def test_without_a_model_it_is_said_what_cannot_be_done(line: CommandLine) -> None:
    assert line.run("compose", "release notes for developers since last tag").code == 0
    said = line.run("compose", "--continue", "frobnicate the second thing")
    assert said.code == 2
    assert "What should change?" in said.stderr
    assert line.run("compose").code == 2
    assert line.run("compose", "x", "--model", "a/b", "--no-model").code == 2


def test_suggestions_for_a_draft_are_listed_and_taken(line: CommandLine) -> None:
    assert line.run("compose", "release notes for developers since last tag").code == 0
    assert line.run("compose", "--continue", "remove the timeout of the notes step").code == 0
    listed = line.run("compose", "--continue", "suggest", "--json").document
    assert (listed["changed"], listed["notes"][0][:18]) == (False, "suggest 1: 'notes'")
    taken = line.run("compose", "--continue", "suggest 1", "--json").document
    assert (taken["changed"], taken["cost_usd"]) == (True, 0.0)
    assert "+          timeout: 15m" in taken["diff"]


def test_turns_without_a_model_are_diffs_that_can_be_taken_back(line: CommandLine) -> None:
    assert line.run("compose", "release notes for developers since last tag").code == 0
    gone_on = line.run("compose", "--continue", "don't ask me before it saves", "--json").document
    assert [change for change in gone_on["diff"] if change[0] in "+-"] == ["-          approve: before"]
    assert (gone_on["version"], gone_on["changed"], gone_on["cost_usd"]) == (2, True, 0.0)
    shown = line.run("compose", "--continue", "retry the log step twice")
    assert "Changed by rules (no AI)" in shown.stdout
    assert "retry: {max_retries: 2}" in shown.stdout or "max_retries: 2" in shown.stdout
    asked = line.run("compose", "-c", "make it nicer", "--json")
    assert asked.code == 2
    assert len(asked.document["questions"]) == 1
    undone = line.run("compose", "--continue", "undo that")
    assert undone.code == 0
    assert "Changes against what was undone" in undone.stdout
    assert "-          retry: {max_retries: 2}" in undone.stdout or "-            max_retries: 2" in undone.stdout
    assert line.run("compose", "--undo").code == 0
    assert line.run("compose", "--undo").code == 2
    again = line.run("compose", "--continue", "--save", "notes", "--json").document
    assert again["version"] == 1
    assert "approve: before" in (line.cwd / ".understudy" / "workflows" / "notes.yaml").read_text()
    assert line.run("compose", "--continue", "--save", "notes").code == 2
    other = line.run("compose", "--continue", "--save", "others")
    assert (other.code, other.stdout) == (0, "")
    assert "Start it with: understudy run others" in other.stderr


def test_a_draft_has_no_requests_of_the_template_that_it_was_made_from(line: CommandLine) -> None:
    for request in ("triage the failing tests", "triage the failing tests of reports/ at most 30 cents"):
        drafted = line.run("compose", request)
        assert "name: Test triage" in drafted.stdout
        assert "requests:" not in drafted.stdout
    assert "at most $0.30 for models" in drafted.stdout
    turned = line.run("compose", "--continue", "retry the log step twice")
    assert "requests:" not in turned.stdout + line.run("compose", "--undo").stdout


def test_where_no_draft_can_be_kept_it_is_made_all_the_same_and_said(line: CommandLine) -> None:
    (line.home / "state").write_text("a file where the folder should be")
    made = line.run("compose", "release notes for developers since last tag")
    assert made.code == 0
    assert "Plan of Release notes" in made.stdout
    assert "The draft is not kept for --continue" in made.stderr


def test_a_cheaper_model_is_named_where_none_is_set(line: CommandLine) -> None:
    assert line.run("compose", "release notes for developers since last tag").code == 0
    turned = line.run("compose", "-c", "use a cheaper model for step 2", OPENAI_API_KEY="sk-test-0123456789abcdef")
    assert "+          model: openai/gpt-4o-mini" in turned.stdout


async def test_a_sitting_shows_changes_asks_what_is_meant_and_for_what_a_run_needs(line: CommandLine) -> None:
    here = replace(line, environ={"TERM": "xterm"})
    sitting = Sitting(
        Terminal([PROGRAM, "compose", "deploy this project to staging with a health check"], here.environment, line.cwd)
    )
    ask = b"Say what to change, or:"
    await sitting.says((b"with a value in place of each", b""), (ask, b"retry the health check twice\r"))
    await sitting.says((b"Changes against draft 1", b""), (b"What changes in the plan", b""), (b"up to 3 tries", b""))
    await sitting.says((ask, b"what does the last step do?\r"), (b"(old_releases)", b""))
    await sitting.says((ask, b"rename step\r"), (b"Which step should be called", b""))
    await sitting.says((b"Your answer", b"rename old_releases to tidy\r"), (b"+        - id: tidy", b""))
    await sitting.says((ask, b"plan\r"), ("○ tidy".encode(), b""), (ask, b"run\r"), (b"A name to save it", b"go\r"))
    await sitting.says((b"version (", b"v1\r"), (b"These files would act as you", b""), (b"`trust`", b"no\r"))
    await sitting.says((b"Nothing ran. Start it with: understudy run go", b""), (ask, b"leave\r"), (b"is kept", b""))
