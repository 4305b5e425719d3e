"""`python -m benchmarks [ROW…] [--peers a,b | none] [--rounds N]`: see docs/performance.md."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks import machine
from benchmarks.entrant import Entrant, Profile
from benchmarks.environments import NotInstalled, cache_folder, environment
from benchmarks.field import FLOOR, OURS, PEERS
from benchmarks.measure import measure
from benchmarks.product import Product
from benchmarks.rows import ROWS, Sizes
from benchmarks.table import medians, ratios


def main() -> int:
    given = _arguments()
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    peers = [peer for peer in PEERS if given.peers is None or peer.name in given.peers]
    rows = [row for row in ROWS if not given.rows or row.name in given.rows]
    with tempfile.TemporaryDirectory(dir=cache, prefix="measured-", ignore_cleanup_errors=True) as place:
        entrants = _entrants(peers, cache, Path(place))
        before, load = machine.commit(Path(place)), os.getloadavg()[0]
        try:
            figures = measure(rows, entrants, Sizes(), given.rounds, say)
        finally:
            for entrant in entrants:
                entrant.close()
        after = machine.commit(Path(place))
    present = [entrant.profile for entrant in entrants]
    print(f"{machine.described()}")
    print(f"A durable commit took {before:.2f} ms before and {after:.2f} ms after;", end=" ")
    print(f"load average {load:.1f} and {os.getloadavg()[0]:.1f}; {given.rounds} rounds.\n")
    print(medians(rows, present, figures), end="\n\n")
    print(ratios(rows, [each for each in present if each in PEERS], figures))
    for (row, name), why in figures.left_out.items():
        say(f"{name} is left out of {row}: {why}")
    return 1 if any(name in (FLOOR.name, OURS.name) for _, name in figures.left_out) else 0


def _entrants(peers: list[Profile], cache: Path, place: Path) -> list[Entrant]:
    """The floor, ourselves, and those peers that can be installed here."""
    python, bytecode = Path(sys.executable), cache / "bytecode"
    entrants = [
        Entrant(FLOOR, python, place / FLOOR.name, bytecode),
        Product(OURS, python, place / OURS.name, bytecode),
    ]
    for peer in peers:
        try:
            entrants.append(Entrant(peer, environment(peer.environment, cache), place / peer.name))
        except NotInstalled as why:
            say(f"{peer.title} is left out, it cannot be installed here: {why}")
    return entrants


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("./dev bench", description="Measure side by side with the floor and with peers.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"only these: {', '.join(row.name for row in ROWS)}")
    parser.add_argument("--peers", type=_names, help=f"only these, or `none`: {', '.join(p.name for p in PEERS)}")
    parser.add_argument("--rounds", type=int, default=5, help="how often each takes its turn (5)")
    given = parser.parse_args()
    wrong = set(given.rows) - {row.name for row in ROWS} | set(given.peers or ()) - {peer.name for peer in PEERS}
    if wrong:
        parser.error(f"there is no {', '.join(sorted(wrong))}; see --help")
    return given


def _names(text: str) -> list[str]:
    return [] if text == "none" else text.split(",")


def say(text: str) -> None:
    print(f"· {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
