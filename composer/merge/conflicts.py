"""What two workflows both say and mean otherwise, and which choices there are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from composer.edit.page import Page, open_page
from composer.edit.render import flow
from composer.edit.tree import spots, stages
from workflows.records import dataclass
from workflows.text import one_line
from workflows.values import Json, canonical

CHOICES: Mapping[str, str] = {
    "first": "what the first says",
    "second": "what the second says",
    "rename": "both, the second's by another name",
    "join": "one stage, the second's steps at its end",
    "sum": "both together",
    "each": "each for its own steps",
}


@dataclass(frozen=True)
class Source:
    """A workflow that is merged. `name` tells what is renamed apart."""

    name: str
    text: str


@dataclass(frozen=True)
class Conflict:
    """Something that both say otherwise. `key` names it in choices, such as `step:log` or `budget`."""

    key: str
    first: str
    second: str
    choices: tuple[str, ...]


def conflicts(first: Source, second: Source) -> tuple[Conflict, ...]:
    """What needs a choice, in the order of the file. Raises EditRefused where a text cannot be read."""
    a, b = open_page(first.text), open_page(second.text)
    return (*_parameters(a, b), *_settings(a, b), *_stages(a, b), *_steps(a, b), *_handlers(a, b), *_outputs(a, b))


def same_step(a: Page, b: Page) -> frozenset[str]:
    """The ids of steps that both have and that are the same work: said the same, of what is the same."""
    first, second = _said(a), _said(b)
    same = {id_ for id_, said in first.items() if second.get(id_) == said}
    apart = {id_ for id_ in first if id_ in second} - same
    parameters = {each.key.partition(":")[2] for each in _parameters(a, b)}
    while more := {
        id_ for id_ in same if _reads(first[id_], "parameters", parameters) or _reads(first[id_], "", apart)
    }:
        same -= more
        apart |= more
    return frozenset(same)


def _reads(text: str, root: str, names: Iterable[str]) -> bool:
    """Whether a text may read one of these; without a root, or name it in another way. Rather once too often."""
    start = rf"""{root}\s*(?:\.\s*|\[\s*\\?['"]+)""" if root else r"(?<!\w)"
    return any(re.search(rf"{start}{re.escape(name)}(?!\w)", text) for name in names)


def named(items: Json, key: str) -> dict[str, Json]:
    """A list's items by what they are called."""
    found: dict[str, Json] = {}
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            found.setdefault(str(item.get(key)), item)
    return found


def setting(page: Page, key: str) -> Json:
    """What a workflow says of itself; None where it says nothing. A run's timeout and retry have two places."""
    value = page.value((key,))
    metadata = page.value(("metadata",))
    return metadata.get(key) if value is None and isinstance(metadata, dict) else value


def _parameters(a: Page, b: Page) -> Iterator[Conflict]:
    first, second = (named(page.value(("parameters",)), "name") for page in (a, b))
    for name in first:
        if name in second and _meaning(first[name]) != _meaning(second[name]):
            yield _conflict(f"parameter:{name}", first[name], second[name], ("rename", "first", "second"))


def _meaning(parameter: Json) -> str:
    plain = {"type": "string", "required": False, "default": None, **parameter}
    return canonical({key: value for key, value in plain.items() if key != "description"})


def _settings(a: Page, b: Page) -> Iterator[Conflict]:
    for key, more in (
        ("budget", ("sum",)),
        ("timeout", ()),
        ("max_parallel", ()),
        ("schedule", ()),
        ("unattended", ()),
        ("context", ()),
        ("retry_policy", ("each",)),
    ):
        first, second = setting(a, key), setting(b, key)
        if canonical(first) != canonical(second):
            summed = more if key != "budget" or (first and second) else ()
            yield _conflict(key, first, second, (*summed, "first", "second"))


def _stages(a: Page, b: Page) -> Iterator[Conflict]:
    if a.root.get("stages") is None or b.root.get("stages") is None:
        return  # the only one of a file gets the workflow's name
    for name in stages(a):
        if name in stages(b):
            yield Conflict(f"stage:{name}", "has a stage of that name", "has one too", ("rename", "join"))


def _steps(a: Page, b: Page) -> Iterator[Conflict]:
    first, second, same = _said(a), _said(b), same_step(a, b)
    for id_ in first:
        if id_ in second and id_ not in same:
            yield Conflict(f"step:{id_}", first[id_], second[id_], ("rename", "first", "second"))


def _said(page: Page) -> dict[str, str]:
    return {spot.id: one_line(flow(page.value(spot.path)), 4000) for spot in spots(page)}


def _handlers(a: Page, b: Page) -> Iterator[Conflict]:
    first, second = (named(page.value(("error_handlers",)), "error") for page in (a, b))
    for error in first:
        if error in second and canonical(first[error]) != canonical(second[error]):
            yield _conflict(f"handler:{error}", first[error], second[error], ("first", "second"))


def _outputs(a: Page, b: Page) -> Iterator[Conflict]:
    first, second = (page.value(("outputs",)) or {} for page in (a, b))
    apart = {id_ for id_ in _said(a) if id_ in _said(b)} - same_step(a, b)
    for name in first:
        if name in second and (
            canonical(first[name]) != canonical(second[name]) or _reads(flow(first[name]), "", apart)
        ):
            yield _conflict(f"output:{name}", first[name], second[name], ("rename", "first", "second"))


def _conflict(key: str, first: Json, second: Json, choices: Sequence[str]) -> Conflict:
    return Conflict(key, _shown(first), _shown(second), tuple(choices))


def _shown(value: Json) -> str:
    return "says nothing" if value is None else one_line(flow(value), 160)
