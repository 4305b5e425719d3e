"""The steps and stages of a text that was read: where each stands, in which list, and what that list is."""

from __future__ import annotations

from collections.abc import Iterator

from composer.edit.page import EditRefused, Page
from workflows.definition.places import Path, find
from workflows.diagnostics import listed, suggest
from workflows.records import dataclass
from workflows.source import Mapping, Node, Scalar, Sequence


@dataclass(frozen=True)
class Spot:
    """A step: its id, the path to it, and whether its list runs at the same time."""

    id: str
    path: Path
    parallel: bool

    @property
    def list(self) -> Path:
        return self.path[:-1]

    @property
    def index(self) -> int:
        index = self.path[-1]
        assert isinstance(index, int)
        return index


def spots(page: Page) -> tuple[Spot, ...]:
    """All steps in the order of the file, each before those that it holds."""
    return tuple(spot for path, parallel in _lists(page) for spot in _spots(page, path, parallel))


def spot_of(page: Page, id_: str) -> Spot:
    """The step of this id. Raises EditRefused where there is none, or more than one."""
    found = [spot for spot in spots(page) if spot.id == id_]
    if not found:
        ids = [spot.id for spot in spots(page)]
        hint = suggest(id_, ids) or f"Steps are {listed(ids)}."
        raise EditRefused(f"There is no step '{id_}'.", hint[0].upper() + hint[1:])
    if len(found) > 1:
        raise EditRefused(f"There are {len(found)} steps with the id '{id_}'.", "Give each step an id of its own.")
    return found[0]


def siblings(page: Page, path: Path) -> tuple[Spot, ...]:
    """The steps of one list."""
    return tuple(spot for spot in spots(page) if spot.list == path)


def below(page: Page, spot: Spot) -> tuple[Spot, ...]:
    """A step with all that it holds."""
    return tuple(each for each in spots(page) if each.path[: len(spot.path)] == spot.path)


def stages(page: Page) -> tuple[str, ...]:
    """The names of the stages in order; `main` for the steps of a file without stages."""
    found = page.root.get("stages")
    if not isinstance(found, Sequence):
        return ("main",) if page.root.get("steps") is not None else ()
    return tuple(_text(item, "name") for item in found.items)


def stage_index(page: Page, name: str) -> int:
    """The number of the stage of this name. Raises EditRefused where there is none."""
    names = stages(page)
    if name not in names:
        hint = suggest(name, names) or f"Stages are {listed(names)}."
        raise EditRefused(f"There is no stage '{name}'.", hint[0].upper() + hint[1:])
    return names.index(name)


def stage_steps(page: Page, index: int) -> Path:
    """The path of a stage's list of steps."""
    return ("stages", index, "steps") if page.root.get("stages") is not None else ("steps",)


def _lists(page: Page) -> Iterator[tuple[Path, bool]]:
    root = page.root
    found = root.get("stages")
    for index, item in enumerate(found.items if isinstance(found, Sequence) else ()):
        yield ("stages", index, "steps"), _text(item, "parallel").lower() == "true"
    yield ("steps",), False
    yield ("rollback", "steps"), False
    yield ("finally", "steps"), False


def _spots(page: Page, path: Path, parallel: bool) -> Iterator[Spot]:
    items = find(page.root, path)
    for index, item in enumerate(items.items if isinstance(items, Sequence) else ()):
        if not isinstance(item, Mapping):
            continue
        here = (*path, index)
        yield Spot(_text(item, "id"), here, parallel)
        yield from _spots(page, (*here, "steps"), _text(item, "type") == "parallel")
        branches = item.get("branches")
        for number, _ in enumerate(branches.items if isinstance(branches, Sequence) else ()):
            yield from _spots(page, (*here, "branches", number, "steps"), False)
        if _text(item, "type") == "decision":
            yield from _spots(page, (*here, "default"), False)


def _text(node: Node, key: str) -> str:
    value = node.get(key) if isinstance(node, Mapping) else None
    return value.text if isinstance(value, Scalar) else ""
