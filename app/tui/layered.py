"""A graph in layers, from top to bottom: each step below all that it waits for, with lines in between. Pure.

Where a layer is wider than there is room, layers are broken into rows, and no lines are drawn: what a step waits for
and what waits for it is then said of the one that is selected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from app.tui.lanes import joint
from workflows.records import dataclass

GAP = 2
"""Columns between two nodes."""

MOST_NODES = 300
"""Nodes up to which lines are drawn."""

MOST_TRACKS = 8
"""Rows of lines between two layers, at most."""


@dataclass(frozen=True)
class Spot:
    """Where a node is drawn: its column, its row, and how wide it is."""

    key: str
    x: int
    y: int
    width: int


@dataclass(frozen=True)
class Picture:
    """Nodes in reading order, the rows that are lines, and the size of it all. `rows` are the nodes, row by row."""

    spots: tuple[Spot, ...] = ()
    lines: Mapping[int, str] | None = None
    width: int = 0
    height: int = 0

    @property
    def rows(self) -> Sequence[Sequence[Spot]]:
        found: dict[int, list[Spot]] = {}
        for spot in self.spots:
            found.setdefault(spot.y, []).append(spot)
        return [found[y] for y in sorted(found)]


def layers_of(needs: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Each node in the layer after the last of those that it needs."""
    depth: dict[str, int] = {}
    left = list(needs)
    while left:
        before, left = left, []
        for node in before:
            earlier = [need for need in needs[node] if need in needs]
            if all(need in depth for need in earlier):
                depth[node] = max((depth[need] + 1 for need in earlier), default=0)
            else:
                left.append(node)
        if len(left) == len(before):  # a circle: it begins somewhere
            known = [depth[need] for need in needs[left[0]] if need in depth]
            depth[left.pop(0)] = max(known, default=-1) + 1
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for node in needs:
        layers[depth[node]].append(node)
    return layers


