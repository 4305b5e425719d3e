"""Steps wait for and read only what can be over before them, and never for each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from workflows.definition.checks.expressions import Reading
from workflows.definition.checks.inside import FindingInside, spot
from workflows.definition.model import Step
from workflows.definition.outline import Outline, Placed
from workflows.diagnostics import listed, suggest
from workflows.records import dataclass
from workflows.steps.kind import Finding


@dataclass(frozen=True)
class Edge:
    """In a parallel group, `waiter` waits for `other`: members of the group. `at` is where the file says so."""

    group: int
    waiter: int
    other: int
    at: FindingInside


Member: TypeAlias = tuple[int, int]
"""A member of a parallel group: the group's number and its own."""

Waits: TypeAlias = dict[Member, dict[Member, FindingInside]]
"""For each member, those that it waits for, and where the file says so."""


def check_order(outline: Outline, readings: Iterable[Reading], *, sure: bool) -> Iterator[Finding]:
    """`sure` is false where an id could not be read: then no step is said to be unknown."""
    edges: list[Edge] = []
    for placed in outline.placed:
        yield from _needs(outline, placed, edges, sure)
    for reading in readings:
        if reading.reference.root == "steps":
            yield from _reads(outline, reading, edges, sure)
    yield from _cycles(outline, edges)


def _needs(outline: Outline, placed: Placed, edges: list[Edge], sure: bool) -> Iterator[Finding]:
    path = (*placed.path, "needs")
    if placed.step.needs and placed.siblings is None:
        message = "needs can only stand in a parallel stage: here steps run one after the other"
        yield Finding(path, "needs-outside-parallel", message, "take it out, or say 'parallel: true'")
        return
    for index, name in enumerate(placed.step.needs):
        other = outline.by_id.get(name)
        if other is None:
            if sure:
                here = [step.step.id for step in outline.placed if step.siblings == placed.siblings]
                hint = suggest(name, here) or f"steps here are {listed(here)}"
                yield Finding((*path, index), "unknown-step", f"there is no step '{name}'", hint)
        elif other.siblings != placed.siblings:
            over = outline.relation(placed, other) == "before"
            where = "is over before this one starts" if over else "cannot be over before this one starts"
            message = f"needs names steps of the same stage; '{name}' is not in it and {where}"
            yield Finding((*path, index), "needs-other-stage", message, "take it out" if over else "")
        else:
            assert placed.siblings is not None
            at = FindingInside((*path, index), "", "", length=len(name))
            edges.append(Edge(placed.siblings, placed.groups[-1].member, other.groups[-1].member, at))


def _reads(outline: Outline, reading: Reading, edges: list[Edge], sure: bool) -> Iterator[Finding]:
    placed, path = reading.placed, reading.reference.path
    if not path:
        if placed is not None and placed.stage is not None:
            offset, length = spot(reading.use.text, reading.reference, -1)
            message = "it is not known which steps are read here, so not whether they are over"
            hint = "name the step: steps.<id>.output"
            yield FindingInside(reading.use.path, "reads-unfinished", message, hint, offset=offset, length=length)
        return
    name = str(path[0])
    offset, length = spot(reading.use.text, reading.reference, 0)
    at = FindingInside(reading.use.path, "reads-unfinished", "", offset=offset, length=length)
    other = outline.by_id.get(name)
    if other is None:
        if sure:
            hint = suggest(name, outline.by_id) or f"steps are {listed(outline.by_id)}"
            yield replace(at, code="unknown-step", message=f"there is no step '{name}'", hint=hint)
        return
    walls = [step for step in other.inside if step.foreach is not None and not _has(reading.scope, step)]
    if walls:
        message = f"step '{name}' is done once for each item of '{walls[0].id}': only steps of the same item read it"
        hint = f"read steps.{walls[0].id}.output, a list in the items' order"
        yield replace(at, code="reads-item", message=message, hint=hint)
        return
    if placed is None or (reading.afterwards and _has(other.inside, placed.step)):
        return
    match outline.relation(placed, other):
        case "itself" if not reading.afterwards:
            yield replace(at, message=f"step '{name}' reads itself: it has no output before it is over")
        case "never":
            message = f"step '{name}' cannot be over when '{placed.step.id}' starts"
            hint = f"move '{placed.step.id}' behind '{name}'" if placed.groups == other.groups else ""
            yield replace(at, message=message, hint=hint)
        case "sibling":
            edges.append(Edge(*outline.siblings_on_the_way(placed, other), at))


def _has(steps: Iterable[Step], step: Step) -> bool:
    """Whether it is one of them: the very one, as equal steps may stand in several places of a broken file."""
    return any(one is step for one in steps)


def _cycles(outline: Outline, edges: list[Edge]) -> Iterator[Finding]:
    """One finding for each knot of steps that wait for each other, where the first of them says so."""
    names: dict[Member, str] = {}
    for placed in outline.placed:
        if placed.siblings is not None:
            names[placed.siblings, placed.groups[-1].member] = placed.step.id
    waits: Waits = {}
    for edge in edges:
        waits.setdefault((edge.group, edge.waiter), {}).setdefault((edge.group, edge.other), edge.at)
    for knot in sorted(_knots(waits), key=min):
        start = min(knot)
        inside = {member: {other: at for other, at in waits[member].items() if other in knot} for member in knot}
        cycle = _path_back(start, inside)
        shown = " → ".join(names[member] for member in [*cycle, start])
        at = waits[start][cycle[1] if len(cycle) > 1 else start]
        hint = "take one of these out of 'needs', or out of what a step reads"
        yield replace(at, code="cycle", message=f"these steps wait for each other: {shown}", hint=hint)


def _knots(waits: Waits) -> Iterator[set[Member]]:
    """The sets of steps that all wait for each other, each as large as can be (Tarjan's algorithm, not recursive)."""
    number: dict[Member, int] = {}
    low: dict[Member, int] = {}
    path: list[Member] = []
    on_path: set[Member] = set()
    for start in waits:
        pending = [(start, iter(waits.get(start, {})))] if start not in number else []
        while pending:
            here, others = pending[-1]
            if here not in number:
                number[here] = low[here] = len(number)
                path.append(here)
                on_path.add(here)
            for there in others:
                if there not in number:
                    pending.append((there, iter(waits.get(there, {}))))
                    break
                if there in on_path:
                    low[here] = min(low[here], number[there])
            else:
                pending.pop()
                if pending:
                    low[pending[-1][0]] = min(low[pending[-1][0]], low[here])
                if low[here] == number[here]:
                    at = path.index(here)
                    knot = set(path[at:])
                    del path[at:]
                    on_path -= knot
                    if len(knot) > 1 or here in waits.get(here, {}):
                        yield knot


def _path_back(start: Member, waits: Waits) -> list[Member]:
    """The shortest way from a step of a knot back to itself, without the end."""
    came_from: dict[Member, Member] = {}
    frontier = [start]
    while frontier:
        following: list[Member] = []
        for here in frontier:
            for there in waits.get(here, {}):
                if there == start:
                    way = [here]
                    while way[-1] != start:
                        way.append(came_from[way[-1]])
                    return way[::-1]
                if there not in came_from:
                    came_from[there] = here
                    following.append(there)
        frontier = following
    raise ValueError("the step is in no knot")
