"""`understudy mcp`: from a file to a step that calls a server's tool, as a new user would do it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.command_line import CommandLine
from tests.support.mcp_calls import fault_server

FLOW = "name: t\nsteps:\n  - {id: a, type: skill, skill: mcp__faults__echo, parameters: {text: hello}}\n"


def configure(line: CommandLine, **entries: Any) -> Path:
    return line.write(".mcp.json", json.dumps({"mcpServers": entries}, indent=1))


def test_without_servers_it_says_how_to_add_one(line: CommandLine) -> None:
    ended = line.run("mcp", "list")
    assert (ended.code, ended.stdout) == (0, "")
    assert '{"mcpServers": {"time": {"command": "uvx", "args": ["mcp-server-time"]}}}' in ended.stderr
    assert line.run("mcp", "list", "--json").document["servers"] == []


def test_a_server_is_trusted_accepted_and_called(line: CommandLine) -> None:
    configure(line, faults=fault_server("changed", line.cwd / "notes"))
    line.write("flow.yaml", FLOW)
    assert "understudy trust" in line.run("mcp", "list").stderr
    assert line.run("mcp", "accept", "faults", "--yes").code == 2
    assert line.run("trust", "--yes").code == 0
    refused = line.run("validate", "flow.yaml")
    assert refused.code == 2
    assert "understudy mcp accept faults" in refused.stdout + refused.stderr
    for command in ("show", "try"):
        held = line.run("skills", command, "mcp__faults__echo")
        assert (held.code, "`understudy mcp accept faults`" in held.stderr) == (2, True)
    assert line.run("mcp", "accept", "faults").code == 3
    accepted = line.run("mcp", "accept", "faults", "--yes", "--json").document["server"]
    assert accepted["state"] == "ready"
    ended = line.run("run", "flow.yaml", "--json")
    assert ended.code == 0
    (line.cwd / "notes.changed").touch()
    checked = line.run("mcp", "check", "faults")
    assert checked.code == 4
    assert "+" in checked.stdout
    assert "evil.example" in checked.stdout
    assert "added: extra" in checked.stdout
    shown = line.run("mcp", "show", "faults", "--json").document["server"]
    assert [(each["what"], each["tool"]) for each in shown["changes"]] == [
        ("changed", "echo"),
        ("added", "extra"),
    ]
    assert line.run("run", "flow.yaml").code == 2
    assert "! mcp         faults: its tools have changed" in line.run("doctor").stdout
    assert line.run("mcp", "forget", "faults").code == 0
    assert line.run("mcp", "show", "faults", "--json").document["server"]["state"] == "new"


def test_what_is_wrong_in_a_file_is_said_with_its_place(line: CommandLine) -> None:
    configure(line, faults={"command": 5}, other={"type": "sse", "url": "https://example.org"})
    line.run("trust", "--yes")
    ended = line.run("mcp", "list")
    assert "'command' must be a text" in ended.stderr
    assert ".mcp.json:4:4" in ended.stderr
    assert "'sse' is the old transport" in ended.stderr
    line.write(".mcp.json", '{"mcpServers": {\n  "a": {},}}')
    assert ".mcp.json:2:11" in line.run("mcp", "list").stderr
    assert line.run("doctor").code == 4


def test_an_unknown_name_is_answered_with_one_that_looks_alike(line: CommandLine) -> None:
    configure(line, faults=fault_server())
    ended = line.run("mcp", "show", "fault")
    assert ended.code == 2
    assert "Did you mean 'faults'?" in ended.stderr
