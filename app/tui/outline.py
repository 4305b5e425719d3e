"""The steps of a run as a tree: in which order and how deep they stand, what they are called, what can be folded away.

The tree changes only where a scope opens; where each step stands is looked up when its row is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from app.present.inquiry import item_text
from workflows.records import dataclass
from workflows.runs.state import Inquiry, RunState, Scope, StepState
from workflows.runs.tree import home_of, walk
from workflows.text import one_line

MANY = 6
"""Children of a step up to which it is unfolded by itself."""

ABOUT = ("handler", "undo", "rollback", "finally")
"""Kinds of scopes whose steps stand below a heading."""


@dataclass(frozen=True)
class Node:
    """A step in the tree, by its address. `parent` and `end` are places in the list: `end` is after all it holds.

    `above` is the scope whose heading stands above this row, where one does.
    """

    address: str
    name: str
    depth: int
    parent: int
    end: int
    children: int
    above: str = ""


@dataclass(frozen=True)
class Outline:
    """All steps, as they are read from top to bottom."""

    nodes: tuple[Node, ...] = ()

    @cached_property
    def places(self) -> Mapping[str, int]:
        return {node.address: place for place, node in enumerate(self.nodes)}

    def holders(self, place: int) -> Iterator[int]:
        """The places of what holds a step, the nearest first."""
        while (place := self.nodes[place].parent) >= 0:
            yield place

    def foldable(self, address: str) -> bool:
        """Whether there is something to fold away below a step."""
        place = self.places.get(address)
        return place is not None and self.nodes[place].end > place + 1


def outline(state: RunState) -> Outline:
    """The tree of a run, its steps inside others and what was done about them among them."""
    found: list[Node] = []
    ends: dict[int, int] = {}
    children: dict[int, int] = {}
    lifts: dict[str, int] = {"": 0}
    open_at: list[tuple[int, int]] = []
    before = ""
    for depth, step in walk(state):
        while open_at and open_at[-1][0] >= depth:
            ends[open_at.pop()[1]] = len(found)
        parent = open_at[-1][1] if open_at else -1
        children[parent] = children.get(parent, 0) + 1
        scope = state.scopes[step.scope]
        above = scope.name if scope.kind in ABOUT and scope.name != before else ""
        before = scope.name
        lift = _lift(state, scope, lifts)
        found.append(Node(step.id, _name(state, step, scope), depth + lift, parent, 0, 0, above))
        open_at.append((depth, len(found) - 1))
    last = len(found)
    return Outline(
        tuple(
            Node(
                node.address,
                node.name,
                node.depth,
                node.parent,
                ends.get(place, last),
                children.get(place, 0),
                node.above,
            )
            for place, node in enumerate(found)
        )
    )


def shape_of(state: RunState) -> tuple[int, int, int]:
    """What is the same as long as the outline is."""
    return len(state.steps), len(state.scopes), sum(scope.opened for scope in state.scopes.values())


def _lift(state: RunState, scope: Scope, known: dict[str, int]) -> int:
    """How much deeper a scope's steps stand because of headings above them."""
    if scope.name not in known:
        outer = _lift(state, state.scopes[state.steps[scope.owner].scope], known) if scope.owner else 0
        known[scope.name] = outer + (scope.kind in ABOUT)
    return known[scope.name]


def _name(state: RunState, step: StepState, scope: Scope) -> str:
    """What a step is called where it stands."""
    address, _, what = step.id.rpartition("~")
    match scope.kind:
        case "each":
            return f"{step.id[step.id.rindex('[') :]} {item_text(step.item)}".rstrip()
        case "undo":
            return f"undo {address}"
        case "notify":
            return f"notify: {address.partition('~')[0]}"
        case "verify":
            return what
    return step.planned.id


def heading(state: RunState, scope: Scope) -> str:
    """What stands above steps that are done about others."""
    if scope.kind != "handler":
        return {"undo": "undo", "rollback": "rollback", "finally": "finally"}[scope.kind]
    handler = home_of(state, state.steps[scope.owner]).plan.handlers[scope.data["handler"]]
    return one_line(f"handler of {handler.error}, then {handler.action}", 60)


def visible(tree: Outline, folded: Mapping[str, bool], needing: Mapping[int, int], selected: str) -> Sequence[int]:
    """The places of the steps that are shown: those below a folded step are not.

    A step with many children is folded by itself, unless something in it needs a person or is `selected`. What a
    person chose in `folded` counts before that. `needing` says how many entries wait below a place.
    """
    shown: list[int] = []
    at = tree.places.get(selected, -1)
    place = 0
    while place < len(tree.nodes):
        shown.append(place)
        place = tree.nodes[place].end if is_folded(tree, place, folded, needing, at) else place + 1
    return shown


def guides(tree: Outline, shown: Sequence[int]) -> Sequence[str]:
    """The lines from each step that is shown up to what holds it: `├ `, `└ `, and `│ ` past those below."""
    found: list[str] = []
    more: list[bool] = []
    for place in reversed(shown):
        node = tree.nodes[place]
        del more[node.depth + 1 :]
        more += [False] * (node.depth + 1 - len(more))
        if node.depth:
            above = "".join("│ " if more[level] else "  " for level in range(1, node.depth))
            found.append(above + ("├ " if more[node.depth] else "└ "))
        else:
            found.append("")
        # A heading begins anew.
        more[node.depth] = not node.above
    return found[::-1]


def is_folded(tree: Outline, place: int, folded: Mapping[str, bool], needing: Mapping[int, int], at: int) -> bool:
    """Whether what is below a place is folded away, with the selection at `at`."""
    node = tree.nodes[place]
    if node.end == place + 1:
        return False
    if (chosen := folded.get(node.address)) is not None:
        return chosen
    return node.children > MANY and not needing.get(place) and not place < at < node.end


def needing(tree: Outline, waiting: Sequence[Inquiry]) -> Mapping[int, int]:
    """How many entries wait at or below each place."""
    found: dict[int, int] = {}
    for inquiry in waiting:
        if (place := tree.places.get(inquiry.asked.step)) is not None:
            for holder in (place, *tree.holders(place)):
                found[holder] = found.get(holder, 0) + 1
    return found


def progress(state: RunState, step: StepState, waiting: int, *, short: bool = False) -> str:
    """How far a step is that holds others: `3/10 done · 1 failed · 4 wait`, in `short` `3/10 ✗ 1 ‖ 4`.

    Empty where it holds none yet.
    """
    scope = state.scopes.get(step.id)
    if scope is None or not (total := sum(scope.counts.values())):
        return ""
    counts = scope.counts
    done = sum(counts.get(status, 0) for status in ("succeeded", "skipped"))
    others = {
        "✗": ("failed", counts.get("failed", 0)),
        "↶": ("undone", counts.get("undone", 0)),
        "‖": ("wait", waiting),
    }
    if short:
        return " ".join([f"{done}/{total}", *(f"{glyph} {count}" for glyph, (_, count) in others.items() if count)])
    return " · ".join([f"{done}/{total} done", *(f"{count} {word}" for word, count in others.values() if count)])
