"""The proof of MCP servers: real ones, from the registries, serve their tools to steps and to an agent.

`python -m tests.proof.mcp` (or `./dev proof mcp`) makes an environment for each in the user's cache, as they are pinned
in `tests/proof/servers/`, and does with each what a new user would do, from the command line.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import yaml

from benchmarks.environments import NotInstalled, cache_folder, environment
from tests.proof.node_environment import node_programs
from tests.proof.table import print_table
from tests.support.command_line import CommandLine

PINS = Path(__file__).parent / "servers"


@dataclass(frozen=True)
class Wanted:
    """A server and what is called of it: a step's tool with words of its answer, and the same for an agent."""

    name: str
    package: str
    args: tuple[str, ...] = ()
    tool: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    words: str = ""
    refused: tuple[str, Mapping[str, Any]] | None = None


def wanted(work: Path) -> tuple[Wanted, ...]:
    zone = {"timezone": "Europe/Berlin"}
    repo = {"repo_path": str(work)}
    return (
        Wanted(
            "time",
            "mcp-server-time",
            (),
            "get_current_time",
            zone,
            "is_dst",
            ("get_current_time", {"timezone": "Nowhere"}),
        ),
        Wanted(
            "git",
            "mcp-server-git",
            (),
            "git_status",
            repo,
            "On branch main",
            ("git_checkout", {**repo, "branch_name": "no"}),
        ),
        Wanted(
            "everything",
            "@modelcontextprotocol/server-everything",
            (),
            "get-sum",
            {"a": 2, "b": 40},
            "The sum of 2 and 40 is 42",
        ),
        Wanted(
            "filesystem",
            "@modelcontextprotocol/server-filesystem",
            (str(work),),
            "read_text_file",
            {"path": str(work / "note.txt")},
            "kept here",
            ("read_text_file", {"path": "/etc/passwd"}),
        ),
    )


def program(server: Wanted, cache: Path) -> str:
    """The server's program, installed where it is not there as pinned. Raises NotInstalled."""
    if not server.package.startswith("@"):
        python = environment(f"mcp-{server.name}", cache, PINS / f"{server.name}.txt")
        return str(python.parent / server.package)
    programs = node_programs("mcp-npm", cache, PINS)
    return str(programs / server.package.rpartition("/")[2].replace("server-", "mcp-server-"))


@dataclass
class Played:
    """What became of one server."""

    server: Wanted
    found: list[str] = field(default_factory=list)
    tools: int = 0
    refused: int = 0
    version: str = ""
    seconds: float = 0.0

    def check(self, fine: bool, what: str) -> None:
        if not fine:
            self.found.append(what)


def play(server: Wanted, command: str, line: CommandLine) -> Played:
    """What a new user does with a server: configure, trust, accept, call it from a step, give it to an agent."""
    played = Played(server)
    line.write(".mcp.json", json.dumps({"mcpServers": {server.name: {"command": command, "args": list(server.args)}}}))
    line.run("trust", "--yes")
    accepted = line.run("mcp", "accept", server.name, "--yes", "--json")
    if accepted.code:
        played.found.append(f"not accepted: {accepted.stderr[-300:]}")
        return played
    known = accepted.document["server"]
    played.tools, played.refused = len(known["tools"]), len(known["refused"])
    began = time.monotonic()
    checked = line.run("mcp", "check", server.name, "--json").document
    played.seconds = time.monotonic() - began
    played.version = checked["about"].get("version", "")
    played.check(checked["works"], "checked right after it was accepted, it is held back")
    skill = f"mcp__{server.name}__{server.tool}"
    played.check(server.words in said_by_step(line, skill, server.given), f"{skill} did not say {server.words!r}")
    if server.refused:
        tool, given = server.refused
        failed = run_step(line, f"mcp__{server.name}__{tool}", given)
        played.check(failed.code == 1, f"a call that {tool} refuses ended with exit code {failed.code}")
    played.check(server.words in said_to_agent(line, skill, server.given), f"{skill} told an agent something else")
    left = [each for each in psutil.process_iter(["cmdline"]) if command in (each.info["cmdline"] or ())]
    played.check(not left, f"{len(left)} processes are left")
    return played


def run_step(line: CommandLine, skill: str, given: Mapping[str, Any]) -> Any:
    step = {"id": "a", "type": "skill", "skill": skill, "parameters": dict(given), "on_failure": "abort"}
    flow = {"name": "t", "steps": [step], "outputs": {"a": "${{ steps.a.output }}"}}
    line.write("flow.yaml", yaml.safe_dump(flow))
    return line.run("run", "flow.yaml", "--json")


def said_by_step(line: CommandLine, skill: str, given: Mapping[str, Any]) -> str:
    ended = run_step(line, skill, given)
    return json.dumps(ended.document.get("outputs")) if ended.code == 0 else ended.stdout + ended.stderr


def said_to_agent(line: CommandLine, skill: str, given: Mapping[str, Any]) -> str:
    """What an agent whose lines are written down hears of its call: it stands in the run's journal."""
    call = {"name": skill, "arguments": dict(given)}
    script = json.dumps([{"tool_calls": [call]}, {"text": "I asked."}])
    matter = f"name: asker\ndescription: Asks once.\ntools: [{skill}]\nscript: {script}"
    line.write(".understudy/agents/asker.md", f"---\n{matter}\n---\nAsk.\n")
    line.write("ask.yaml", "name: t\nsteps:\n  - {id: a, type: agent, agent: asker, input: Ask.}\n")
    settings = line.home / "state" / "config" / "settings.yaml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text('permissions: {allow: ["mcp__*"]}\n')
    ended = line.run("run", "ask.yaml", "--jsonl")
    return ended.stdout if ended.code == 0 else f"exit code {ended.code}: {ended.stderr[-300:]}"


def places(folder: Path) -> CommandLine:
    """A new user in a git repository with one file."""
    for name in ("work", "home"):
        (folder / name).mkdir(parents=True)
    work = folder / "work"
    (work / "note.txt").write_text("kept here\n")
    for arguments in (["init", "-q", "-b", "main"], ["add", "."]):
        subprocess.run(["git", *arguments], cwd=work, check=True)
    return CommandLine(work, folder / "home")


def all_played(cache: Path) -> Iterator[Played]:
    with tempfile.TemporaryDirectory() as temporary:
        for number in range(len(wanted(Path()))):
            line = places(Path(temporary).resolve() / str(number))
            server = wanted(line.cwd)[number]
            print(f"{server.package} …", file=sys.stderr, flush=True)
            try:
                yield play(server, program(server, cache), line)
            except NotInstalled as error:
                yield Played(server, [f"not installed: {error}"])


def main() -> int:
    everything = list(all_played(cache_folder()))
    head = ("server", "version", "start to end s", "tools", "refused", "violations")
    rows = [(p.server.package, p.version, f"{p.seconds:.2f}", p.tools, p.refused, len(p.found)) for p in everything]
    print_table(head, rows)
    for played in everything:
        for found in played.found:
            print(f"VIOLATED by {played.server.package}: {found}", file=sys.stderr)
    return 1 if any(played.found for played in everything) else 0


if __name__ == "__main__":
    sys.exit(main())
