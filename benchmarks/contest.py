"""The process of a contestant: `python -P contest.py FILE serve`, or `once | begin | resume FOLDER STEPS`.

FILE has a class `Contestant` (see `Contestant` here) and imports the library that is measured; this file needs only the
standard library, because it runs in every peer's environment. `serve` answers requests on stdin, one JSON line each;
what the library prints goes to stderr. The other three do one thing, so that the whole process is measured.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

Work = Callable[[], Any]
"""What is timed. Gives back what the steps came to, so that it is seen that they were done."""

Trace = Callable[[int], None]
"""What a step of a long chain calls with its number each time it is done."""


SELDOM = 50_000
"""Containers made between looks for garbage, for everybody alike: 700, as it comes, is little for any such program."""


class Contestant(Protocol):
    """What is compared. Everything but `Work` itself is preparation and not timed: definitions, stores that are opened.

    A step gets a number and gives it back plus one, and must be recorded by the contestant's own means.
    """

    packages: tuple[str, ...]
    """Distributions whose versions are told."""

    def __init__(self, folder: Path, trace: Trace) -> None:
        """Keeps its state in the folder, which is there, and may hold what was kept before."""

    def chain(self, steps: int) -> Work:
        """One run of so many steps one after the other. Comes to the number of steps."""

    def fan_out(self, width: int) -> Work:
        """One run: so many steps side by side, then one that joins them. Comes to the sum of 1..width."""

    def many(self, runs: int, steps: int) -> Work:
        """So many runs of a chain at once. Comes to the sum of what they come to."""

    def long(self, steps: int, resume: bool) -> Work:
        """A chain whose steps call `trace`, begun or gone on with after a kill. Comes to the number of steps."""

    def fill(self, runs: int) -> None:
        """Leave a history of so many runs of five steps, in whatever way is quickest."""

    def close(self) -> None: ...


def load(file: Path) -> type[Contestant]:
    """The contestant of a file. By its path, so that `burr.py` does not stand in the way of `import burr`."""
    spec = importlib.util.spec_from_file_location(f"contestant_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # some libraries look up the module of what they decorate
    spec.loader.exec_module(module)
    contestant: type[Contestant] = module.Contestant
    return contestant


def tracer(folder: Path) -> Trace:
    """Appends a step's number to `ran` in the folder: it is there, whatever happens to the process."""
    file = os.open(folder / "ran", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    return lambda number: void(os.write(file, b"%d\n" % number))


def void(_: object) -> None:
    """For steps of which nobody is told."""


class Server:
    """Answers requests for one contestant, which is opened once for each folder."""

    def __init__(self, kind: type[Contestant]) -> None:
        self._kind = kind
        self._open: dict[str, Contestant] = {}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        what, folder, sizes = request["do"], request.get("folder", ""), request.get("sizes", {})
        if what == "versions":
            return {"versions": {name: version(name) for name in self._kind.packages}}
        contestant = self._at(folder)
        if what == "fill":
            contestant.fill(**sizes)
            return {}
        work: Work = getattr(contestant, what)(**sizes)
        gc.collect()
        began = time.perf_counter()
        result = work()
        return {"seconds": time.perf_counter() - began, "result": result}

    def close(self) -> None:
        for contestant in self._open.values():
            contestant.close()

    def _at(self, folder: str) -> Contestant:
        if folder not in self._open:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self._open[folder] = self._kind(Path(folder), void)
        return self._open[folder]


def serve(kind: type[Contestant], replies: int) -> None:
    server = Server(kind)
    for line in sys.stdin:
        try:
            reply = server.answer(json.loads(line))
        except Exception as error:  # whatever a library raises is told, and that row is left out
            reply = {"error": f"{type(error).__name__}: {error}"[:500]}
        os.write(replies, json.dumps(reply).encode() + b"\n")
    server.close()


def main(file: str, command: str, *rest: str) -> None:
    replies = os.dup(1)
    os.dup2(2, 1)  # what a library prints must not be taken for a reply
    gc.set_threshold(SELDOM, *gc.get_threshold()[1:])
    if command == "serve":
        serve(load(Path(file)), replies)
        return
    folder, steps = Path(rest[0]), int(rest[1])
    contestant = load(Path(file))(folder, void if command == "once" else tracer(folder))
    result = contestant.chain(steps)() if command == "once" else contestant.long(steps, command == "resume")()
    contestant.close()
    if result != steps:
        raise SystemExit(f"{file} {command}: {result}, not {steps}")


if __name__ == "__main__":
    main(*sys.argv[1:])
