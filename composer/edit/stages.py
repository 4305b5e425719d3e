"""Stages of a text: added, split, merged, and steps that run at the same time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise, takewhile

from composer.edit import primitives, steps
from composer.edit.page import EditRefused, Page, open_page
from composer.edit.references import ANY, reads_of
from composer.edit.tree import Spot, siblings, spot_of, spots, stage_index, stage_steps, stages
from composer.edit.values import After
from workflows.definition.places import Path
from workflows.values import Json, plain


def set_stage(text: str, stage: str, key: str, value: Json) -> str:
    """The text with a field of a stage; None takes it out. A file without stages gets one, `main`."""
    text = staged(text)
    page = open_page(text)
    path: Path = ("stages", stage_index(page, stage), key)
    if value is None:
        return primitives.drop(text, path) if page.node(path) is not None else text
    return primitives.put(text, path, value, at=_before_steps(page, path[:-1]))


def add_stage(
    text: str, name: str, contents: Sequence[Mapping[str, Json]], after: str, first: bool, parallel: bool
) -> str:
    text = staged(text)
    page = open_page(text)
    index = 0 if first else stage_index(page, after) + 1 if after else len(stages(page))
    head: dict[str, Json] = {"name": name, **({"parallel": True} if parallel else {})}
    return primitives.insert(text, ("stages",), index, {**head, "steps": plain(list(contents))})


def split(text: str, at: str, name: str) -> str:
    """The text in which a stage's steps from one on are a stage of their own."""
    text = staged(text)
    page = open_page(text)
    spot = spot_of(page, at)
    if len(spot.path) != 4 or spot.path[0] != "stages":
        raise EditRefused(f"The step '{at}' is not directly in a stage, so no stage can begin with it.")
    if spot.index == 0:
        raise EditRefused(f"The stage begins with '{at}' already.")
    index = spot.path[1]
    assert isinstance(index, int)
    going = [each for each in siblings(page, spot.list) if each.index >= spot.index]
    staying = [each for each in siblings(page, spot.list) if each.index < spot.index]
    for each in staying:
        if late := reads_of(page, each) & {other.id for other in going}:
            raise EditRefused(f"'{each.id}' waits for '{min(late)}', which would be in the later stage.")
    stage: dict[str, Json] = {key: value for key, value in page.value(("stages", index)).items() if key != "steps"}
    whole = {**stage, "name": name, "steps": [page.value(each.path) for each in going]}
    lines = _stage_lines(page, {**stage, "name": name}, [each.path for each in going])
    new = index + 1
    text = (
        primitives.paste(text, ("stages",), new, lines, whole)
        if lines
        else primitives.insert(text, ("stages",), new, whole)
    )
    for each in reversed(going):
        text = primitives.drop(text, each.path)
    return steps.without_foreign_needs(text, ("stages", new, "steps"))


def merge(text: str, stage: str) -> str:
    """The text in which a stage's steps stand at the end of the stage before it."""
    page = open_page(text)
    index = stage_index(page, stage)
    if index == 0:
        raise EditRefused(f"There is no stage before '{stage}'.")
    first, second = page.value(("stages", index - 1)), page.value(("stages", index))
    before, going = siblings(page, stage_steps(page, index - 1)), siblings(page, stage_steps(page, index))
    if bool(first.get("parallel")) != bool(second.get("parallel")):
        raise EditRefused(
            f"Of '{first['name']}' and '{stage}' one runs its steps at the same time, the other one after the other.",
            "Make both the same first.",
        )
    needs = {each.id: page.value((*each.path, "needs")) or [] for each in going}
    remarks = _remarks(page, index)
    for each in going:
        last = siblings(open_page(text), ("stages", index - 1, "steps"))[-1]
        text = steps.move(text, each.id, After(last.id), remarks if each is going[0] else ())
    if first.get("parallel"):
        for each in going:  # they began when all of the first stage was over
            path = (*spot_of(open_page(text), each.id).path, "needs")
            text = primitives.put(text, path, [*(other.id for other in before), *needs[each.id]])
    return text


def run_together(text: str, ids: Sequence[str], max_parallel: int | None, name: str) -> str:
    """The text in which these steps run at the same time."""
    ids = list(dict.fromkeys(ids))
    if len(ids) < 2:
        raise EditRefused("At least two steps can run at the same time.")
    page = open_page(text)
    group = sorted((spot_of(page, id_) for id_ in ids), key=spots(page).index)
    _refuse_order(page, group)
    text = _gathered(text, group)
    page = open_page(text)
    group = [spot_of(page, each.id) for each in group]
    around = group[0].list
    if group[0].parallel:
        return _limited(text, around, max_parallel)
    if around == ("steps",) and len(group) == len(siblings(page, around)):
        text = staged(text)
        around = ("stages", 0, "steps")
        page = open_page(text)
    if around[0] == "stages" and len(around) == 3 and len(group) == len(siblings(page, around)):
        text = primitives.put(text, (*around[:-1], "parallel"), True, at=_before_steps(page, around[:-1]))
        return _limited(text, around, max_parallel)
    if max_parallel is not None:
        raise EditRefused("How many run at once can be said of a stage, not of some of its steps.")
    return _wrapped(text, group, name)


