"""Steps added, taken out, moved and renamed in a text, with `needs` and names kept right."""

from __future__ import annotations

import re
from collections.abc import Sequence

from composer.edit import primitives
from composer.edit.page import EditRefused, Page, open_page
from composer.edit.references import named, reads_of, renamed
from composer.edit.tree import Spot, below, siblings, spot_of, spots, stage_index, stage_steps, stages
from composer.edit.values import After, AtEnd, Before, Inside, Place
from workflows.definition.fields import IDENTIFIER
from workflows.definition.places import Path
from workflows.values import Json


def add(text: str, step: dict[str, Json], place: Place) -> str:
    """The text with a step more."""
    page = open_page(text)
    ids = {spot.id for spot in spots(page)}
    for id_ in _ids_in(step):
        if id_ in ids:
            raise EditRefused(f"There is a step '{id_}' already.", "Give the new one an id of its own.")
    path, index = target(page, place)
    ties: list[tuple[str, list[str]]] = []
    if isinstance(place, (Before, After)) and "needs" not in step:
        step, ties = _tied(page, step, place)
    text = primitives.insert(text, path, index, step)
    for id_, needs in ties:
        text = _with_needs(text, id_, needs)
    return text


def remove(text: str, id_: str) -> str:
    """The text without a step; who needed it needs what it needed."""
    page = open_page(text)
    spot = spot_of(page, id_)
    for inner in below(page, spot):
        text = _cut(text, inner.id)
    return _dropped(text, spot_of(open_page(text), id_))


def move(text: str, id_: str, place: Place, above: Sequence[str] = ()) -> str:
    """The text with a step and its comments put elsewhere, below these comments."""
    page = open_page(text)
    spot = spot_of(page, id_)
    path, index = target(page, place)
    if path[: len(spot.path)] == spot.path or (isinstance(place, (Before, After)) and place.step == id_):
        raise EditRefused(f"The step '{id_}' cannot be put into or beside itself.")
    if path == spot.list and index in (spot.index, spot.index + 1):
        return text
    if path != spot.list:
        text = _cut(text, id_)
        page = open_page(text)
        spot = spot_of(page, id_)
        if page.value((*spot.path, "needs")) is not None:
            text = primitives.drop(text, (*spot.path, "needs"))
            page = open_page(text)
        around = next(
            (each for each in reversed(spots(page)) if spot.path[: len(each.path)] == each.path != spot.path), None
        )
        inner = _last_of_its_list(page, spot)
        if inner and (path[: len(inner)] == inner or (around and len(inner) <= len(around.path))):
            raise EditRefused(f"'{id_}' is all that '{around.id if around else inner[0]}' holds, so it stays there.")
    text = primitives.duplicate(text, spot.path, path, index, above)
    old = spot
    if path == spot.list and index <= spot.index:
        old = Spot(id_, (*spot.list, spot.index + 1), spot.parallel)
    elif path != spot.list:
        old = _shifted(spot, path, index)
    return _dropped(text, old)


def rename(text: str, id_: str, to: str) -> str:
    """The text with another id for a step, wherever it is named."""
    if not re.fullmatch(IDENTIFIER, to):
        raise EditRefused(f"'{to}' is no id.", "An id has letters, digits and _, and starts with no digit.")
    page = open_page(text)
    spot = spot_of(page, id_)
    if any(each.id == to for each in spots(page)):
        raise EditRefused(f"There is a step '{to}' already.")
    places = named(text, id_)
    text = primitives.put(text, (*spot.path, "id"), to)
    for path in places:
        text = primitives.put(text, path, to)
    return renamed(text, "steps", id_, to)


def rename_parameter(text: str, name: str, to: str) -> str:
    """The text with another name for a parameter, in all expressions too."""
    if not re.fullmatch(IDENTIFIER, to):
        raise EditRefused(
            f"'{to}' is no name for a parameter.", "It has letters, digits and _, and starts with no digit."
        )
    names = [each.get("name") for each in open_page(text).data.get("parameters") or () if isinstance(each, dict)]
    if name not in names:
        raise EditRefused(f"There is no parameter '{name}'.")
    if to in names:
        raise EditRefused(f"There is a parameter '{to}' already.")
    return renamed(primitives.put(text, ("parameters", names.index(name), "name"), to), "parameters", name, to)


def target(page: Page, place: Place) -> tuple[Path, int]:
    """The list that a place is in, and the index there."""
    match place:
        case Before(step):
            spot = spot_of(page, step)
            return spot.list, spot.index
        case After(step):
            spot = spot_of(page, step)
            return spot.list, spot.index + 1
        case AtEnd(stage):
            index = stage_index(page, stage) if stage else len(stages(page)) - 1
            path = stage_steps(page, index)
        case Inside(path_inside, step):
            path = (*spot_of(page, step).path, *path_inside) if step else path_inside
    value = page.value(path)
    return path, len(value) if isinstance(value, list) else 0


