"""Writing an MCP server down: what is there stays, and what cannot be read is not guessed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.paths import Paths
from app.server_entries import add_server, read_entry
from workflows.errors import UnderstudyError


def paths(tmp: Path) -> Paths:
    (tmp / "project").mkdir()
    return Paths(tmp / "config", tmp / "data", tmp / "log", tmp / "project")


def test_a_server_is_added_to_those_that_are_there(tmp_path: Path) -> None:
    here = paths(tmp_path)
    file = here.root / ".mcp.json"
    file.write_text('{"other": 1, "mcpServers": {"a": {"command": "a"}}}')
    assert add_server(here, "time", "uvx 'mcp server' --tz=UTC") == file
    assert json.loads(file.read_text()) == {
        "other": 1,
        "mcpServers": {"a": {"command": "a"}, "time": {"command": "uvx", "args": ["mcp server", "--tz=UTC"]}},
    }
    own = add_server(here, "web", "https://example.org/mcp", user=True)
    assert json.loads(own.read_text()) == {"mcpServers": {"web": {"type": "http", "url": "https://example.org/mcp"}}}


@pytest.mark.parametrize(
    ("name", "text", "there", "words"),
    [
        ("a", "uvx x", '{"mcpServers": {"a": {}}}', "has a server 'a' already"),
        ("a", "uvx x", '{"mcpServers": []}', "is no list of servers"),
        ("a", "uvx x", "[]", "is no JSON object"),
        ("a", "uvx x", "{", "is no JSON"),
        ("no name", "uvx x", "{}", "is no name for a server"),
        ("a", "uvx 'x", "{}", "cannot be read"),
        ("a", " ", "{}", "a command or an address"),
        ("a", "https://a b", "{}", "holds no blanks"),
    ],
)
def test_what_cannot_be_is_refused_and_the_file_stays(
    tmp_path: Path, name: str, text: str, there: str, words: str
) -> None:
    here = paths(tmp_path)
    file = here.root / ".mcp.json"
    file.write_text(there)
    with pytest.raises(UnderstudyError) as caught:
        add_server(here, name, text)
    assert words in caught.value.message
    assert file.read_text() == there


def test_no_shell_reads_the_command() -> None:
    assert read_entry("run $(id) && x; y") == {"command": "run", "args": ["$(id)", "&&", "x;", "y"]}
