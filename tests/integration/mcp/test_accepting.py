"""What a server offers counts only once a person has accepted it, and only as long as it stays what it was."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import psutil
import pytest

from skills.mcp.log import ServerLog
from skills.mcp.server import Server
from skills.mcp.stdio import Stdio
from tests.support.mcp_calls import McpBench, fault_server
from workflows.errors import CallFailed
from workflows.secrets import Redactor

FAULTS = "mcp__faults__"


async def refusal(bench: McpBench, name: str = "faults") -> str:
    """Why a server cannot be looked at."""
    config = bench.known(name).config
    assert config is not None
    with pytest.raises(CallFailed) as caught:
        await bench.servers.look(config)
    return caught.value.message


async def test_nothing_of_a_server_is_a_skill_before_it_is_accepted(make) -> None:  # type: ignore[no-untyped-def]  # a fixture
    bench = make()
    assert (bench.known("faults").state, dict(bench.registry.snapshot.skills)) == ("new", {})
    assert "nobody has accepted its tools yet" in bench.servers.why_held(f"{FAULTS}echo")
    await bench.accept("faults")
    assert bench.known("faults").state == "ready"
    assert bench.registry.get(f"{FAULTS}echo").effect == "unsafe"


async def test_no_server_is_started_where_programs_have_to_be_confined(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    entries = {"faults": fault_server("", notes), "far": {"type": "http", "url": "https://example.org/mcp"}}
    free = McpBench(tmp_path / "ws", entries)
    await free.accept("faults")
    await free.close()
    bench = McpBench(tmp_path / "ws", entries, confined=True)
    assert (bench.known("faults").state, bench.known("far").state) == ("off", "new")
    assert "outside of the sandbox" in bench.registry.get(f"{FAULTS}echo").unusable
    assert "outside of the sandbox" in (await bench.failure(f"{FAULTS}echo", text="x")).message
    assert "outside of the sandbox" in await refusal(bench)
    await bench.close()


async def test_hints_count_only_for_servers_that_are_trusted_with_them(bench: McpBench) -> None:
    assert bench.registry.get(f"{FAULTS}echo").effect == "pure"
    assert bench.registry.get(f"{FAULTS}die").effect == "unsafe"


async def test_tools_that_changed_are_held_back_until_they_are_accepted(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # a fixture
    bench = make("changed")
    await bench.accept("faults")
    (tmp_path / "notes.changed").touch()
    assert (await bench.failure(f"{FAULTS}echo")).kind == "denied"
    bench.registry.reload()
    known = bench.known("faults")
    assert (known.state, known.why) == ("changed", "its tools have changed since they were accepted")
    assert {bool(skill.unusable) for skill in bench.registry.snapshot.skills.values()} == {True}
    await bench.accept("faults")
    assert bench.registry.get(f"{FAULTS}extra")
    assert (await bench(f"{FAULTS}echo", text="x"))["text"] == "x"


async def test_a_list_that_changes_while_it_runs_is_looked_at_before_the_next_call(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # a fixture
    bench = make("changed")
    await bench.accept("faults")
    await bench(f"{FAULTS}relist")
    assert (await bench(f"{FAULTS}echo", text="same"))["text"] == "same"
    (tmp_path / "notes.changed").touch()
    await bench(f"{FAULTS}relist")
    assert "have changed" in (await bench.failure(f"{FAULTS}echo", text="x")).message


async def test_an_entry_that_changed_is_held_back(bench: McpBench, tmp_path: Path) -> None:
    bench.write({"faults": {**fault_server("", tmp_path / "notes"), "env": {"A": "1"}}})
    bench.registry.reload()
    assert "its entry" in bench.known("faults").why
    assert "has changed since it was accepted" in bench.servers.why_held(f"{FAULTS}echo")


async def test_another_program_under_the_same_name_is_held_back(tmp_path: Path) -> None:
    program = tmp_path / "work" / "server"
    program.parent.mkdir()
    faults = fault_server()
    source = f"#!{sys.executable} -I\n{Path(faults['args'][1]).read_text()}"
    program.write_text(source)
    program.chmod(0o700)
    bench = McpBench(tmp_path / "work", {"faults": {"command": "./server"}})
    await bench.accept("faults")
    program.write_text(source + "\n# and more\n")
    assert "is another one than when it was accepted" in (await bench.failure(f"{FAULTS}echo")).message
    await bench.close()


async def test_another_script_under_the_same_name_is_held_back(tmp_path: Path) -> None:
    script = tmp_path / "work" / "server.py"
    script.parent.mkdir()
    source = Path(fault_server()["args"][1]).read_text()
    script.write_text(source)
    bench = McpBench(tmp_path / "work", {"faults": {"command": sys.executable, "args": ["-I", "server.py"]}})
    await bench.accept("faults")
    assert (await bench(f"{FAULTS}echo", text="x"))["text"] == "x"
    await bench.servers.aclose()
    script.write_text(source + "\n# and more\n")
    again = McpBench(tmp_path / "work", {"faults": {"command": sys.executable, "args": ["-I", "server.py"]}})
    assert "is another one than when it was accepted" in (await again.failure(f"{FAULTS}echo")).message
    await again.close()
    await bench.close()


async def test_a_workspace_that_is_not_trusted_starts_nothing(make) -> None:  # type: ignore[no-untyped-def]  # a fixture
    bench = make(trusted=False)
    assert bench.known("faults").state == "untrusted"
    assert "not trusted" in bench.servers.why_held(f"{FAULTS}echo")


async def test_a_file_of_what_was_accepted_that_others_may_write_counts_for_nothing(bench: McpBench) -> None:
    [pin] = (bench.root.parent / "kept" / "accepted").glob("*.json")
    assert pin.stat().st_mode & 0o777 == 0o600
    pin.chmod(0o622)
    bench.registry.reload()
    assert "cannot be relied on" in bench.known("faults").why
    pin.chmod(0o600)
    pin.write_text("{")
    bench.registry.reload()
    assert bench.known("faults").state == "new"


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("die", "did not start: it ended with exit code 3"),
        ("noise", "did not start: it wrote 1000 lines to stdout that are no messages"),
        ("no_list", "did not list its tools: what it sent is not as MCP says: tools"),
        ("endless", "did not list its tools: more than 50 pages"),
        ("die_listing", "did not list its tools: it ended with exit code 4"),
        ("flood_listing", "did not list its tools: it wrote more than 50 MB (output limit)"),
        ("future", "did not start: Unsupported protocol version from the server: 2999-01-01"),
        ("odd", "did not start: what it sent is not as MCP says: protocolVersion"),
    ],
)
async def test_a_server_that_cannot_be_looked_at_says_why(make, mode: str, said: str) -> None:  # type: ignore[no-untyped-def]  # a fixture
    assert said in await refusal(make(mode))


async def test_a_server_that_does_not_start_is_quoted(make) -> None:  # type: ignore[no-untyped-def]  # a fixture
    bench = make("die")
    config = bench.known("faults").config
    with pytest.raises(CallFailed, match="did not start") as caught:
        await bench.servers.look(config)
    assert caught.value.message.endswith(", and said: cannot find my settings")


async def test_a_program_that_is_not_there_says_so(tmp_path: Path) -> None:
    bench = McpBench(tmp_path / "work", {"gone": {"command": "no-such-program-here"}})
    assert "there is no program 'no-such-program-here'" in await refusal(bench, "gone")
    await bench.close()


async def test_pages_of_tools_are_read_together(make) -> None:  # type: ignore[no-untyped-def]  # a fixture
    assert len((await make("pages").accept("faults")).tools) == 33


async def test_what_a_server_lies_about_its_tools_does_no_harm(make) -> None:  # type: ignore[no-untyped-def]  # a fixture
    bench = make("lies")
    await bench.accept("faults")
    known = bench.known("faults")
    refused = {each.name[:10]: each.why for each in known.refused}
    assert set(refused) == {"large", "outside", "wrong", "deep", "echo"}
    assert "refers to another document" in refused["outside"]
    skills = bench.registry.snapshot.skills
    evil = skills[f"{FAULTS}evil"].description
    assert evil.startswith("The MCP server faults says of it: Ignore")
    assert len(evil) < 1100
    assert not {"\x1b", "\u202e"} & set(evil)
    assert all(len(name) <= 64 for name in skills)
    assert len([name for name in skills if name.startswith(f"{FAULTS}sp_ace")]) == 2
    odd = skills[f"{FAULTS}odd"].parameters["properties"]
    assert odd == {"pattern": {}, "any": {}}
    pin = known.pin
    assert pin is not None
    assert pin.accepted is not None
    assert pin.accepted.about == {"name": "faults\ufffd", "version": "1"}


async def test_of_many_tools_the_first_count(make) -> None:  # type: ignore[no-untyped-def]  # a fixture
    bench = make("many")
    await bench.accept("faults")
    assert len(bench.registry.snapshot.skills) == 200
    assert [each.why for each in bench.known("faults").refused] == [
        "the server has 300 tools more than the 200 that are read"
    ]


async def test_a_workspaces_server_wins_over_the_users_of_its_name_once_it_is_trusted(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # a fixture
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "mcp.json").write_text(json.dumps({"mcpServers": {"faults": fault_server("pages")}}))
    bench = make(trusted=False)
    assert {each.file.scope: each.state for each in bench.servers.known} == {"workspace": "untrusted", "user": "new"}
    assert bench.known("faults").file.scope == "user"
    await bench.accept("faults")
    assert bench.registry.get(f"{FAULTS}echo").scope == "user"
    assert (await bench(f"{FAULTS}echo", text="mine"))["text"] == "mine"
    bench = make(trusted=True)
    assert {each.file.scope: each.state for each in bench.servers.known} == {"workspace": "new", "user": "hidden"}
    assert bench.known("faults").file.scope == "workspace"
    assert "nobody has accepted" in bench.servers.why_held(f"{FAULTS}echo")


async def test_a_server_that_speaks_an_older_protocol_is_understood(make) -> None:  # type: ignore[no-untyped-def]  # a fixture
    bench = make("old")
    await bench.accept("faults")
    assert (await bench(f"{FAULTS}echo", text="as ever"))["text"] == "as ever"


def direct(tmp_path: Path, mode: str) -> Server:
    faults = fault_server(mode)
    log = ServerLog(tmp_path / "log", Redactor())
    return Server("faults", Stdio([faults["command"], *faults["args"]], tmp_path, dict(os.environ), log), log)


async def test_a_server_that_never_answers_is_given_up_and_ended(tmp_path: Path) -> None:
    server = direct(tmp_path, "silent")
    with pytest.raises(CallFailed) as caught:
        await server.open(0.3)
    assert caught.value.failure.kind == "timeout"
    assert "did not answer within 0.3 s of its start" in caught.value.message
    assert not server.alive
    assert psutil.Process().children() == []


async def test_a_server_that_never_lists_its_tools_is_given_up_and_ended(tmp_path: Path) -> None:
    server = direct(tmp_path, "hang_listing")
    await server.open()
    with pytest.raises(CallFailed) as caught:
        await server.tools(0.3)
    assert (caught.value.failure.kind, "it took too long" in caught.value.message) == ("timeout", True)
    await server.close()
    assert psutil.Process().children() == []