def without_foreign_needs(text: str, path: Path) -> str:
    """The text with only such `needs` of a list's steps as name others of it."""
    here = {spot.id for spot in siblings(open_page(text), path)}
    for id_ in here:
        page = open_page(text)
        needs = page.value((*spot_of(page, id_).path, "needs"))
        if isinstance(needs, list) and not set(needs) <= here:
            text = _with_needs(text, id_, [name for name in needs if name in here])
    return text


def _tied(
    page: Page, step: dict[str, Json], place: Before | After
) -> tuple[dict[str, Json], list[tuple[str, list[str]]]]:
    """The step with what it needs, and what others then need, where all of the list run at the same time."""
    other = spot_of(page, place.step)
    if not other.parallel:
        return step, []
    id_ = str(step.get("id", ""))
    beside = siblings(page, other.list)
    if isinstance(place, After):
        needing = [each for each in beside if other.id in (page.value((*each.path, "needs")) or ())]
        return _given(step, [other.id]), [(each.id, [*page.value((*each.path, "needs")), id_]) for each in needing]
    before = reads_of(page, other) & {each.id for each in beside}
    return _given(step, [each.id for each in beside if each.id in before]), [
        (other.id, [*(page.value((*other.path, "needs")) or ()), id_])
    ]


def _given(step: dict[str, Json], needs: list[str]) -> dict[str, Json]:
    if not needs:
        return step
    head: dict[str, Json] = {key: step[key] for key in ("id", "type") if key in step}
    return {**head, "needs": needs, **{key: value for key, value in step.items() if key not in head}}


def _cut(text: str, id_: str) -> str:
    """The text in which nobody needs a step, but what it needed."""
    page = open_page(text)
    spot = spot_of(page, id_)
    own: list[str] = page.value((*spot.path, "needs")) or []
    for each in spots(page):
        needs = page.value((*each.path, "needs"))
        if isinstance(needs, list) and id_ in needs:
            kept, waited = [name for name in needs if name != id_], reads_of(page, each)
            text = _with_needs(text, each.id, [*kept, *(name for name in own if name not in waited)])
    for path in reversed(named(text, id_)):
        text = primitives.drop(text, path)  # of handlers
    return text


def _with_needs(text: str, id_: str, needs: list[str]) -> str:
    page = open_page(text)
    path = (*spot_of(page, id_).path, "needs")
    if needs:
        return primitives.put(text, path, needs)
    return primitives.drop(text, path) if page.node(path) is not None else text


def _dropped(text: str, spot: Spot) -> str:
    """The text without a step, and without what held only it."""
    page = open_page(text)
    path = _last_of_its_list(page, spot) or spot.path
    if path[:1] in (("stages",), ("steps",)) and len(path) == 1:
        raise EditRefused(f"'{spot.id}' is the only step: a workflow has at least one.")
    return primitives.drop(text, path)


def _last_of_its_list(page: Page, spot: Spot) -> Path | None:
    """What has to go with a step that is the only one of its list: its branch, its stage, the step that holds it."""
    if len(page.value(spot.list)) > 1:
        return None
    holder = spot.list[:-1]
    if not holder or spot.list[-1] == "default":
        return spot.list
    if holder[0] in ("rollback", "finally") and len(holder) == 1:
        return holder
    if not isinstance(holder[-1], int):
        return holder
    if len(page.value(holder[:-1])) > 1:
        return holder
    if holder[:-1] == ("stages",):
        return ("stages",)
    around = next((each for each in spots(page) if each.path == holder), None)
    if around is None and holder[-2] == "branches":
        around = next((each for each in spots(page) if each.path == holder[:-2]), None)
    return (_last_of_its_list(page, around) or around.path) if around else holder


def _shifted(spot: Spot, path: Path, index: int) -> Spot:
    """Where a step stands when an item was put into another list."""
    depth = len(path)
    place = spot.path[depth] if len(spot.path) > depth and spot.path[:depth] == path else None
    if isinstance(place, int) and place >= index:
        return Spot(spot.id, (*path, place + 1, *spot.path[depth + 1 :]), spot.parallel)
    return spot


def _ids_in(value: Json) -> set[str]:
    if isinstance(value, dict):
        own = {value["id"]} if isinstance(value.get("id"), str) and "type" in value else set()
        return own.union(*(_ids_in(each) for each in value.values()))
    return set().union(*map(_ids_in, value)) if isinstance(value, (list, tuple)) else set()
