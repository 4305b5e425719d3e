"""`understudy doctor` finds what is wrong, and each finding says what to do next."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.support.command_line import CommandLine
from tests.support.openai_server import OpenAIServer, answer


def test_a_fresh_machine_is_healthy_and_says_what_works_without_a_model(line: CommandLine) -> None:
    ended = line.run("doctor")
    assert ended.code == 0
    for words in (
        "✓ python",
        "✓ git",
        "✓ skills",
        "no OPENAI_API_KEY",
        "nothing listening",
        "`understudy demo` do not",
    ):
        assert words in ended.stdout
    assert ended.stderr == "Nothing is wrong.\n"


def test_a_key_that_was_found_is_never_called_working_and_never_shown(line: CommandLine) -> None:
    ended = line.run("doctor", OPENAI_API_KEY="sk-0123456789abcdef", UNDERSTUDY_MODEL="openai/x")
    assert "OPENAI_API_KEY found in environment, not tested" in ended.stdout
    assert "default model: openai/x" in ended.stdout
    assert "0123456789" not in ended.stdout + ended.stderr


def test_every_problem_has_its_next_action(line: CommandLine) -> None:
    line.run("runs")
    line.write(".understudy/skills/broken.py", "def broken(:\n")
    line.write(".understudy/agents/broken.md", "---\nname: x\ndescription: y\nmodle: z\n---\nprompt\n")
    line.write(".understudy/workflows/broken.yaml", "workflow: {}\n")
    (line.home / "state" / "data").chmod(0o755)
    document = line.run("doctor", "--json", PATH=str(line.home)).document
    bad = {finding["topic"]: finding for finding in document["findings"] if finding["grade"] == "bad"}
    assert document["healthy"] is False
    assert bad.keys() == {"data", "git", "skills", "agents", "workflows"}
    assert all(finding["next"] for finding in bad.values())
    assert bad["data"]["next"] == f"chmod 700 {line.home / 'state' / 'data'}"
    assert "broken.py:1" in bad["skills"]["text"]
    assert "broken.md:4" in bad["agents"]["text"]
    assert line.run("doctor", PATH=str(line.home)).code == 4


def test_keys_of_ones_own_that_clash_are_named_both(line: CommandLine) -> None:
    settings = line.home / "state" / "config" / "settings.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("keys: {history.filter: r, run.copy: f2}\n", encoding="utf-8")
    document = line.run("doctor", "--json").document
    (found,) = [finding for finding in document["findings"] if finding["topic"] == "keys"]
    assert found["grade"] == "bad"
    assert "history.filter and history.again would both be on r" in found["text"]
    settings.write_text("keys: {history.filter: [f2, Z], run.copy: Y}\n", encoding="utf-8")
    assert "2 actions have keys of your own" in line.run("doctor").stdout
    settings.write_text("keys: {history.filter: {a: b}}\n", encoding="utf-8")
    wrong = line.run("doctor")
    assert "the keys of history.filter must be a key, such as f2, or a list of them" in wrong.stdout + wrong.stderr


def test_a_damaged_journal_is_found(line: CommandLine) -> None:
    line.run("demo")
    journal = line.home / "state" / "data" / "journal" / "journal.db"
    content = bytearray(journal.read_bytes())
    content[4096 * 2 : 4096 * 4] = b"\xff" * 8192
    journal.write_bytes(content)
    ended = line.run("doctor")
    assert ended.code == 4
    assert "✗ journal" in ended.stdout
    assert "understudy db restore FILE" in ended.stdout
    assert "move" in ended.stdout
    refused = line.run("runs")
    assert (refused.code, "understudy db restore FILE" in refused.stderr) == (4, True)


def test_a_backup_is_named_where_the_journal_is_damaged(line: CommandLine) -> None:
    line.write("w.yaml", "name: W\nsteps: [{id: a, type: transform, value: 1}]\n")
    assert line.run("run", "w.yaml").code == 0
    backup = line.run("db", "backup").stdout.strip()
    journal = line.home / "state" / "data" / "journal" / "journal.db"
    journal.write_bytes(b"garbage!" * 1000)
    (found,) = [each for each in line.run("doctor", "--json").document["findings"] if each["topic"] == "journal"]
    assert (found["grade"], f"understudy db restore {backup}" in found["next"]) == ("bad", True)


@pytest.mark.parametrize("name", ["", "journal.db", "journal.lock", "owners"])
def test_what_is_not_what_belongs_in_the_journals_folder_is_found(line: CommandLine, name: str) -> None:
    place = line.home / "state" / "data" / "journal" / name
    if name in ("", "owners"):
        place.parent.mkdir(parents=True)
        place.write_text("hello")
    else:
        place.mkdir(parents=True)
    ended = line.run("doctor")
    assert ended.code == 4
    assert f"✗ journal     {place} is not what belongs there" in ended.stdout
    line.write("w.yaml", "name: W\nsteps: [{id: a, type: transform, value: 1}]\n")
    for words in (("run", "w.yaml"), *((("runs",),) if name in ("", "journal.db") else ())):
        refused = line.run(*words)
        assert (refused.code, "  next: Move it away" in refused.stderr) == (4, True), refused.stderr


async def test_a_model_is_tried_after_its_price_was_said(line: CommandLine) -> None:
    async with OpenAIServer(answer("ready")) as server:
        environ = {"OPENAI_API_KEY": "sk-0123456789abcdef", "OPENAI_BASE_URL": server.base_url}
        asked = await asyncio.to_thread(line.run, "doctor", "--model", "openai/gpt-4o", **environ)
        assert (asked.code, server.requests) == (3, [])
        assert re.search(r"openai/gpt-4o is asked one question, which costs \$0\.00\d+ at most\.", asked.stderr)
        assert "understudy doctor --model NAME --yes" in asked.stderr
        tried = await asyncio.to_thread(line.run, "doctor", "--model", "gpt-4o", "--yes", **environ)
        assert tried.code == 0, tried.stdout + tried.stderr
        assert "✓ openai/gpt-4o answered in " in tried.stdout
        assert "“ready”" in tried.stdout
        assert len(server.requests) == 1
        assert "0123456789abcdef" not in tried.stdout + tried.stderr


def test_a_model_that_cannot_be_asked_says_why_and_costs_nothing(line: CommandLine) -> None:
    no_key = line.run("doctor", "--model", "anthropic/claude-x")
    assert no_key.code == 4
    assert "ANTHROPIC_API_KEY is not set" in no_key.stderr
    assert "is asked" not in no_key.stderr
    nobody = line.run("doctor", "--model", "nobody/x")
    assert (nobody.code, "No provider answers to the model name" in nobody.stderr) == (4, True)