def staged(text: str) -> str:
    """The text with `stages` in the place of `steps` at the top; as it is where it has them."""
    page = open_page(text)
    found = next(((key, value) for key, value in page.root.entries if key.text == "steps"), None)
    if found is None or page.root.get("stages") is not None:
        return text
    key, value = found
    wanted = [{"name": "main", "steps": page.value(("steps",))}]
    if page.in_flow(()):
        end = page.end(value)
        new = f"stages: [{{name: main, steps: {text[value.mark.start : end]}}}]"
        return text[: key.mark.start] + new + text[end:]
    column, indent = key.mark.column - 1, page.list_indent
    line_end, end = page.line_end(key.mark.end), page.line_end(page.end(value))
    tail = page.extents(page.root)[[each.text for each, _ in page.root.entries].index("steps")].tail
    body = text[line_end : max(end, tail)]
    by = " " * (indent + 2)
    shifted = "".join(by + line if line.strip() else line for line in body.splitlines(keepends=True)[1:])
    first = page.newline if body else ""
    head = f"stages:{page.newline}{' ' * (column + indent)}- name: main{page.newline}{' ' * (column + indent + 2)}"
    new = text[: key.mark.start] + head + text[key.mark.start : line_end] + first + shifted + text[max(end, tail) :]
    if open_page(new).value(("stages",)) != wanted:
        raise EditRefused("The steps are written in a form that cannot be put into a stage.", "Change it by hand.")
    return new


def _remarks(page: Page, index: int) -> list[str]:
    """The comments above a stage."""
    lines = primitives.lines_of(page, ("stages", index)) or []
    return list(takewhile(lambda line: line.startswith("#"), lines))


def _refuse_order(page: Page, group: Sequence[Spot]) -> None:
    ids = {each.id for each in group}
    for each in group:
        reads = reads_of(page, each)
        if late := reads & (ids - {each.id}):
            raise EditRefused(
                f"'{each.id}' reads or needs '{min(late)}', so they cannot run at the same time.",
                "Take out of it what it reads there, or leave it behind.",
            )
        if ANY in reads:
            raise EditRefused(
                f"It is not known which steps '{each.id}' reads, so not whether it can run beside others."
            )


def _gathered(text: str, group: Sequence[Spot]) -> str:
    """The text in which these steps stand one behind the other."""
    page = open_page(text)
    order = spots(page)
    for previous, each in pairwise(group):
        here, there = spot_of(open_page(text), previous.id), spot_of(open_page(text), each.id)
        if there.list == here.list and there.index == here.index + 1:
            continue
        if there.list != here.list and not (_is_of_stage(there) and _is_of_stage(here)):
            raise EditRefused(
                f"'{each.id}' and '{previous.id}' are not in stages, nor in one step: move one of them first."
            )
        between = {other.id for other in order[order.index(group[0]) : order.index(each)]}
        if late := reads_of(page, each) & between:
            raise EditRefused(f"'{each.id}' reads '{min(late)}', so it cannot be put in front of it.")
        text = steps.move(text, each.id, After(previous.id))
    return text


def _is_of_stage(spot: Spot) -> bool:
    return spot.path[0] == "stages" and len(spot.path) == 4


def _limited(text: str, around: Path, most: int | None) -> str:
    if most is None:
        return text
    if around[0] != "stages" or len(around) != 3:
        raise EditRefused("How many run at once can be said of a stage, not of some of its steps.")
    return primitives.put(text, (*around[:-1], "max_parallel"), most, at=_before_steps(open_page(text), around[:-1]))


def _wrapped(text: str, group: Sequence[Spot], name: str) -> str:
    page = open_page(text)
    taken = {spot.id for spot in spots(page)}
    id_ = next(each for each in (name, *(f"{name}_{n}" for n in range(2, 99))) if each not in taken)
    value = {"id": id_, "type": "parallel", "steps": [page.value(each.path) for each in group]}
    lines = _holding(page, ["- " + f"id: {id_}", "  type: parallel"], [each.path for each in group])
    path, index = group[0].list, group[0].index
    text = primitives.paste(text, path, index, lines, value) if lines else primitives.insert(text, path, index, value)
    for each in reversed(group):
        text = primitives.drop(text, (*path, each.index + 1))
    return text


def _stage_lines(page: Page, stage: dict[str, Json], held: Sequence[Path]) -> list[str] | None:
    from composer.edit.render import item

    return _holding(page, item(stage, 0, page.indent, page.list_indent), held)


def _holding(page: Page, head: list[str], held: Sequence[Path]) -> list[str] | None:
    """The lines of an item that holds these steps, with their own lines; None where these are inside of brackets."""
    lines = [*head, "  steps:"]
    by = " " * (2 + page.list_indent)
    for path in held:
        own = primitives.lines_of(page, path)
        if own is None:
            return None
        lines += [by + line if line else line for line in own]
    return lines


def _before_steps(page: Page, path: Path) -> int:
    """The place in front of a stage's steps among its keys."""
    keys = list(page.value(path))
    return keys.index("steps") if "steps" in keys else len(keys)
