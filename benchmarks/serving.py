"""`./dev bench serve [--write]`: the server under load on one machine, beside the figures of the service in the seeds.

A real server, and callers in another process that keep their connections. Each row is so many callers at once: each
starts a run of a workflow of two steps, asks for it until it is over, and begins again. How long a call took is
measured where it was made.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.machine import commit, described
from benchmarks.report import put

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "unattended.md"
PROGRAM = Path(sys.executable).parent / "understudy"
WORKFLOW = """
name: Short
parameters: [{name: word, type: string, default: tea}]
steps:
  - {id: a, type: transform, value: "${{ parameters.word }}"}
  - {id: b, type: transform, value: "${{ steps.a.output }}"}
outputs: {word: "${{ steps.b.output }}"}
"""
SEEDS_P95, SEEDS_P99, SEEDS_RATE = 300, 500, 5000
"""Milliseconds, milliseconds, workflows a second: the service's own targets, the last for its whole cluster."""


@dataclass
class Taken:
    """Seconds that calls took, of one caller or all; when the first was made and the last run was over."""

    starts: list[float] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)
    runs: int = 0
    wrong: int = 0


class Connection:
    """One connection that is kept, and calls over it, one after the other."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._head = f"host: 127.0.0.1:{port}\r\nauthorization: Bearer {token}\r\n"

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def call(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        about = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n" if body else ""
        self._writer.write(f"{method} {path} HTTP/1.1\r\n{self._head}{about}\r\n".encode() + body)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        return int(head.split(b" ", 2)[1]), await self._reader.readexactly(length)


async def call_for(port: int, token: str, callers: int, seconds: float) -> Taken:
    """So many callers at once, for so long."""
    taken, end = Taken(), time.perf_counter() + seconds
    wanted = json.dumps({"workflow": "short"}).encode()

    async def one() -> None:
        line = Connection(port, token)
        await line.open()
        while time.perf_counter() < end:
            began = time.perf_counter()
            status, body = await line.call("POST", "/api/v1/runs", wanted)
            taken.starts.append(time.perf_counter() - began)
            if status != 202:
                taken.wrong += 1
                continue
            run = json.loads(body)["run"]
            while True:
                began = time.perf_counter()
                status, body = await line.call("GET", f"/api/v1/runs/{run}")
                taken.reads.append(time.perf_counter() - began)
                found = json.loads(body)["status"]
                if found == "succeeded":
                    taken.runs += 1
                    break
                if status != 200 or found in ("failed", "cancelled"):
                    taken.wrong += 1
                    break
                await asyncio.sleep(0.01)

    await asyncio.gather(*(one() for _ in range(callers)))
    return taken


@contextmanager
def server(folder: Path) -> Iterator[tuple[int, str]]:
    """A server with the workflow published: its port and an operator's token."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "UNDERSTUDY_HOME": str(folder), "LANG": "C.UTF-8"}

    def run(*words: str) -> str:
        done = subprocess.run(
            [PROGRAM, *words], cwd=folder, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    (folder / "short.yaml").write_text(WORKFLOW)
    (folder / "config").mkdir()
    (folder / "config" / "settings.yaml").write_text("serve: {calls_per_second: 1000000}\n")
    run("publish", "short.yaml")
    token = run("user", "add", "load", "--role", "operator")
    process = subprocess.Popen(
        [PROGRAM, "serve", "--port", "0", "--json"], cwd=folder, env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        url = next(json.loads(line)["url"] for line in process.stderr if '"listening"' in line)
        # What it tells of runs is read away, or it would wait for us.
        reading = subprocess.Popen([sys.executable, "-c", "import sys; [0 for _ in sys.stdin]"], stdin=process.stderr)
        yield int(url.rpartition(":")[2]), token
    finally:
        process.terminate()
        process.wait(60)
        reading.wait(60)


def percentile(values: list[float], part: float) -> float:
    """Milliseconds that this part of them did not exceed."""
    ordered = sorted(values)
    return 1000 * ordered[min(int(part * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def measured(callers: tuple[int, ...], seconds: float) -> str:
    """The rows, as Markdown."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        commits, loads, rows = [commit(folder)], [os.getloadavg()[0]], []
        with server(folder) as (port, token):
            asyncio.run(call_for(port, token, 4, 2.0))  # what is made once is made
            for number in callers:
                began = time.perf_counter()
                taken = asyncio.run(call_for(port, token, number, seconds))
                took = time.perf_counter() - began
                cells = [
                    percentile(values, part) for values in (taken.starts, taken.reads) for part in (0.5, 0.95, 0.99)
                ]
                rows.append((number, taken.runs / took, *cells, taken.wrong))
                print(f"{number} callers: {taken.runs / took:.0f} runs/s", file=sys.stderr, flush=True)
        commits.append(commit(folder))
        loads.append(os.getloadavg()[0])
    lines = [
        f"Measured on {time.strftime('%Y-%m-%d')}: {described()}. Callers and server share the machine. "
        f"A durable commit of one row took {commits[0]:.2f} ms before and {commits[1]:.2f} ms after; the load average "
        f"was {loads[0]:.1f} and {loads[1]:.1f}, so what others did on it is in the figures.",
        "",
        "| callers | runs/s, started and finished | start: p50 ms | p95 | p99 | look: p50 ms | p95 | p99 | wrong |",
        "|---|---|---|---|---|---|---|---|---|",
        *(
            f"| {number} | **{rate:.0f}** | " + " | ".join(f"{cell:.1f}" for cell in cells) + f" | {wrong} |"
            for number, rate, *cells, wrong in rows
        ),
        f"| the service of the seeds | {SEEDS_RATE} on its cluster | | {SEEDS_P95} | {SEEDS_P99} "
        f"| | {SEEDS_P95} | {SEEDS_P99} | |",
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure, and put it down."""
    parser = argparse.ArgumentParser(prog="./dev bench serve", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each row")
    parser.add_argument("--callers", type=int, nargs="*", default=[1, 8, 32, 64])
    parser.add_argument("--write", action="store_true", help="put the figures into docs/unattended.md")
    given = parser.parse_args()
    text = measured(tuple(given.callers), given.seconds)
    print(text)
    if given.write:
        PAGE.write_text(put(PAGE.read_text(encoding="utf-8"), text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
