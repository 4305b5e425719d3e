"""Cases side by side: each lane has a spawner and a folder of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from tests.proof.case import Case
from tests.proof.invariants import Life
from tests.proof.server import Outside
from tests.proof.spawner import Request, Spawner

WORKFLOWS = ("reference", "unwinding")
"""What is played: every kind of step; and what goes wrong and is taken back."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Lane:
    """Where one case at a time is played."""

    spawner: Spawner
    folder: Path
    outside: Outside
    workflow: str

    @classmethod
    def open(cls, folder: Path, workflow: str) -> Lane:
        return cls(Spawner(), folder, Outside(folder), workflow)

    def close(self) -> None:
        self.spawner.close()
        self.outside.close()

    def new_case(self) -> Case:
        """An empty case in the place of the one before, so that a run's paths are the same in every one."""
        shutil.rmtree(self.folder, ignore_errors=True)
        return Case.make(self.folder, self.outside.host)

    def live(self, case: Case, command: str, **more: object) -> Life:
        """A process that starts or resumes the run of the case, to its end."""
        parameters = {"url": f"http://{self.outside.host}"}
        request = Request(str(case.folder), command, self.workflow, parameters)
        return Life.of(case, self.spawner.run(replace(request, **more)))  # type: ignore[arg-type]  # fields of it


@contextmanager
def open_lanes(count: int, workflow: str) -> Iterator[Callable[[Callable[[Lane, T], R], Iterable[T]], Iterator[R]]]:
    """A function that plays each item with a workflow in some lane, and gives the results in the order of the items."""
    with tempfile.TemporaryDirectory(prefix="understudy-proof-") as folder:
        lanes = [Lane.open(Path(folder).resolve() / f"lane{number}", workflow) for number in range(count)]
        free: SimpleQueue[Lane] = SimpleQueue()
        for lane in lanes:
            free.put(lane)

        def play_each(play: Callable[[Lane, T], R], items: Iterable[T]) -> Iterator[R]:
            def one(item: T) -> R:
                lane = free.get()
                try:
                    return play(lane, item)
                finally:
                    free.put(lane)

            return executor.map(one, items)

        with ThreadPoolExecutor(count) as executor:
            try:
                yield play_each
            finally:
                executor.shutdown(cancel_futures=True)
                for lane in lanes:
                    lane.close()