def picture_of(needs: Mapping[str, Sequence[str]], widths: Mapping[str, int], room: int) -> Picture:
    """The graph in `room` columns; `widths` are those of the nodes."""
    layers = layers_of(needs)
    if len(needs) > MOST_NODES:
        return _broken(layers, widths, room)
    laid, edges = _with_passages(layers, needs)
    rows = _in_order(laid, edges)
    size = {**{key: 1 for row in rows for key in row}, **widths}
    widest = max((_length(row, size) for row in rows), default=0)
    if widest > room:
        return _broken(layers, widths, room)
    places: dict[str, int] = {}
    for row in rows:
        x = (widest - _length(row, size)) // 2
        for key in row:
            places[key] = x
            x += size[key] + GAP
    spots: list[Spot] = []
    lines: dict[int, str] = {}
    y = 0
    for place, row in enumerate(rows):
        passing = [" "] * widest
        for key in row:
            if key in widths:
                spots.append(Spot(key, places[key], y, widths[key]))
            else:
                passing[places[key]] = "│"
        lines[y] = "".join(passing)
        if place + 1 < len(rows):
            middle = {key: places[key] + (size[key] - 1) // 2 for key in (*row, *rows[place + 1])}
            here = [(middle[one], middle[other]) for one, other in edges if one in row]
            for drawn in _between(here, widest):
                y += 1
                lines[y] = drawn
        y += 1
    return Picture(tuple(spots), lines, widest, y)


def centred(picture: Picture, room: int) -> Picture:
    """The same in the middle of `room` columns."""
    pad = max(0, (room - picture.width) // 2)
    spots = tuple(Spot(spot.key, spot.x + pad, spot.y, spot.width) for spot in picture.spots)
    lines = {y: " " * pad + line for y, line in (picture.lines or {}).items()}
    return Picture(spots, lines, picture.width + pad, picture.height)


def _length(row: Sequence[str], size: Mapping[str, int]) -> int:
    return sum(size[key] for key in row) + GAP * (len(row) - 1)


def _with_passages(
    layers: Sequence[Sequence[str]], needs: Mapping[str, Sequence[str]]
) -> tuple[list[list[str]], list[tuple[str, str]]]:
    """The layers with a passage in each that a longer edge goes through, and the edges between neighbours."""
    depth = {node: place for place, layer in enumerate(layers) for node in layer}
    rows, edges = [list(layer) for layer in layers], []
    for node, earlier in needs.items():
        for need in earlier:
            if need not in depth or depth[need] >= depth[node]:
                continue
            last = need
            for level in range(depth[need] + 1, depth[node]):
                # Edges from the same node share their passages.
                passage = f"{need}\0{level}"
                if passage not in rows[level]:
                    rows[level].append(passage)
                    edges.append((last, passage))
                last = passage
            edges.append((last, node))
    return rows, edges


def _in_order(rows: list[list[str]], edges: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Each layer in an order in which few edges cross: every node near the middle of its neighbours."""
    up: dict[str, list[str]] = {}
    down: dict[str, list[str]] = {}
    for one, other in edges:
        up.setdefault(other, []).append(one)
        down.setdefault(one, []).append(other)
    for neighbours, order in ((up, rows[1:]), (down, rows[-2::-1]), (up, rows[1:])):
        for row in order:
            place = {key: (at + 0.5) / len(line) for line in rows for at, key in enumerate(line)}
            middles = {
                key: sum(place[other] for other in near) / len(near) if (near := neighbours.get(key)) else place[key]
                for key in row
            }
            row.sort(key=middles.__getitem__)
    return rows


def _between(edges: Sequence[tuple[int, int]], width: int) -> list[str]:
    """The rows of lines from one layer to the next. Edges from or to the same places share theirs."""
    targets: dict[int, set[int]] = {}
    for one, other in edges:
        targets.setdefault(one, set()).add(other)
    groups: dict[frozenset[int], set[int]] = {}
    for one, ends_of_it in targets.items():
        groups.setdefault(frozenset(ends_of_it), set()).add(one)
    tracks: list[list[tuple[set[int], frozenset[int]]]] = []
    for others, ones in sorted(groups.items(), key=lambda group: min(group[1] | group[0])):
        span = (min(ones | others), max(ones | others))
        free = next((track for track in tracks if all(_apart(span, used) for used in track)), None)
        if free is None and len(tracks) < MOST_TRACKS:
            tracks.append([])
            free = tracks[-1]
        (free if free is not None else tracks[-1]).append((ones, others))
    rows = [[(False, False, False, False)] * width for _ in tracks]
    past: list[set[int]] = [set() for _ in tracks]
    for at, track in enumerate(tracks):
        for ones, others in track:
            ends = sorted(ones | others)
            for first, last in pairwise(ends):
                for x in range(first, last + 1):
                    _add(rows[at], x, left=x > first, right=x < last)
            for one in ones:
                for passed in past[:at]:
                    passed.add(one)
                _add(rows[at], one, up=True)
            for other in others:
                _add(rows[at], other, down=True)
                for passed in past[at + 1 :]:
                    passed.add(other)
    return [
        "".join(_crossed(cell) if x in passed else joint(*cell) for x, cell in enumerate(row))
        for row, passed in zip(rows, past, strict=True)
    ]


def _crossed(cell: tuple[bool, bool, bool, bool]) -> str:
    """A line that passes a row of lines: it breaks one that has nothing to do with it."""
    up, down, left, right = cell
    return joint(True, True, left, right) if up or down else "│"


def _apart(span: tuple[int, int], used: tuple[set[int], frozenset[int]]) -> bool:
    ends = used[0] | used[1]
    return span[1] < min(ends) or span[0] > max(ends)


def _add(
    row: list[tuple[bool, bool, bool, bool]],
    x: int,
    up: bool = False,
    down: bool = False,
    left: bool = False,
    right: bool = False,
) -> None:
    before = row[x]
    row[x] = (before[0] or up, before[1] or down, before[2] or left, before[3] or right)


def _broken(layers: Sequence[Sequence[str]], widths: Mapping[str, int], room: int) -> Picture:
    """The layers, each in as many rows as it needs, with a row between two of them."""
    spots: list[Spot] = []
    lines: dict[int, str] = {}
    y = 0
    for place, layer in enumerate(layers):
        if place:
            lines[y] = " ▼"
            y += 1
        x = 0
        for key in layer:
            width = min(widths[key], room)
            if x and x + width > room:
                x, y = 0, y + 1
            spots.append(Spot(key, x, y, width))
            x += width + GAP
        y += 1
    return Picture(tuple(spots), lines, room, y)
