"""What differs between two drafts, and whether only what may: `unchanged_except role=test +kind=approval`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from composer.evaluation.selectors import Selector, read_selector
from composer.evaluation.subject import Seen, Subject
from workflows.definition.dump import written
from workflows.records import dataclass
from workflows.values import Json

AREAS = (
    *("layout", "rename", "budget", "schedule", "parameters", "outputs", "rollback", "error_handlers"),
    *("timeout", "retry", "context", "notify", "finally", "on_failure"),
)
_FREE = frozenset({"name", "description", "version", "metadata", "stages", "steps", "template"})
_OF_A_STEP = {"timeout": ("timeout", "idle_timeout"), "retry": ("retry",), "notify": ("notify",)}
_READS_STEPS = re.compile(r"steps\.\w+")


@dataclass(frozen=True)
class Allowed:
    """What may differ: steps that are picked, such that may come or go, and areas."""

    changed: tuple[Selector, ...] = ()
    added: tuple[Selector, ...] = ()
    removed: tuple[Selector, ...] = ()
    areas: frozenset[str] = frozenset()


def read_allowed(words: Sequence[str]) -> Allowed:
    """What these tokens allow. Raises ValueError for what is none."""
    changed: list[Selector] = []
    added: list[Selector] = []
    removed: list[Selector] = []
    areas: set[str] = set()
    rest = list(words)
    while rest:
        if rest[0] in AREAS:
            areas.add(rest.pop(0))
            continue
        sign = rest[0][0] if rest[0][0] in "+-" else ""
        selector, rest = read_selector([rest[0].removeprefix(sign), *rest[1:]])
        {"": changed, "+": added, "-": removed}[sign].append(selector)
    return Allowed(tuple(changed), tuple(added), tuple(removed), frozenset(areas))


def differences(before: Subject, now: Subject, allowed: Allowed) -> Iterator[str]:
    """What differs and may not, each in a few words."""
    old, new = _by_id(before), _by_id(now)
    renamed = dict(_renamed(old, new)) if "rename" in allowed.areas else {}
    gone = [seen for name, seen in old.items() if name not in new and name not in renamed]
    come = [seen for name, seen in new.items() if name not in old and name not in renamed.values()]
    yield from (f"{seen.step.id} is new" for seen in come if not _picked(seen, allowed.added, now))
    yield from (f"{seen.step.id} is gone" for seen in gone if not _picked(seen, allowed.removed, before))
    loosely = bool(gone or come or renamed)
    for name, seen in old.items():
        other = new.get(renamed.get(name, name))
        if other is None or _picked(seen, allowed.changed, before) or _picked(other, allowed.changed, now):
            continue
        left, right = (_told(each, allowed, loosely or "layout" in allowed.areas) for each in (seen, other))
        if left != right:
            keys = [key for key in {**left, **right} if left.get(key) != right.get(key)]
            yield f"{name} differs in {', '.join(keys)}"
    if "layout" not in allowed.areas:
        kept = [name for name in old if name not in {seen.step.id for seen in gone}]
        mine = [renamed.get(name, name) for name in kept]
        if mine != [name for name in new if name not in {seen.step.id for seen in come}]:
            yield "the order of the steps differs"
        elif not loosely and _layout(before) != _layout(now):
            yield "the stages differ"
    yield from _areas(before, now, allowed, loosely)


def _areas(before: Subject, now: Subject, allowed: Allowed, loosely: bool) -> Iterator[str]:
    left, right = written(before.workflow), written(now.workflow)
    for key in {**left, **right}:
        if key in _FREE or key in allowed.areas:
            continue
        if _loose(left.get(key), loosely) != _loose(right.get(key), loosely):
            yield f"{key} differs"


def _by_id(subject: Subject) -> dict[str, Seen]:
    return {seen.step.id: seen for seen in subject.every}


def _picked(seen: Seen, selectors: Sequence[Selector], within: Subject) -> bool:
    return any(each is seen for selector in selectors for each in selector.pick(within.every))


def _renamed(old: Mapping[str, Seen], new: Mapping[str, Seen]) -> Iterator[tuple[str, str]]:
    free = [name for name in new if name not in old]
    for name, seen in old.items():
        if name not in new:
            for other in free:
                if _loose({**seen.data, "id": ""}, True) == _loose({**new[other].data, "id": ""}, True):
                    free.remove(other)
                    yield name, other
                    break


def _told(seen: Seen, allowed: Allowed, loosely: bool) -> dict[str, Json]:
    free = {key for area in allowed.areas for key in _OF_A_STEP.get(area, (area,))}
    left_out = free | {"id", "name", *(("needs",) if loosely else ())}
    return {key: _loose(value, loosely) for key, value in seen.data.items() if key not in left_out}


def _loose(value: Json, loosely: bool) -> Json:
    """A value; where steps came, went or were renamed, without what it calls the steps that it reads."""
    if not loosely:
        return value
    if isinstance(value, str):
        return _READS_STEPS.sub("steps.x", value) if "steps." in value else value
    if isinstance(value, Mapping):
        return {key: _loose(item, True) for key, item in value.items()}
    return [_loose(item, True) for item in value] if isinstance(value, (list, tuple)) else value


def _layout(subject: Subject) -> Json:
    return [
        [stage.parallel, stage.max_parallel, [step.id for step in stage.steps]] for stage in subject.workflow.stages
    ]
