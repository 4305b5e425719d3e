"""Which steps wait for which, drawn beside them: a lane for each step that others wait for, forks and joins. Pure.

```
●      log
│ ●    tests
●─╯    notes        waits for both
├─●    publish      one of two that wait for notes
●─╯    tell         waits for notes and publish
```
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workflows.planning.plan import Block
from workflows.records import dataclass

NODE = "●"

MOST_LANES = 6
"""Lanes that are drawn at most; what needs more is better seen in the graph."""

MOST_STEPS = 400
"""Steps of a run up to which lanes are drawn."""

_LINES = {
    (1, 1, 1, 1): "┼",
    (1, 1, 1, 0): "┤",
    (1, 1, 0, 1): "├",
    (1, 0, 1, 1): "┴",
    (0, 1, 1, 1): "┬",
    (1, 0, 1, 0): "╯",
    (1, 0, 0, 1): "╰",
    (0, 1, 1, 0): "╮",
    (0, 1, 0, 1): "╭",
    (1, 1, 0, 0): "│",
    (1, 0, 0, 0): "│",
    (0, 1, 0, 0): "│",
    (0, 0, 1, 1): "─",
    (0, 0, 1, 0): "─",
    (0, 0, 0, 1): "─",
    (0, 0, 0, 0): " ",
}


def joint(up: bool, down: bool, left: bool, right: bool) -> str:
    """The line that goes these ways."""
    return _LINES[int(up), int(down), int(left), int(right)]


@dataclass(frozen=True)
class Lane:
    """The lines beside a step: `line` in its own row, with the step itself at `node`; `below` beside what it holds."""

    line: str
    node: int
    below: str


def lanes_of(plan: Block) -> Mapping[str, Lane]:
    """The lanes beside a run's own steps, by id, all as wide. None where steps just follow each other, or for too many.

    Lanes that lead to the same steps are joined early where there would be too many else.
    """
    if not 1 < len(plan.steps) <= MOST_STEPS:
        return {}
    needs = direct_needs(plan)
    found = draw(needs) or draw(needs, bundled=True)
    return found if any(len(lane.line) > 1 for lane in found.values()) else {}


def direct_needs(plan: Block) -> Mapping[str, Sequence[str]]:
    """For each step, those that it waits for directly: not what these wait for themselves."""
    known: dict[tuple[str, ...], Sequence[str]] = {}
    for after in {step.after for step in plan.steps}:
        all_of_them = frozenset(after)
        known[after] = [earlier for earlier in after if plan.reach[earlier].isdisjoint(all_of_them)]
    return {step.id: known[step.after] for step in plan.steps}


def draw(needs: Mapping[str, Sequence[str]], *, bundled: bool = False) -> Mapping[str, Lane]:
    """The lanes beside steps that stand in the order of `needs`; none where there would be too many of them.

    A need that stands below is not drawn. `bundled`: lanes that lead to the same steps are one.
    """
    places = {step: place for place, step in enumerate(needs)}
    waiting: dict[str, set[str]] = {step: set() for step in needs}
    for step, earlier in needs.items():
        for need in earlier:
            if places.get(need, len(places)) < places[step]:
                waiting[need].add(step)
    lanes: list[set[str]] = []
    rows: dict[str, tuple[str, int, str]] = {}
    for step in needs:
        before = [bool(lane) for lane in lanes]
        into = [at for at, lane in enumerate(lanes) if step in lane]
        column = next((at for at in into if len(lanes[at]) == 1), -1)
        if column < 0:
            column = next((at for at, lane in enumerate(lanes) if not lane), len(lanes))
        if column == MOST_LANES:
            return {}
        if column == len(lanes):
            lanes.append(set())
            before.append(False)
        for at in into:
            lanes[at] = lanes[at] - {step}
        joined = {at for at in into if at != column}
        same = next((at for at, lane in enumerate(lanes) if lane and lane == waiting[step]), -1)
        if bundled and same >= 0:
            joined.add(same)
        else:
            lanes[column] = set(waiting[step])
        after = [bool(lane) for lane in lanes]
        rows[step] = _row(column, before, after, joined), 2 * column, _below(after)
    width = 2 * len(lanes) - 1
    return {step: Lane(line.ljust(width), node, below.ljust(width)) for step, (line, node, below) in rows.items()}


def _row(column: int, before: Sequence[bool], after: Sequence[bool], joined: set[int]) -> str:
    first, last = min(joined | {column}), max(joined | {column})
    parts = []
    for at, (up, down) in enumerate(zip(before, after, strict=True)):
        if at == column:
            parts.append(NODE)
        elif at in joined:
            parts.append(joint(up, down, at > first, at < last))
        elif first < at < last and not (up or down):
            parts.append("─")
        else:
            parts.append("│" if up or down else " ")
        parts.append("─" if first <= at < last else " ")
    return "".join(parts[:-1])


def _below(after: Sequence[bool]) -> str:
    return " ".join("│" if open_ else " " for open_ in after)
