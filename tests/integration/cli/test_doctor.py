"""`understudy doctor` finds what is wrong, and each finding says what to do next."""

from __future__ import annotations

from tests.support.command_line import CommandLine


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


def test_a_damaged_journal_is_found(line: CommandLine) -> None:
    line.run("demo")
    journal = line.home / "state" / "data" / "journal" / "journal.db"
    content = bytearray(journal.read_bytes())
    content[4096 * 2 : 4096 * 4] = b"\xff" * 8192
    journal.write_bytes(content)
    ended = line.run("doctor")
    assert ended.code == 4
    assert "✗ journal" in ended.stdout
    assert "move" in ended.stdout
