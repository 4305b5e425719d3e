"""A server's tools as skills: what comes back, and that each way of being wrong leaves a defined state."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import psutil
import pytest

from tests.support.clocks import leap
from tests.support.mcp_calls import McpBench, fault_server
from workflows.errors import CallFailed, Failure

FAULTS = "mcp__faults__"


def calls(tmp_path: Path, tool: str) -> int:
    """How often the server heard of a call."""
    notes = tmp_path / "notes"
    return notes.read_text().splitlines().count(tool) if notes.exists() else 0


async def test_a_tool_is_called_and_answers(bench: McpBench) -> None:
    result = await bench(f"{FAULTS}echo", text="hello \x1b[31mred")
    assert result == {"text": "hello red", "data": None, "files": [], "left_out": []}


async def test_arguments_are_checked_before_a_server_is_asked(bench: McpBench, tmp_path: Path) -> None:
    failure = await bench.failure(f"{FAULTS}echo", text=5)
    assert (failure.kind, calls(tmp_path, "echo")) == ("validation", 0)


async def test_a_tool_that_says_it_failed_has_failed(bench: McpBench) -> None:
    failure = await bench.failure(f"{FAULTS}fails")
    assert (failure.kind, failure.message) == ("business", "fails failed: the disk is full�")


async def test_a_refused_call_has_failed(bench: McpBench) -> None:
    failure = await bench.failure(f"{FAULTS}refuses")
    assert (failure.kind, failure.message) == (
        "validation",
        "the MCP server 'faults' refused refuses: no such thing",
    )


async def test_a_server_that_dies_during_an_unsafe_call_leaves_it_unknown(bench: McpBench, tmp_path: Path) -> None:
    failure = await bench.unknown(f"{FAULTS}die")
    assert "was lost during die: it ended with exit code 7, and said: fatal: out of cheese" in failure.message
    assert "out of cheese" in failure.detail["stderr"]
    assert calls(tmp_path, "die") == 1
    assert (await bench(f"{FAULTS}echo", text="again"))["text"] == "again"


async def test_a_call_that_changes_nothing_is_repeated_once_where_the_server_died(
    bench: McpBench, tmp_path: Path
) -> None:
    assert (await bench(f"{FAULTS}die_once"))["text"] == "alive"
    assert calls(tmp_path, "die_once") == 2


async def test_a_server_that_ended_after_an_answer_is_started_again(bench: McpBench) -> None:
    assert (await bench(f"{FAULTS}vanish"))["text"] == "gone after this"
    assert (await bench(f"{FAULTS}echo", text="back"))["text"] == "back"


async def given_up(bench: McpBench, tmp_path: Path, tool: str) -> Failure:
    """A call whose time is over once the server has heard of it."""
    task = asyncio.ensure_future(bench.unknown(f"{FAULTS}{tool}", deadline=500))
    while not calls(tmp_path, tool):
        await asyncio.sleep(0.01)
    leap(500)
    return await task


async def test_a_call_that_hangs_is_given_up_and_the_server_is_replaced(
    bench: McpBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = await given_up(bench, tmp_path, "hang")
    assert failure.kind == "timeout"
    monkeypatch.setattr("skills.mcp.server.PING_SECONDS", 0.1)
    assert (await bench(f"{FAULTS}echo", text="on"))["text"] == "on"


async def test_a_call_that_is_never_answered_is_given_up_and_the_server_kept(
    bench: McpBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench(f"{FAULTS}echo", text="start")
    before = servers()
    await given_up(bench, tmp_path, "deaf")
    monkeypatch.setattr("skills.mcp.server.PING_SECONDS", 60)
    assert (await bench(f"{FAULTS}echo", text="on"))["text"] == "on"
    assert servers() == before


async def test_a_server_that_is_replaced_still_answers_whom_it_works_for(
    bench: McpBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skills.mcp.server.PING_SECONDS", 0.1)
    await bench(f"{FAULTS}echo", text="start")
    napping = asyncio.create_task(bench(f"{FAULTS}nap"))
    while not calls(tmp_path, "nap"):
        await asyncio.sleep(0.01)
    # It hears nothing meanwhile, so the time of the other call is over at once.
    await bench.unknown(f"{FAULTS}deaf", deadline=0.2)
    assert (await bench(f"{FAULTS}echo", text="on"))["text"] == "on"
    assert len(servers()) == 2
    (tmp_path / "notes.wake").touch()
    assert (await napping)["text"] == "rested"
    assert len(servers()) == 1


def servers() -> set[int]:
    """The processes of servers, without the keepers that stand above them."""
    found: set[int] = set()
    for each in psutil.Process().children(recursive=True):
        try:
            words = each.cmdline()
        except psutil.Error:
            continue  # it has ended meanwhile
        if any("mcp_faults" in word for word in words) and not any(word.endswith("launch.py") for word in words):
            found.add(each.pid)
    return found


@pytest.mark.parametrize("tool", ["flood", "long"])
async def test_a_flood_is_ended(bench: McpBench, tool: str) -> None:
    failure = await bench.unknown(f"{FAULTS}{tool}")
    assert "(output limit)" in failure.message
    assert not servers()


async def test_what_is_no_message_is_noted_and_passed_over(bench: McpBench) -> None:
    assert (await bench(f"{FAULTS}noise"))["text"] == "heard anyway"
    config = bench.known("faults").config
    assert config is not None
    assert "stdout, no message: this is no JSON" in bench.servers.log_of(config).read_text()


async def test_answers_to_other_calls_are_passed_over(bench: McpBench) -> None:
    assert (await bench(f"{FAULTS}wrong_id"))["text"] == "for you"


@pytest.mark.parametrize("tool", ["no_result", "empty", "null", "bytes", "unfit"])
async def test_an_answer_that_is_none_leaves_the_call_unknown(bench: McpBench, tool: str) -> None:
    failure = await bench.unknown(f"{FAULTS}{tool}")
    assert f"answered {tool} with what is no answer" in failure.message
    assert (await bench(f"{FAULTS}echo", text="on"))["text"] == "on"


@pytest.mark.parametrize(("tool", "said"), [("twice", "first"), ("early", "in time"), ("nested", "not too deep")])
async def test_of_several_answers_the_first_one_to_a_call_counts(bench: McpBench, tool: str, said: str) -> None:
    assert (await bench(f"{FAULTS}{tool}"))["text"] == said
    assert (await bench(f"{FAULTS}echo", text="mine"))["text"] == "mine", "and none of the next"


async def test_an_error_with_the_number_of_lost_connections_is_the_tools_own(bench: McpBench) -> None:
    await bench(f"{FAULTS}echo", text="start")
    before = servers()
    failure = await bench.failure(f"{FAULTS}both")
    assert (failure.kind, failure.message) == ("business", "the MCP server 'faults' refused both: it failed")
    assert servers() == before


async def test_what_a_server_asks_of_us_is_refused(bench: McpBench) -> None:
    answers = json.loads((await bench(f"{FAULTS}asks"))["text"])
    assert answers == [["error", "id", "jsonrpc"]] * 3


async def test_a_server_that_talks_without_end_between_calls_is_ended_and_started_again(bench: McpBench) -> None:
    assert (await bench(f"{FAULTS}chatter"))["text"] == "and now I talk"
    async with asyncio.timeout(60):
        while servers():
            await asyncio.sleep(0.02)
    assert (await bench(f"{FAULTS}echo", text="quiet"))["text"] == "quiet"


async def test_an_answer_too_long_is_cut_and_says_so(bench: McpBench) -> None:
    result = await bench(f"{FAULTS}huge")
    assert len(result["text"]) < 300_000
    assert result["data"] is None
    assert result["left_out"] == ["structured data of more than 512 KB"]


async def test_images_become_files_and_links_stay_links(bench: McpBench) -> None:
    image, link, inner = (await bench(f"{FAULTS}files"))["files"]
    path = Path(image["path"])
    assert (image["mime"], path.suffix, path.stat().st_size, path.stat().st_mode & 0o777) == (
        "image/png",
        ".png",
        image["bytes"],
        0o600,
    )
    assert link == {"kind": "link", "uri": "https://example.org/x", "name": "x", "mime": ""}
    assert inner["text"] == "inside"


async def test_stderr_goes_to_a_log_of_bounded_size(bench: McpBench, capfd: pytest.CaptureFixture[str]) -> None:
    await bench(f"{FAULTS}stderr")
    await bench.close()
    config = bench.known("faults").config
    assert config is not None
    log = bench.servers.log_of(config)
    assert log.stat().st_size <= 1024 * 1024
    assert log.stat().st_mode & 0o777 == 0o600
    assert b"\x1b" not in log.read_bytes()
    assert capfd.readouterr().err == ""


async def test_nothing_of_a_server_is_left_when_we_end(bench: McpBench) -> None:
    orphan = int((await bench(f"{FAULTS}orphan"))["text"])
    assert psutil.pid_exists(orphan)
    await bench.close()
    assert not psutil.pid_exists(orphan)
    assert not servers()


async def test_a_server_sees_little_of_the_environment(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # a fixture
    bench = make(
        environ={"OPENAI_API_KEY": "sk-canary-123456", "TOKEN": "canary-token-987"}, variables=("TOKEN", "NOT_SET")
    )
    entry = json.loads(bench.file.read_text())["mcpServers"]["faults"]
    bench.write({"faults": {**entry, "env": {"GIVEN": "it is ${TOKEN}", "PLAIN": "${NOT_SET:-default}"}}})
    bench.registry.reload()
    await bench.accept("faults")
    text = (await bench(f"{FAULTS}environ"))["text"]
    assert "canary" not in text
    seen = json.loads(text)
    assert seen["PLAIN"] == "default"
    assert seen["PATH"] == os.environ["PATH"]
    assert "it is" in seen["GIVEN"]
    assert "OPENAI_API_KEY" not in seen


async def test_progress_is_heard(bench: McpBench) -> None:
    said: list[str] = []
    from dataclasses import replace

    bench.context = replace(bench.context, log=said.append)
    assert (await bench(f"{FAULTS}slow"))["text"] == "done"
    assert any("brewing" in line for line in said)


async def test_calls_side_by_side_share_one_server(bench: McpBench) -> None:
    results = await asyncio.gather(*(bench(f"{FAULTS}echo", text=str(number)) for number in range(5)))
    assert [result["text"] for result in results] == ["0", "1", "2", "3", "4"]
    assert len(servers()) == 1


async def test_what_the_environment_lends_a_server_stands_in_no_log(bench: McpBench, tmp_path: Path) -> None:
    bench = McpBench(
        tmp_path / "other",
        {"faults": {**fault_server("die"), "env": {"TOKEN": "${TOKEN}"}, "args": ["-c", SPILLS]}},
        environ={"TOKEN": "canary-token-987"},
        variables=("TOKEN",),
    )
    config = bench.known("faults").config
    assert config is not None
    with pytest.raises(CallFailed) as caught:
        await bench.servers.look(config)
    assert "canary" not in f"{caught.value.message}{caught.value.failure}"
    assert "canary" not in bench.servers.log_of(config).read_text()
    assert "token is" in bench.servers.log_of(config).read_text()


SPILLS = "import os, sys; sys.exit('my token is ' + os.environ['TOKEN'])"
