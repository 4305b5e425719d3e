"""What a run of the benchmarks says, in the terminal and between the marks of docs/performance.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.entrant import Profile
from benchmarks.field import COMMAND, FLOOR, OURS
from benchmarks.figures import Figures, spread
from benchmarks.rows import Row
from benchmarks.table import medians, table, wanted

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


@dataclass(frozen=True)
class Circumstances:
    """When and on what it was measured: `commits` and `loads` are before and after."""

    day: str
    machine: str
    commits: tuple[float, float]
    loads: tuple[float, float]
    rounds: int
    versions: Mapping[str, Mapping[str, str]]
    """Of each entrant's packages."""

    missing: Mapping[str, str]
    """Peers that could not be installed, and why."""


def report(rows: Sequence[Row], profiles: Sequence[Profile], figures: Figures, around: Circumstances) -> str:
    """All of it as Markdown."""
    peers = [profile for profile in profiles if profile not in (FLOOR, OURS, COMMAND)]
    compared = [row for row in rows if row.peers]
    alone = [row for row in rows if not row.peers]
    parts = [_circumstances(rows, figures, around)]
    if compared:
        parts.append(medians(compared, profiles, figures))
    if alone:
        parts.append(medians(alone, [FLOOR, OURS], figures))
    parts += [wanted(rows, peers, figures), _entrants(profiles, around)]
    if notes := [f"- {name}, row {row}: {why}" for (row, name), why in figures.left_out.items()]:
        parts.append("Left out:\n\n" + "\n".join(notes))
    if around.missing:
        parts.append("\n".join(f"{name} cannot be installed here: {why}" for name, why in around.missing.items()))
    return "\n\n".join(parts) + "\n"


def _circumstances(rows: Sequence[Row], figures: Figures, around: Circumstances) -> str:
    noise = {row.name: spread(found) for row in rows if len(found := figures.of(row.name).get(FLOOR.name, ())) > 1}
    noisy = ", ".join(f"{name} {100 * value:.0f} %" for name, value in noise.items()) or "not known from one round"
    before, after = around.commits
    return (
        f"Measured on {around.day}: {around.machine}; {around.rounds} rounds. "
        f"A durable commit of one row took {before:.2f} ms before and {after:.2f} ms after; "
        f"the load average was {around.loads[0]:.1f} and {around.loads[1]:.1f}. "
        f"The machine's noise, as half of the floor's rounds differ from their median: {noisy}."
    )


def _entrants(profiles: Sequence[Profile], around: Circumstances) -> str:
    def versions(profile: Profile) -> str:
        return ", ".join(f"{name} {version}" for name, version in around.versions.get(profile.name, {}).items())

    return table(
        ["", "versions", "what is durable", "survives a kill"],
        [[each.title, versions(each), each.keeps, "yes" if each.goes_on else "no"] for each in profiles],
    )


def put(page: str, text: str) -> str:
    """The page with what is between its marks replaced. Raises ValueError where it has no marks."""
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    return f"{page[:begin]}\n\n{text}\n{page[end:]}"
