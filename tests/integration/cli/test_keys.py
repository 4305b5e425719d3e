"""`understudy keys` and `understudy mcp add`: what the Setup screen does, typed."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from tests.support.command_line import CommandLine

KEY = "sk-0123456789-abcdef"


def test_a_key_goes_in_and_never_comes_out(line: CommandLine) -> None:
    assert "No keys are kept" in line.run("keys", "list").stderr
    kept = line.run("keys", "set", "OPENAI_API_KEY", stdin=f"{KEY}\n", OPENAI_API_KEY="")
    assert kept.code == 0
    assert "only you can read" in kept.stderr
    listed = line.run("keys", "list", "--json").document
    assert [(each["name"], each["place"]) for each in listed["keys"]] == [("OPENAI_API_KEY", "file")]
    path = Path(listed["file"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    doctor = line.run("doctor")
    assert "OPENAI_API_KEY kept in" in doctor.stdout
    assert KEY not in doctor.stdout + kept.stderr + json.dumps(listed)
    assert line.run("keys", "remove", "OPENAI_API_KEY").code == 0
    assert line.run("keys", "remove", "OPENAI_API_KEY").code == 2


def test_a_key_is_no_argument_and_a_name_is_one_of_a_provider(line: CommandLine) -> None:
    refused = line.run("keys", "set", "OPENAI_API_KEY", KEY)
    assert (refused.code, KEY in refused.stderr) == (2, False)
    wrong = line.run("keys", "set", "OPENAI_KEY", stdin=KEY)
    assert (wrong.code, "OPENAI_API_KEY" in wrong.stderr) == (2, True)
    assert line.run("keys", "set", "GROQ_API_KEY", stdin="no key\n").code == 2


def test_a_server_is_written_down_and_named_with_what_is_next(line: CommandLine) -> None:
    added = line.run("mcp", "add", "time", "uvx", "mcp-server-time", "--local-timezone=UTC")
    assert (added.code, "understudy mcp accept time" in added.stderr) == (0, True)
    entry = json.loads((line.cwd / ".mcp.json").read_text())["mcpServers"]["time"]
    assert entry == {"command": "uvx", "args": ["mcp-server-time", "--local-timezone=UTC"]}
    assert line.run("mcp", "add", "time", "other").code == 2
    own = line.run("mcp", "add", "--user", "web", "https://example.org/mcp")
    assert "https://example.org/mcp" in Path(own.stdout.strip()).read_text()
