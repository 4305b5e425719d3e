"""What two workflows differ in, as lines for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from app.present.run import SCHEMA_VERSION
from composer.diff import Difference, Field
from workflows.text import one_line, safe_json
from workflows.values import Json, canonical

Line = tuple[str, str]
SIGNS = {"added": "+", "removed": "-", "renamed": "~", "moved": "↕", "changed": "~"}
ROLES = {"added": "good", "removed": "bad"}


def structure_lines(found: Sequence[Difference]) -> Iterator[Line]:
    """The differences for people, each with its colour's role."""
    for each in found:
        yield f"{SIGNS[each.how]} {one_line(_head(each), 160)}", ROLES.get(each.how, "attention")
        for field in each.fields:
            yield f"    {one_line(_field(field, each.how), 200)}", ""
    if not found:
        yield "The same: steps, parameters, stages, handlers and all else.", "good"


def structure_document(found: Sequence[Difference], before: str, after: str) -> Json:
    """The differences as JSON."""
    return safe_json(
        {
            "schema_version": SCHEMA_VERSION,
            "before": before,
            "after": after,
            "same": not found,
            "differences": [asdict(each) for each in found],
        }
    )


def _head(each: Difference) -> str:
    noun = "handler for" if each.what == "handler" else each.what
    name = f"{noun} {each.name}" if each.what != "workflow" else "the workflow"
    match each.how:
        case "renamed":
            return f"{each.what} {each.before} is called {each.after} now"
        case "moved" if each.what in ("stage", "handler"):
            return f"{name}: moved from place {each.before} to {each.after}"
        case "moved":
            return f"{name}: moved from {each.before} to {each.after}"
        case "changed":
            return name
        case _:
            place = each.after or each.before
            return f"{name} {each.how}" + (f" ({place})" if place else "")


def _field(field: Field, how: str) -> str:
    if how == "added":
        return f"{field.path}: {_value(field.after)}"
    if field.before is None:
        return f"{field.path}: {_value(field.after)} (new)"
    if field.after is None:
        return f"{field.path}: {_value(field.before)} (taken out)"
    return f"{field.path}: {_value(field.before)} → {_value(field.after)}"


def _value(value: Json) -> str:
    return one_line(value, 80) if isinstance(value, str) else one_line(canonical(value), 80)
