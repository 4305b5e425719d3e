"""The proof of several processes: they attack one journal, and are killed and stopped at random while they do.

Each starts runs, answers what waits, pauses, goes on with and cancels runs of its own and of others, and resumes what
a dead one left. `python -m tests.proof.two_processes` (or `./dev proof processes`) plays 100 runs and prints figures.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.proof.aftermath import Run, read, violations
from tests.proof.ground import Ground
from tests.proof.player import Game, play
from tests.proof.table import print_table
from workflows.journal.sqlite.owners import Owners


@dataclass
class Referee:
    """Sends players in, kills and stops them at random, and looks at whom the dead still seem to own."""

    game: Game
    players: int
    dice: random.Random
    kills: int = 0
    stops: int = 0
    found: list[str] = field(default_factory=list)
    _alive: dict[int, str] = field(default_factory=dict)
    _sent: int = 0

    def send(self, name: str) -> None:
        """One more process, split off from this one, which has neither threads nor an event loop."""
        self._sent += 1
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                asyncio.run(play(self.game, name, self.dice.randrange(2**32) + self._sent))
                code = 0
            except BaseException:  # whatever it is, it is a fault, and this process must end here
                self.game.ground.write("faults", fault=f"{name} ended: {traceback.format_exc()}")
            finally:
                os._exit(code)
        self._alive[child] = name

    def judge(self, kills: int, pause: float, limit: float) -> None:
        """Let them play, killing one every `pause` seconds on average, until the game is over."""
        deadline = time.monotonic() + limit
        for number in range(self.players):
            self.send(f"player {number + 1}")
        strike = time.monotonic() + self.dice.expovariate(1 / pause)
        while self._alive:
            time.sleep(0.01)
            for pid in list(self._alive):
                if os.waitpid(pid, os.WNOHANG)[0]:
                    del self._alive[pid]
            if time.monotonic() > deadline:
                self.found.append(f"the game was not over after {limit:.0f} seconds")
                for pid in self._alive:
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
                return
            if self._alive and self.kills < kills and time.monotonic() >= strike:
                self._strike(self.dice.choice(list(self._alive)))
                strike = time.monotonic() + self.dice.expovariate(1 / pause)

    def _strike(self, pid: int) -> None:
        if self.dice.random() < 0.25:  # a process that stands still is not dead, and loses nothing
            self.stops += 1
            os.kill(pid, signal.SIGSTOP)
            time.sleep(self.dice.uniform(0, 0.3))
            os.kill(pid, signal.SIGCONT)
            return
        self.kills += 1
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        name = self._alive.pop(pid)
        owners = Owners(self.game.ground.paths.journal / "owners").living()
        self.found += [f"{name} was killed, and counts as alive" for each in owners if each.startswith(f"{pid}-")]
        self.send(name)


def attack(folder: Path, *, runs: int, players: int, kills: int, pause: float, seed: int, limit: float) -> Referee:
    """Play a game in the folder. What was violated is in `found`."""
    ground = Ground(folder)
    ground.make(places=20)
    referee = Referee(Game(ground, runs), players, random.Random(seed))  # a game
    referee.judge(kills, pause, limit)
    played = asyncio.run(read(ground))
    referee.found += violations(ground, played, runs)
    report(referee, played)
    return referee


def report(referee: Referee, runs: list[Run]) -> None:
    """The figures."""
    ground = referee.game.ground
    told, deeds = Counter((each.what, each.left) for each in ground.told()), ground.deeds()
    ends = Counter(run.state.status for run in runs)
    steps = Counter((deed.run, deed.step) for deed in deeds)
    rows = [
        ("processes at once", referee.players),
        ("killed", referee.kills),
        ("stopped for a while", referee.stops),
        ("runs", len(runs)),
        ("of them succeeded", ends["succeeded"]),
        ("of them cancelled", ends["cancelled"]),
        ("of them failed", ends["failed"]),
        ("events", sum(len(run.journal) for run in runs)),
        ("answers of the owner's own process, acknowledged", told["answered", False]),
        ("answers left for another process, acknowledged", told["answered", True]),
        (
            "pauses, continuations and cancels asked of another process",
            sum(told[what, True] for what in ("paused", "continued", "cancelled")),
        ),
        ("resumed after their owner's end", told["resumed", False]),
        ("effects outside", len(steps)),
        (
            "of them in doubt, and settled",
            sum(inquiry.asked.reason == "unknown" for run in runs for inquiry in run.state.inquiries.values()),
        ),
        ("violations", len(referee.found)),
    ]
    print_table(("", "count"), rows)
    for each in referee.found:
        print(f"VIOLATED: {each}", file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev proof processes", description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--players", type=int, default=2, help="how many processes there are at any time")
    parser.add_argument("--kills", type=int, default=1000, help="how often one is killed, at most")
    parser.add_argument("--pause", type=float, default=0.25, help="seconds between two kills, on average")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=900.0, help="seconds after which the game is broken off")
    parser.add_argument("--keep", type=Path, help="play in this folder, which must not be there, and leave it")
    chosen = vars(parser.parse_args())
    keep = chosen.pop("keep")
    began = time.monotonic()
    if keep is not None:
        found = attack(keep, **chosen).found
    else:
        with tempfile.TemporaryDirectory() as folder:
            found = attack(Path(folder) / "game", **chosen).found
    print(f"\n{time.monotonic() - began:.0f} s in all.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
