"""The proof of models: servers that nobody here wrote answer agent steps, and fail them, in every way that they know.

`python -m tests.proof.models` (or `./dev proof models`) installs them in the user's cache, as they are pinned in
`tests/proof/servers/models`, and runs each case from the command line, as a user would, in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from benchmarks.environments import NotInstalled, cache_folder
from tests.proof.model_cases import (
    FACT,
    Case,
    aimock_cases,
    mock_ai_api_cases,
    turn_times,
    violations,
)
from tests.proof.model_servers import AIMOCK, MOCK_AI_API, ModelServer, aimock, mock_ai_api
from tests.proof.table import Progress, print_table
from tests.support.command_line import CommandLine

FILES = {"facts.txt": f"{FACT}\n", "more.txt": "Ice melts.\n"}


@dataclass(frozen=True)
class Played:
    """What became of a case."""

    case: Case
    violations: tuple[str, ...]
    asked: int = 0


@dataclass
class Server:
    """What became of one server's cases."""

    name: str
    played: list[Played] = field(default_factory=list)
    found: list[str] = field(default_factory=list)


def play(case: Case, server: ModelServer, folder: Path) -> Played:
    """Run the agent step of a case in a new user's home, and compare what the journal has with what it should have."""
    line = lay_out(case, server, folder)
    ended = line.run("run", "flow.yaml", "--jsonl", "--unattended")
    try:
        events = [json.loads(text) for text in ended.stdout.splitlines()]
        shown = line.run("show", "last", "--json").document
    except ValueError:
        return Played(case, (f"no journal: {ended.stderr[-300:]}",))
    found = violations(case, events, shown)
    if (ended.code == 0) != (case.status == "succeeded"):
        found.append(f"exit code {ended.code} of a run that {case.status}")
    left = {path.name for path in line.cwd.iterdir()} - {*FILES, "flow.yaml"}
    if left:
        found.append(f"something was written: {sorted(left)}")
    return Played(case, tuple(found), len(turn_times(events)))


def lay_out(case: Case, server: ModelServer, folder: Path) -> CommandLine:
    """A new user with the case's agent, a workflow of one step, prices if the case has some, and the server's keys."""
    for name in ("work", "home"):
        (folder / name).mkdir(parents=True)
    line = CommandLine(folder / "work", folder / "home", server.environ)
    for name, text in FILES.items():
        line.write(name, text)
    step: dict[str, object] = {"id": "ask", "type": "agent", "agent": "asker", "input": "Look.", "on_failure": "abort"}
    if case.attempts > 1:
        step["retry"] = {"max_attempts": case.attempts, "delay": 1}
    line.write("flow.yaml", yaml.safe_dump({"name": "t", "steps": [step]}))
    limits = {"turn_timeout": case.timeout, "idle_timeout": case.timeout, **case.agent}
    matter = {"name": "asker", "description": "Asks.", "model": list(case.models), "tools": ["file.read"], **limits}
    config = folder / "home" / "state" / "config"
    (config / "agents").mkdir(parents=True)
    (config / "agents" / "asker.md").write_text(f"---\n{yaml.safe_dump(matter)}---\nAnswer.\n")
    prices = {model: {"in": 10, "out": 100} for model in case.priced}
    (config / "settings.yaml").write_text(yaml.safe_dump({"pricing": prices} if prices else {}))
    return line


def play_all(
    name: str, cases: Sequence[Case], running: AbstractContextManager[ModelServer], folder: Path, lanes: int
) -> Server:
    """Run all cases of a server, and compare what it was asked with what the journals have."""
    print(f"{name} …", file=sys.stderr, flush=True)
    result, progress = Server(name), Progress(len(cases))
    try:
        with running as server, ThreadPoolExecutor(lanes) as pool:
            places = [folder / str(number) for number in range(len(cases))]
            for played in pool.map(lambda pair: play(pair[0], server, pair[1]), zip(cases, places, strict=True)):
                result.played.append(progress.add(played, f"{name}: {played.case.name}", played.violations))
            asked = sum(played.asked for played in result.played)
            if server.asked() != asked:
                result.found.append(f"it was asked {server.asked()} times, and the journals have {asked}")
    except (NotInstalled, RuntimeError) as error:
        result.found.append(f"{type(error).__name__}: {error}")
    for found in result.found:
        print(f"VIOLATED by {name}: {found}", file=sys.stderr)
    return result


def all_played(cache: Path, lanes: int, only: str) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as temporary:
        folders = [Path(temporary).resolve() / name for name in ("npm", "pypi")]
        for folder in folders:
            folder.mkdir()
        npm = [case for case in aimock_cases() if only in case.name]
        fixtures = [fixture for case in npm for fixture in case.fixtures]
        if npm:
            yield play_all(AIMOCK, npm, aimock(cache, folders[0], fixtures), folders[0], lanes)
        if pypi := [case for case in mock_ai_api_cases() if only in case.name]:
            yield play_all(MOCK_AI_API, pypi, mock_ai_api(cache, folders[1]), folders[1], lanes)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev proof models")
    parser.add_argument("--lanes", type=int, default=2, help="runs side by side")
    parser.add_argument("--only", default="", help="cases whose name has this in it")
    chosen = parser.parse_args()
    servers = list(all_played(cache_folder(), chosen.lanes, chosen.only))
    head = ("server", "runs", "succeeded", "failed in words", "turns asked", "violations")
    print_table(head, [row(server) for server in servers])
    return 1 if any(server.found or any(each.violations for each in server.played) for server in servers) else 0


def row(server: Server) -> Sequence[object]:
    played = server.played
    good = sum(each.case.status == "succeeded" for each in played)
    bad = len(server.found) + sum(len(each.violations) for each in played)
    return server.name, len(played), good, len(played) - good, sum(each.asked for each in played), bad


if __name__ == "__main__":
    sys.exit(main())
