"""`python -m benchmarks [ROW…] [--peers a,b | none] [--rounds N] [--write]`: see docs/performance.md."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import machine
from benchmarks.entrant import Entrant, LeftOut, Profile
from benchmarks.environments import NotInstalled, cache_folder, environment
from benchmarks.field import COMMAND, FLOOR, OURS, PEERS
from benchmarks.measure import measure
from benchmarks.product import Product
from benchmarks.report import Circumstances, put, report
from benchmarks.rows import ROWS, Sizes

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


def main() -> int:
    given = _arguments()
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    peers = [peer for peer in PEERS if given.peers is None or peer.name in given.peers]
    rows = [row for row in ROWS if not given.rows or row.name in given.rows]
    with tempfile.TemporaryDirectory(dir=cache, prefix="measured-", ignore_cleanup_errors=True) as place:
        entrants, missing = _entrants(peers, cache, Path(place))
        before, load = machine.commit(Path(place)), os.getloadavg()[0]
        try:
            versions = {entrant.profile.name: _versions(entrant) for entrant in entrants}
            figures = measure(rows, entrants, Sizes(), given.rounds, say)
        finally:
            for entrant in entrants:
                entrant.close()
        around = Circumstances(
            day=datetime.now(UTC).date().isoformat(),
            machine=machine.described(),
            commits=(before, machine.commit(Path(place))),
            loads=(load, os.getloadavg()[0]),
            rounds=given.rounds,
            versions=versions,
            missing=missing,
        )
    text = report(rows, [entrant.profile for entrant in entrants], figures, around)
    print(text, end="")
    if given.write:
        PAGE.write_text(put(PAGE.read_text(encoding="utf-8"), text), encoding="utf-8")
        say(f"written to {PAGE.relative_to(PAGE.parents[1])}")
    return 1 if any(name in (FLOOR.name, OURS.name, COMMAND.name) for _, name in figures.left_out) else 0


def _entrants(peers: list[Profile], cache: Path, place: Path) -> tuple[list[Entrant], dict[str, str]]:
    """The floor, ourselves, and those peers that can be installed here; and why the others cannot."""
    python = Path(sys.executable)
    entrants = [
        Entrant(FLOOR, python, place / FLOOR.name),
        Entrant(OURS, python, place / OURS.name),
        Product(COMMAND, python, place / COMMAND.name),
    ]
    missing = {}
    for peer in peers:
        try:
            entrants.append(Entrant(peer, environment(peer.environment, cache), place / peer.name))
        except NotInstalled as why:
            missing[peer.title] = str(why)
    return entrants, missing


def _versions(entrant: Entrant) -> dict[str, str]:
    try:
        found: dict[str, str] = entrant.ask("versions")["versions"]
    except LeftOut as why:
        say(f"{entrant.profile.name} does not start: {why}")
        return {}
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("./dev bench", description="Measure side by side with the floor and with peers.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"only these: {', '.join(row.name for row in ROWS)}")
    parser.add_argument("--peers", type=_names, help=f"only these, or `none`: {', '.join(p.name for p in PEERS)}")
    parser.add_argument("--rounds", type=int, default=5, help="how often each takes its turn (5)")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    given = parser.parse_args()
    wrong = set(given.rows) - {row.name for row in ROWS} | set(given.peers or ()) - {peer.name for peer in PEERS}
    if wrong:
        parser.error(f"there is no {', '.join(sorted(wrong))}; see --help")
    if given.write and (given.rows or given.peers is not None):
        parser.error("--write puts down one run of all rows and all peers; leave out the rest")
    return given


def _names(text: str) -> list[str]:
    return [] if text == "none" else text.split(",")


def say(text: str) -> None:
    print(f"· {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    # What stands still does not end by itself, so it is ended whichever way this is.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        say("Stopped.")
        sys.exit(130)
