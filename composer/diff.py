"""What two workflows differ in, as workflows: steps, stages, parameters and handlers, not lines of text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from workflows.definition.dump import written
from workflows.definition.model import Step, Workflow
from workflows.definition.outline import Placed, outline
from workflows.records import dataclass
from workflows.values import Json, canonical

What = Literal["workflow", "parameter", "stage", "step", "handler", "output"]
How = Literal["added", "removed", "renamed", "moved", "changed"]

_APART = ("stages", "parameters", "error_handlers", "rollback", "finally", "outputs")
_HOLDING = ("steps", "branches", "default")


@dataclass(frozen=True)
class Field:
    """A field that differs, by its path, such as `retry.max_attempts`. What is not there is None."""

    path: str
    before: Json
    after: Json


@dataclass(frozen=True)
class Difference:
    """One thing that differs. `name` is what it is called in the newer workflow, or was in the older one; `before` and
    `after` are where it stood and stands, or with `renamed` its names; `fields` what is said of it otherwise."""

    what: What
    how: How
    name: str
    before: str = ""
    after: str = ""
    fields: tuple[Field, ...] = ()


def compare(before: Workflow, after: Workflow) -> tuple[Difference, ...]:
    """What the second workflow says otherwise than the first. Empty where both mean the same; comments and layout of
    their texts, and the order of parameters, make no difference."""
    called = _renamed(outline(before).by_id, outline(after).by_id)
    handlers = [_by_name(each, "error_handlers", "error") for each in (before, after)]
    return (
        *_of_whole(before, after),
        *_named("parameter", _by_name(before, "parameters", "name"), _by_name(after, "parameters", "name")),
        *_stages(before, after),
        *_steps(before, after, called),
        *_named("handler", _followed(handlers[0], called), handlers[1]),
        *_order_of_handlers(before, after),
        *_named("output", _followed(_outputs(before), called), _outputs(after)),
    )


def _of_whole(before: Workflow, after: Workflow) -> Iterator[Difference]:
    old, new = ({key: value for key, value in written(each).items() if key not in _APART} for each in (before, after))
    if fields := tuple(fields_between(old, new)):
        yield Difference("workflow", "changed", after.name, fields=fields)


def fields_between(before: Json, after: Json, path: str = "") -> Iterator[Field]:
    """The fields of two objects that differ, as deep as both are objects."""
    for key in dict.fromkeys((*before, *after)):
        here = f"{path}.{key}" if path else key
        old, new = before.get(key), after.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            yield from fields_between(old, new, here)
        elif canonical(old) != canonical(new):
            yield Field(here, old, new)


def _named(what: What, before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[Difference]:
    for name in before:
        if name not in after:
            yield Difference(what, "removed", name)
    for name, value in after.items():
        if name not in before:
            yield Difference(what, "added", name, fields=tuple(fields_between({}, value)))
        elif fields := tuple(fields_between(before[name], value)):
            yield Difference(what, "changed", name, fields=fields)


def _by_name(workflow: Workflow, key: str, name: str) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for each in getattr(workflow, key):
        data = written(each)
        found.setdefault(str(data.pop(name)), data)
    return found


def _outputs(workflow: Workflow) -> dict[str, Json]:
    return {name: {"value": value} for name, value in workflow.outputs.items()}


def _order_of_handlers(before: Workflow, after: Workflow) -> Iterator[Difference]:
    """The first handler that matches is used, so their order means something."""
    old, new = list(_by_name(before, "error_handlers", "error")), list(_by_name(after, "error_handlers", "error"))
    for name in _moved([each for each in old if each in new], [each for each in new if each in old]):
        yield Difference("handler", "moved", name, str(old.index(name) + 1), str(new.index(name) + 1))


def _stages(before: Workflow, after: Workflow) -> Iterator[Difference]:
    old, new = ({stage.name: stage for stage in each.stages} for each in (before, after))
    gone, come = [name for name in old if name not in new], [name for name in new if name not in old]
    called: dict[str, str] = {}
    for name in come:
        ids = {step.id for step in new[name].steps}
        same = next((each for each in gone if ids & {step.id for step in old[each].steps}), None)
        if same is not None:
            gone.remove(same)
            called[name] = same
            yield Difference("stage", "renamed", name, same, name)
    for name in gone:
        yield Difference("stage", "removed", name)
    for name, stage in new.items():
        was = old.get(called.get(name, name))
        if was is None:
            yield Difference("stage", "added", name)
        elif fields := tuple(fields_between(_own(was), _own(stage))):
            yield Difference("stage", "changed", name, fields=fields)
    then, now = [each for each in old if each not in gone], [called.get(each, each) for each in new]
    for name in _moved(then, [each for each in now if each in old]):
        yield Difference("stage", "moved", name, str(list(old).index(name) + 1), str(now.index(name) + 1))


def _own(part: Step | object) -> dict[str, Json]:
    """What a stage or a step says of itself, without its name and the steps that it holds."""
    data = written(part)  # type: ignore[arg-type]  # both are parts of a workflow
    if "branches" in data:
        conditions = [branch["when"] for branch in data["branches"]]
        data = {**data, "branches.when": conditions}
    return {key: value for key, value in data.items() if key not in ("id", *_HOLDING) and not _is_name(part, key)}


def _is_name(part: object, key: str) -> bool:
    return key == "name" and not isinstance(part, Step)


def _steps(before: Workflow, after: Workflow, called: Mapping[str, str]) -> Iterator[Difference]:
    old, new = outline(before).by_id, outline(after).by_id
    known = {id_: called.get(id_, id_) for id_ in new if id_ in called or id_ in old}
    for id_ in old:
        if id_ not in new and id_ not in called.values():
            yield Difference("step", "removed", id_, before=_place(old[id_], before))
    for id_, placed in new.items():
        was = old.get(known.get(id_, ""))
        if was is None:
            yield Difference(
                "step", "added", id_, after=_place(placed, after), fields=tuple(fields_between({}, _own(placed.step)))
            )
            continue
        if id_ in called:
            yield Difference("step", "renamed", id_, called[id_], id_)
        if fields := tuple(fields_between(_followed(_own(was.step), called), _own(placed.step))):
            yield Difference("step", "changed", id_, fields=fields)
    yield from _moves(before, after, old, new, known)


def _renamed(old: Mapping[str, Placed], new: Mapping[str, Placed]) -> dict[str, str]:
    """Steps that are gone under one id and are there, as they were, under another: the new id to the old one."""
    found: dict[str, str] = {}
    gone = {id_: _own(placed.step) for id_, placed in old.items() if id_ not in new}
    come = {id_: canonical(_own(placed.step)) for id_, placed in new.items() if id_ not in old}
    more = True
    while more:  # one may read another that was renamed too
        more = False
        for id_, said in come.items():
            left = [each for each in gone if each not in found.values()]
            same = next((each for each in left if canonical(_followed(gone[each], found)) == said), None)
            if id_ not in found and same is not None:
                found[id_], more = same, True
    return found


def _followed(data: Json, called: Mapping[str, str]) -> Json:
    """What was said, with steps by the ids that they have now."""
    if not called:
        return data
    now = {was: id_ for id_, was in called.items()}
    names = "|".join(map(re.escape, now))
    pattern = re.compile(rf"""(?<![\w.])(steps\s*(?:\.\s*|\[\s*['"]))({names})(?!\w)""")

    def follow(value: Json, key: str = "") -> Json:
        if isinstance(value, dict):
            return {name: follow(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [
                now.get(item, item) if key in ("needs", "steps") and isinstance(item, str) else follow(item)
                for item in value
            ]
        return pattern.sub(lambda match: match[1] + now[match[2]], value) if isinstance(value, str) else value

    return follow(data)


def _moves(
    before: Workflow,
    after: Workflow,
    old: Mapping[str, Placed],
    new: Mapping[str, Placed],
    known: Mapping[str, str],
) -> Iterator[Difference]:
    stayed: dict[str, list[str]] = {}
    for id_, was_called in known.items():
        here, there = _place(new[id_], after), _place(old[was_called], before)
        if here != there and not _is_same_stage(new[id_], old[was_called], before, after):
            yield Difference("step", "moved", id_, there, here)
        else:
            stayed.setdefault(here, []).append(id_)
    order = {id_: place for place, id_ in enumerate(old)}
    for place, ids in stayed.items():
        then = sorted(ids, key=lambda id_: order[known[id_]])
        for id_ in _moved(then, ids):
            index = ids.index(id_)
            yield Difference("step", "moved", id_, place, f"{place}, {f'after {ids[index - 1]}' if index else 'first'}")


def _is_same_stage(new: Placed, old: Placed, before: Workflow, after: Workflow) -> bool:
    """Whether a step stands where it stood, and only its stage is called otherwise or stands elsewhere."""
    if new.stage is None or old.stage is None or new.inside or old.inside:
        return False
    here, there = {step.id for step in new.stage.steps}, {step.id for step in old.stage.steps}
    names = {stage.name for stage in before.stages}, {stage.name for stage in after.stages}
    return bool(here & there - {new.step.id}) and new.stage.name not in names[0] and old.stage.name not in names[1]


def _place(placed: Placed, workflow: Workflow) -> str:
    """Where a step stands, for people: its stage or block, and the step that holds it."""
    around = f"stage {placed.stage.name}" if placed.stage else str(placed.path[0])
    return f"{around} › {' › '.join(step.id for step in placed.inside)}" if placed.inside else around


def _moved(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The fewest names that must have been moved to come from one order to the other."""
    place = {name: index for index, name in enumerate(before)}
    ends: list[int] = []
    chains: list[list[str]] = []
    for name in after:
        at = bisect_left(ends, place[name])
        chain = [*(chains[at - 1] if at else ()), name]
        if at == len(ends):
            ends.append(place[name])
            chains.append(chain)
        else:
            ends[at], chains[at] = place[name], chain
    stayed = set(chains[-1]) if chains else set()
    return [name for name in after if name not in stayed]
