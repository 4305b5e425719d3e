"""Reading `mcpServers`: what other clients write is taken, and what is wrong is said with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from skills.mcp.config import read_file
from skills.mcp.files import File
from skills.mcp.json_places import NotJson, read


def at(tmp_path: Path, text: str, *, own: bool = False) -> File:
    path = tmp_path / ".mcp.json"
    path.write_text(text)
    return File(path, "user") if own else File(path, "workspace", tmp_path)


def problems(tmp_path: Path, entry: str, *allowed: str) -> list[str]:
    """What is wrong with one entry called `a`, each with line and column."""
    file = at(tmp_path, '{"mcpServers": {\n  "a": ' + entry + "\n}}")
    _, broken, found = read_file(file, lambda name: name in allowed)
    return [f"{each.line}:{each.column} {each.message}" for each in (*found, *(bad.problem for bad in broken))]


def test_what_other_clients_write_is_read(tmp_path: Path) -> None:
    text = """\ufeff{
\t"mcpServers": {
\t\t"plain": {"command": "uvx", "args": ["x", "--y"], "env": {"A": "1"}, "autoApprove": ["all"], "timeout": 5},
\t\t"web": {"type": "streamable-http", "url": "https:\\/\\/example.org/mcp", "headers": {"X-Key": "\\ud83d\\ude00"}},
\t\t"short": {"url": "http://localhost:1/mcp", "disabled": true}
\t},
\t"other": 1
}"""
    servers, broken, found = read_file(at(tmp_path, text), lambda name: False)
    plain, web, short = servers
    assert (broken, found) == ([], [])
    assert (plain.line, plain.transport, plain.args, plain.ignored) == (
        3,
        "stdio",
        ("x", "--y"),
        ("autoApprove", "timeout"),
    )
    assert (web.transport, web.url, web.headers) == ("http", "https://example.org/mcp", {"X-Key": "😀"})
    assert (short.transport, short.disabled) == ("http", True)


@pytest.mark.parametrize("key", ["httpUrl", "serverUrl"])
def test_an_address_is_one_whatever_other_clients_call_it(tmp_path: Path, key: str) -> None:
    text = f'{{"mcpServers": {{"a": {{"{key}": "https://example.org/mcp"}}}}}}'
    ((server,), broken, found) = read_file(at(tmp_path, text), lambda name: False)
    assert (server.transport, server.url, server.ignored, broken, found) == (
        "http",
        "https://example.org/mcp",
        (),
        [],
        [],
    )


def test_a_file_of_another_program_without_servers_is_nothing(tmp_path: Path) -> None:
    assert read_file(at(tmp_path, '{"inputs": []}'), lambda name: False) == ([], [], [])
    assert read_file(File(tmp_path / "not there.json", "user"), lambda name: False) == ([], [], [])


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("5", "2:3 the MCP server 'a': an entry is an object"),
        ("{}", "2:3 the MCP server 'a': it needs a command"),
        ('{"command": 5}', "2:9 the MCP server 'a': 'command' must be a text"),
        ('{"command": "x", "args": "y"}', "2:25 the MCP server 'a': 'args' must be a list of texts"),
        ('{"command": "x", "args": ["y",\n 5]}', "3:2 the MCP server 'a': an argument must be a text"),
        ('{"command": "x", "env": {"A": 1}}', "2:33 the MCP server 'a': A must be a text"),
        ('{"command": "x", "env": {"A=B": "1"}}', "2:33 the MCP server 'a': 'A=B' cannot be a name here"),
        ('{"url": "https://e.org", "headers": {"A B": "1"}}', "2:45 the MCP server 'a': 'A B' cannot be a name here"),
        (
            '{"type": "sse", "url": "https://e.org"}',
            "2:9 the MCP server 'a': 'sse' is the old transport, which is not spoken here",
        ),
        ('{"type": "htp", "url": "https://e.org"}', "2:9 the MCP server 'a': 'htp' is no type"),
        ('{"command": "x", "url": "https://e.org"}', "2:25 the MCP server 'a': it has both a command and a url"),
        ('{"url": "ftp://e.org"}', "2:9 the MCP server 'a': it needs a url"),
        ('{"command": "x", "disabled": "no"}', "2:25 the MCP server 'a': 'disabled' must be true or false"),
        ('{"command": "${X"}', "2:9 the MCP server 'a': '${X' names no variable"),
        (
            '{"command": "x", "args": ["${KEY}"]}',
            "2:34 the MCP server 'a': a workspace's file may not read the variable KEY",
        ),
        ('{"command": "x", "command": "y"}', "2:25 'command' is given twice"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, entry: str, said: str) -> None:
    assert problems(tmp_path, entry) == [said]


def test_a_workspaces_file_names_only_variables_that_are_allowed(tmp_path: Path) -> None:
    entry = '{"command": "x", "args": ["${HOME}/x", "${KEY:-none}"]}'
    assert problems(tmp_path, entry, "KEY") == []
    assert "may not read the variable KEY" in problems(tmp_path, entry)[0]
    servers, broken, _ = read_file(at(tmp_path, '{"mcpServers": {"a": ' + entry + "}}", own=True), lambda name: False)
    assert (servers[0].reads, broken) == (("HOME", "KEY"), [])


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("{", 1, 2), ('{"a": 1,}', 1, 9), ("// x\n{}", 1, 1), ('{"a": [1, 2}', 1, 12), ("[" * 100_000, 1, 1), ("", 1, 1)],
)
def test_what_is_no_json_is_said_with_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(NotJson) as caught:
        read(text)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_one_name_for_two_servers_is_refused(tmp_path: Path) -> None:
    text = (
        '{"mcpServers": {"my server": {"command": "x"}, "my_server": {"command": "y"}, "my__server": {"command": "z"}}}'
    )
    servers, broken, _ = read_file(at(tmp_path, text), lambda name: False)
    assert [each.key for each in servers] == ["my_server"]
    assert ["could not be told from those of 'my server'" in each.why for each in broken] == [True, True]


def test_a_name_that_could_act_on_a_terminal_is_refused(tmp_path: Path) -> None:
    text = '{"mcpServers": {"a\\u001b[2Jb": {"command": "x"}, "c\\u202e": {"command": "x"}, "": {"command": "x"}}}'
    servers, broken, _ = read_file(at(tmp_path, text), lambda name: False)
    assert servers == []
    assert [each.why for each in broken] == ["its name cannot be shown as it is"] * 3
    assert not {"\x1b", "\u202e"} & set("".join(each.name + each.problem.message for each in broken))


def test_a_link_that_leads_out_of_the_workspace_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "outside.json").write_text("{}")
    root = tmp_path / "work"
    root.mkdir()
    (root / ".mcp.json").symlink_to(tmp_path / "outside.json")
    _, _, found = read_file(File(root / ".mcp.json", "workspace", root), lambda name: False)
    assert [each.message for each in found] == ["this link leads out of the workspace"]
