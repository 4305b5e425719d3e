"""What a test expects, and the words of what is not so: one recording, played again in this process for each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.container import open_services
from app.desk import Desk
from app.paths import find_paths
from app.present.differences import Difference as Change
from app.present.testing import in_words, lines_of, problem_lines
from app.testing.case import Broken, read_case
from app.testing.running import Outcome, run_case
from tests.support.command_line import CommandLine

WORKFLOW = """\
name: News
steps:
  - {id: fetch, type: skill, skill: file.read, parameters: {path: facts.txt}}
  - {id: words, type: agent, agent: writer, input: "Tell: ${{ steps.fetch.output.text }}"}
  - {id: keep, type: skill, skill: file.write, parameters: {path: out.md, text: "${{ steps.words.output.text }}"}}
outputs: {text: "${{ steps.words.output.text }}", file: "${{ steps.keep.output.path }}"}
"""

WRITER = """\
---
name: writer
description: Writes
model: demo/scripted
tools: [file.read]
script:
  - {text: "I look it up.", tool_calls: [{name: file_read, arguments: {path: facts.txt}}]}
  - "All is well."
---
You write news.
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a recorded run."""
    base = tmp_path_factory.mktemp("expected")
    for name in ("work", "home"):
        (base / name).mkdir()
    line = CommandLine(base / "work", base / "home")
    line.write("news.yaml", WORKFLOW)
    line.write(".understudy/agents/writer.md", WRITER)
    line.write("facts.txt", "It rains.")
    assert line.run("trust", "--yes").code == 0
    ended = line.run("run", "news.yaml", "--record")
    assert ended.code == 0, ended.stderr
    return line.cwd


@pytest.fixture
async def desk(folder: Path) -> AsyncIterator[Desk]:
    environ = {"UNDERSTUDY_HOME": str(folder.parent / "other"), "HOME": str(folder.parent / "home")}
    async with open_services(find_paths(environ, folder), environ, trusted=True, journal="none") as services:
        yield Desk(services)


async def judged(desk: Desk, folder: Path, text: str) -> Outcome:
    path = folder / "tests" / "news" / "some.test.yaml"
    path.write_text(f"workflow: ../../news.yaml\nrecording: news.recording.jsonl\n{text}\n")
    return await run_case(desk, path)


@pytest.mark.parametrize(
    ("expect", "says"),
    [
        ("status: failed", "status: the run ended as succeeded, not as failed"),
        ("outputs: {text: All is lost.}", 'outputs.text: it is "All is well.", not "All is lost."'),
        ("outputs: {text: {contains: lost}}", 'outputs.text: it does not contain "lost"'),
        ("outputs: {text: {matches: '^All was'}}", 'outputs.text: it does not match "^All was"'),
        ("outputs: {text: {schema: {type: number}}}", "outputs.text: it does not fit its schema"),
        ("outputs: {nothing: 1}", "outputs.nothing: there is no such output; there are: text, file"),
        ("steps: {words: failed}", "steps.words.status: it is succeeded, not failed"),
        ("steps: {fetch: {attempts: 2}}", "steps.fetch.attempts: it took 1, not 2"),
        ("steps: {nowhere: failed}", "steps.nowhere: there is no such step"),
        (
            "calls: {used: [git.log]}",
            "calls.used: git.log was never called; what was: file.read, writer, file_read, file.write",
        ),
        ("calls: {never: [file.*]}", "calls.never: file.read was called"),
        ("calls: {order: [file.write, writer]}", "calls.order: writer was not called after file.write"),
        ("files: {written: [other.md]}", "files.written: other.md was not written; what was: out.md"),
        ("files: {never: ['*.md']}", "files.never: out.md was written"),
        ("cost: {at_most: 0}, status: waiting", "status: the run ended as succeeded, not as waiting"),
    ],
)
async def test_a_test_that_fails_says_why(desk: Desk, folder: Path, expect: str, says: str) -> None:
    outcome = await judged(desk, folder, f"expect: {{{expect}}}")
    assert outcome.verdict == "failed"
    lines = [line.strip() for line, _ in problem_lines(outcome)]
    assert lines[0].startswith(says), lines


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("expect: {stauts: failed}", "there is no 'stauts' in expect"),
        ("expect: {status: done}", "'done' is none of"),
        ("expect: {outputs: {text: {matches: '('}}}", "`matches` cannot be used"),
        ("expect: {outputs: {text: {schema: {type: nothing}}}}", "`schema` cannot be used"),
        ("expect: {cost: {at_most: -1}}", "this must be a number from 0"),
        ("expect: {steps: {words: {attempts: many}}}", "this must be a number from 0"),
        ("answers: {words: {note: hm}}", "an answer needs a 'choice'"),
        ("expect: []", "expect must be a mapping"),
        ("parameters: [1]", "parameters must be a mapping"),
        ("recordings: x", "did you mean 'recording'?"),
    ],
)
async def test_what_is_wrong_in_the_file_is_told(desk: Desk, folder: Path, text: str, says: str) -> None:
    outcome = await judged(desk, folder, text)
    assert (outcome.verdict, says in outcome.problems[0].message) == ("broken", True), outcome.problems


def test_every_error_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.test.yaml"
    path.write_text("expect: {stauts: x, steps: {a: nope}}\n")
    with pytest.raises(Broken) as caught:
        read_case(path)
    assert [found.code for found in caught.value.diagnostics] == ["unknown-key", "wrong-value", "missing-key"]


async def test_a_workflow_with_errors_or_none_is_told(desk: Desk, folder: Path) -> None:
    path = folder / "tests" / "news" / "other.test.yaml"
    path.write_text("workflow: nowhere.yaml\nrecording: news.recording.jsonl\n")
    assert "There is no file" in (await run_case(desk, path)).problems[0].message
    (folder / "bad.yaml").write_text("name: Bad\nsteps: [{id: a, type: htttp}]\n")
    path.write_text("workflow: ../../bad.yaml\nrecording: news.recording.jsonl\n")
    bad = await run_case(desk, path)
    assert "bad.yaml:2:" in bad.problems[0].message
    path.write_text("workflow: ../../news.yaml\n")
    outcome = await run_case(desk, path)
    assert "There is no recording" in outcome.problems[0].message
    assert "--record" in outcome.hint


def test_words_that_are_others() -> None:
    old, new = in_words("Be brief and kind.", "Be very brief and rude.")
    assert "".join(piece for piece, _ in old) == "Be brief and kind."
    assert [piece for piece, changed in old if changed] == ["kind"]
    assert [piece.strip() for piece, changed in new if changed] == ["very", "rude"]


async def test_a_change_at_the_end_of_a_long_line_is_seen(desk: Desk, folder: Path) -> None:
    start = "Tell everybody who has to know of it, in a long and winding sentence without any end, " * 8
    for text, what in ((f"{start}quickly: ", "quickly"), (f"{start}slowly: ", "slowly")):
        lines = await changed_prompt(desk, folder, text)
        added = [line for line in lines if line.startswith("+")]
        assert len(added) == 1
        assert (what in added[0], len(added[0]) < 1000) == (True, True)
    short = await changed_prompt(desk, folder, "Say: ")
    assert short == ["request.heard: Tell: It rains. → Say: It rains."]


async def changed_prompt(desk: Desk, folder: Path, text: str) -> list[str]:
    """The lines about a request, where the prompt is another."""
    (folder / "changed.yaml").write_text(WORKFLOW.replace("Tell: ", text))
    path = folder / "tests" / "news" / "changed.test.yaml"
    path.write_text("workflow: ../../changed.yaml\nrecording: news.recording.jsonl\n")
    outcome = await run_case(desk, path)
    assert outcome.verdict == "failed"
    return [line.strip() for line, _ in problem_lines(outcome)][1:-1]


def test_of_very_long_lines_what_is_around_the_changes_is_shown() -> None:
    same = "the same words again and again, " * 40
    change = Change("", f"{same}here{same}", f"{same}there{same}")
    lines = list(lines_of("request.heard", change))
    assert lines[0] == "request.heard:"
    minus, plus = (line for line in lines if line.strip()[:1] in "-+")
    assert ("here" in minus, "there" in plus) == (True, True)
    assert max(len(minus), len(plus)) < 500
