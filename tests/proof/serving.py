"""Kills a server with -9 under load, again and again, and counts: `./dev proof serve`.

Callers start runs without pause, each start under a key of its own, and send it again under the same key where they
got no answer. Whatever was accepted (202) must have been run to its end at last, under the id that was answered; no key
may have two runs, whether it was answered or not.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.command_line import PROGRAM
from tests.support.server import Client

WORKFLOW = """
name: Note
parameters:
  - {name: word, type: string, required: true}
steps:
  - {id: a, type: transform, value: "${{ parameters.word }}"}
  - {id: b, type: transform, value: "${{ steps.a.output }}"}
outputs: {word: "${{ steps.b.output }}"}
"""


@dataclass
class Load:
    """What callers asked for: by key, the run that each was answered with."""

    accepted: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    unanswered: int = 0
    refused: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True)
class Ground:
    """A user's folders, and how the program is started in them."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "UNDERSTUDY_HOME": str(self.folder / "state"),
            "LANG": "C.UTF-8",
        }

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [PROGRAM, *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    @asynccontextmanager
    async def server(self, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
        """A server that answers, until the block ends; then it is killed, if nobody has done so before."""
        process = await asyncio.create_subprocess_exec(
            *(str(PROGRAM), "serve", "--port", str(port), "--json"),
            cwd=self.folder,
            env=self.environment,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stderr is not None
        try:
            while b'"listening"' not in (line := await process.stderr.readline()):
                if not line:
                    raise RuntimeError("the server did not begin")
            drain = asyncio.create_task(process.stderr.read())
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
            await process.wait()
            await drain


async def caller(name: str, client: Client, load: Load, enough: asyncio.Event) -> None:
    """Start runs without pause. One that was not answered is sent again under its key, until it is."""
    number = 0
    while not enough.is_set():
        number += 1
        key = f"{name}-{number}"
        load.asked += 1
        while not enough.is_set():
            try:
                said = await client.post(
                    "/api/v1/runs", {"workflow": "note", "parameters": {"word": key}}, idempotency_key=key
                )
                run = said.document["run"] if said.status == 202 else ""
            except (OSError, ValueError, IndexError):  # also an answer that was cut off
                load.unanswered += 1
                await asyncio.sleep(0.02)
                continue
            if run:
                load.accepted[key] = run
            else:
                load.refused[said.status] += 1
            break


async def prove(ground: Ground, kills: int, callers: int, seed: int, port: int) -> tuple[Load, int]:
    """So many kills under the load of so many callers; then all that was accepted is waited for. The runs there are.

    Raises AssertionError where anything was lost or doubled.
    """
    (ground.folder / "note.yaml").write_text(WORKFLOW)
    ground.run("publish", "note.yaml")
    token = ground.run("user", "add", "load", "--role", "admin").strip()
    client, load, enough = Client(port, token), Load(), asyncio.Event()
    chance = random.Random(seed)
    tasks = [asyncio.create_task(caller(f"c{number}", client, load, enough)) for number in range(callers)]
    for _ in range(kills):
        async with ground.server(port) as process:
            await asyncio.sleep(chance.uniform(0.05, 1.0))
            process.send_signal(signal.SIGKILL)
    enough.set()
    await asyncio.gather(*tasks)
    async with ground.server(port) as process:
        for key, run in load.accepted.items():
            said = await client.get(f"/api/v1/runs/{run}?wait=60")
            assert said.status == 200, (key, said)
            assert said.document["status"] == "succeeded", (key, said.document)
            assert said.document["outputs"] == {"word": key}, (key, said.document)
        queued = (await client.get("/api/v1/health/ready")).document["queued"]
        while queued:  # what was kept and not answered is run too
            await asyncio.sleep(0.1)
            queued = (await client.get("/api/v1/health/ready")).document["queued"]
        process.send_signal(signal.SIGTERM)
        await process.wait()
    listed = json.loads(ground.run("runs", "--json", "--limit", "10000"))["runs"]
    ids = {run["run"] for run in listed}
    assert len(ids) == len(listed)
    missing = set(load.accepted.values()) - ids
    assert not missing, f"accepted and lost: {sorted(missing)[:5]}"
    assert len(set(load.accepted.values())) == len(load.accepted), "two keys were answered with one run"
    assert len(listed) <= load.asked, f"{len(listed)} runs of {load.asked} that were asked for"
    assert {run["status"] for run in listed} == {"succeeded"}, Counter(run["status"] for run in listed)
    return load, len(listed)


def main() -> int:
    """Prove it, and tell the figures."""
    parser = argparse.ArgumentParser(prog="./dev proof serve", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--callers", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=8797)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        load, runs = asyncio.run(prove(Ground(Path(folder)), given.kills, given.callers, given.seed, given.port))
    print(f"{given.kills} kills -9 under the load of {given.callers} callers")
    print(f"{load.asked} starts asked for, {load.unanswered} calls cut off, {len(load.accepted)} accepted (202)")
    print(f"{runs} runs in the journal, each asked for once, all succeeded; accepted and lost: 0; doubled: 0")
    return 0


if __name__ == "__main__":
    sys.exit(main())
