"""`./dev bench screens [--write]`: how quick the screens are, in a real terminal, beside what is asked of them."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import machine
from benchmarks.environments import cache_folder
from benchmarks.report import put
from benchmarks.screens.history import fill
from benchmarks.screens.terminal import Room, p95
from benchmarks.table import table

PAGE = Path(__file__).parents[2] / "docs" / "screens.md"
PROGRAM = Path(sys.executable).parent / "understudy"
RATE, SECONDS, TOKEN = 60, 10, 5
"""Tokens a second, for how long, and characters of a token."""

RUNS, LOG = 10_000, 100_000
FENCE = 2_000
"""Tokens of the code fence that one agent writes in the same time."""


@dataclass(frozen=True)
class Wanted:
    """What is asked of one figure: at most `most`, in `unit`."""

    what: str
    most: float
    unit: str = ""

    def cells(self, figure: float) -> list[str]:
        """A row of the table."""
        met = "met" if figure <= self.most else "**not met**"
        return [self.what, f"at most {self.most:g} {self.unit}".strip(), f"{figure:.3g} {self.unit}".strip(), met]


@dataclass(frozen=True)
class Case:
    """Figures that are taken together. `measure` gives one for each that is wanted, in their order."""

    wanted: tuple[Wanted, ...]
    measure: Callable[[Path], Iterator[float]]


def command(folder: Path) -> Iterator[float]:
    """`--version` and `--help` as whole processes, the best of five: other work only ever adds."""
    room = Room(folder)
    for option in ("--version", "--help"):
        taken = []
        for _ in range(5):
            began = time.monotonic()
            subprocess.run([PROGRAM, option], env=room.environ, cwd=room.work, stdout=subprocess.DEVNULL, check=True)
            taken.append(time.monotonic() - began)
        yield min(taken)


def first_frame(folder: Path) -> Iterator[float]:
    """From the start of the program to the first frame, warm."""
    room, taken = Room(folder), []
    for _ in range(4):
        with room.opened() as sitting:
            sitting.shows(b"No runs yet")
        assert room.noted is not None
        taken.append(room.noted.first_frame)
    yield min(taken[1:])
    assert room.noted is not None
    yield len(room.noted.found["loaded"])


def agents(count: int) -> Case:
    """Agents that stream side by side while somebody walks through the list of steps."""

    def measured(folder: Path) -> Iterator[float]:
        room = Room(folder)
        said = _write_agents(room.work, count)
        with room.opened("crowd") as sitting:
            sitting.shows(b"following")
            sitting.press_until("✓ done".encode())
            sitting.shows(f"{count}/{count} steps".encode())
        assert room.noted is not None
        found = room.noted.found
        # Libraries are loaded beside the first moments; what is asked is asked of the stream.
        lags = room.noted.lags(found["first_text"], found["last_text"])
        yield 1000 * p95(lags)
        yield 1000 * max(lags)
        yield 1000 * p95(room.noted.latencies())
        yield sum(found["texts"].get(step) != hashlib.sha256(text.encode()).hexdigest() for step, text in said.items())

    name = f"{count} agents, {RATE} tokens/s each for {SECONDS} s"
    wanted = (
        Wanted(f"{name}: lag of the loop, p95", 60, "ms"),
        Wanted(f"{name}: lag of the loop, worst", 300, "ms"),
        Wanted(f"{name}: from key to action, p95", 150, "ms"),
        Wanted(f"{name}: texts that differ from what was said", 0),
    )
    return Case(wanted, measured)


def _write_agents(work: Path, count: int) -> dict[str, str]:
    """A workflow of so many agents at once; what each says. The first writes a code fence, in the same time."""
    chance = random.Random(7)  # words, not secrets
    said = {}
    own = work / ".understudy"
    for folder in ("agents", "workflows"):
        (own / folder).mkdir(parents=True)
    for number in range(count):
        tokens = FENCE if number == 0 else RATE * SECONDS
        words = "".join(f"{chance.randrange(10 ** (TOKEN - 1)):0{TOKEN - 1}d} " for _ in range(tokens))
        lines = "\n".join(words[at : at + 75] for at in range(0, len(words), 75))
        text = f"```python\n{lines}\n```" if number == 0 else lines
        said[f"s{number}"] = text
        turn = {"text": text, "chunk": TOKEN, "delay": SECONDS * TOKEN / len(text)}
        front = {"name": f"a{number}", "description": "Says much.", "model": "demo/scripted", "script": [turn]}
        written = "\n".join(f"{key}: {json.dumps(value)}" for key, value in front.items())
        (own / "agents" / f"a{number}.md").write_text(f"---\n{written}\n---\nYou say much.\n")
    steps = [f"  - {{id: s{number}, type: agent, agent: a{number}, input: Go}}" for number in range(count)]
    stage = ["name: Crowd", "stages:", "- name: all", f"  parallel: true\n  max_parallel: {count}", "  steps:", *steps]
    (own / "workflows" / "crowd.yaml").write_text("\n".join(stage) + "\n")
    return said


def history(folder: Path) -> Iterator[float]:
    """A long list of runs: until it is drawn, and until a filter that leaves one is."""
    room = Room(folder)
    _run(room, "Short", "  - {id: one, type: transform, value: 1}\n")
    fill(room.home / "understudy" / "data" / "journal", RUNS, "rare")
    with room.opened() as sitting:
        sitting.shows(b"Short")
        seen = sitting.said
        opened = sitting.type("5")
        shown = sitting.shows(b"or more runs", seen)
        for keys in ("/", "wf:"):
            sitting.type(keys)
            time.sleep(1)
        seen = sitting.said
        asked = sitting.type("r")  # the key that changes what is shown: what stays as it is is not drawn again
        answered = sitting.shows(b"1 run", seen)
    yield shown - opened
    yield answered - asked


def log(folder: Path) -> Iterator[float]:
    """A long log: until its end is drawn, and what that takes."""
    room = Room(folder)
    argv = json.dumps(["seq", str(LOG)])
    _run(room, "Talk", f"  - {{id: talk, type: skill, skill: command, parameters: {{argv: {argv}}}}}\n")
    with room.opened() as sitting:
        sitting.shows(b"Talk")
        sitting.type("5")
        sitting.shows(b"preview")
        time.sleep(1)
        sitting.type("\r")
        sitting.shows(b"Attempts")
        time.sleep(1)
        opened = sitting.type("j")
        shown = sitting.shows(b"showing the last")
        time.sleep(1)
    assert room.noted is not None
    yield shown - opened
    yield room.noted.grown(opened)


def _run(room: Room, title: str, steps: str) -> None:
    """A run that is over when the screens open."""
    (room.work / "it.yaml").write_text(f"name: {title}\nsteps:\n{steps}")
    run = subprocess.run(
        [PROGRAM, "run", "it.yaml", "--yes"], env=room.environ, cwd=room.work, capture_output=True, text=True
    )
    if run.returncode:
        sys.exit(f"{title}: {run.stdout}{run.stderr}")


CASES: dict[str, Case] = {
    "command": Case((Wanted("`understudy --version`", 0.5, "s"), Wanted("`understudy --help`", 0.5, "s")), command),
    "first-frame": Case(
        (Wanted("first frame", 0.8, "s"), Wanted("libraries of models and MCP that are loaded by then", 0)), first_frame
    ),
    "8-agents": agents(8),
    "16-agents": agents(16),
    "history": Case(
        (Wanted(f"{RUNS:,} runs: history drawn", 0.5, "s"), Wanted(f"{RUNS:,} runs: filtered", 0.3, "s")), history
    ),
    "log": Case(
        (Wanted(f"a log of {LOG:,} lines: opened", 1.0, "s"), Wanted(f"a log of {LOG:,} lines: memory", 50, "MB")), log
    ),
}
"""All that is measured; docs/screens.md has each of its figures (tests/conformance/test_screens_page.py)."""


def main() -> int:
    parser = argparse.ArgumentParser("./dev bench screens", description="Measure the screens in a terminal.")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"only these: {', '.join(CASES)}")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/screens.md")
    given = parser.parse_args()
    if wrong := set(given.cases) - set(CASES):
        parser.error(f"there is no {', '.join(sorted(wrong))}; see --help")
    if given.write and given.cases:
        parser.error("--write puts down one run of all cases; leave out the rest")
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    load = os.getloadavg()[0]
    rows: list[list[str]] = []
    for name, case in CASES.items():
        if not given.cases or name in given.cases:
            with tempfile.TemporaryDirectory(dir=cache, prefix="screens-", ignore_cleanup_errors=True) as folder:
                figures = case.measure(Path(folder))
                rows += [wanted.cells(figure) for wanted, figure in zip(case.wanted, figures, strict=True)]
            print(f"· {name}", file=sys.stderr, flush=True)
    text = _said(rows, load)
    print(text, end="")
    if given.write:
        PAGE.write_text(put(PAGE.read_text(encoding="utf-8"), text), encoding="utf-8")
    return 0


def _said(rows: Sequence[Sequence[str]], load: float) -> str:
    around = (
        f"Measured on {datetime.now(UTC).date().isoformat()}: {machine.described()}; the load average was {load:.1f}."
    )
    return f"{around}\n\n{table(['', 'wanted', 'measured', ''], rows)}\n"


if __name__ == "__main__":
    sys.exit(main())
