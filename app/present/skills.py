"""What is told of a skill: its state in a word, all of it in lines, and the same as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, get_args

from workflows.text import one_line, safe_json, safe_text
from workflows.values import Json, canonical

if TYPE_CHECKING:
    from skills.manifest import Bundle, Skill
    from skills.registry import Snapshot
    from workflows.definition.parameters import Parameter

KINDS: Mapping[str, str] = {"python": "function", "command": "command", "folder": "folder", "mcp": "server tool"}

WHERE = {
    "async": "the event loop of a worker (async)",
    "thread": "a thread of a worker (thread)",
    "process": "a process of its own, for each call (process)",
}


def state_words(skill: Skill, snapshot: Snapshot) -> str:
    """The state of a skill in a few words."""
    if snapshot.problems_of(skill):
        return "✗ broken, last good in use"
    return "for agents" if skill.unusable and skill.trusted else skill.state


def document(skill: Skill) -> dict[str, Json]:
    """A skill for `--json`."""
    shown: dict[str, Json] = safe_json(
        {
            "name": skill.name,
            "kind": skill.kind,
            "scope": skill.scope,
            "state": skill.state,
            "version": skill.version,
            "path": str(skill.path) if skill.path else None,
            "description": skill.description,
            "parameters": skill.parameters,
            "returns": skill.returns,
            "effect": skill.effect,
            "execution": skill.execution,
            "touches": sorted(skill.touches),
            "undo": skill.undo,
            "not_callable": skill.unusable or None,
        }
    )
    return shown


def call_lines(skill: Skill) -> Iterator[str]:
    """What there is to know for those who call it."""
    if skill.unusable:
        yield f"no step can call it: {skill.unusable}"
        return
    yield f"effect: {skill.effect} · touches: {', '.join(sorted(skill.touches)) or 'nothing'}"
    if skill.kind == "python":
        yield f"runs in: {WHERE[skill.execution]}" if skill.scope != "built-in" else "runs in: this process"
    if skill.undo:
        yield f"undo: {skill.undo['skill']}, where a step does not say otherwise"
    required = skill.parameters.get("required", ())
    for key, schema in skill.parameters.get("properties", {}).items():
        rule = schema if isinstance(schema, dict) else {}
        must = "required" if key in required else _default(rule)
        yield f"  {key} ({_type(rule)}, {must})  {one_line(rule.get('description', ''), 200)}".rstrip()
    if skill.returns:
        yield f"returns: {one_line(skill.returns, 600)}"


def as_parameter(name: str, rule: Json, *, required: bool) -> Parameter:
    """A parameter of a skill as one of a workflow: what a form has a field for. What has several types is a text."""
    from workflows.definition.parameters import Parameter, ParameterType

    kind = "path" if rule.get("format") == "path" else rule.get("type", "string")
    type_: ParameterType = next((each for each in get_args(ParameterType) if each == kind), "string")
    default = rule.get("default")
    fits = default is not None and (type_ not in ("string", "path") or isinstance(default, str))
    about, enum = one_line(rule.get("description", ""), 200), tuple(rule.get("enum", ()))
    return Parameter(
        name=name, type=type_, required=required, default=default if fits else None, enum=enum, description=about
    )


def _default(rule: Json) -> str:
    """What counts where an optional parameter is not given, as it would be typed."""
    value = rule.get("default")
    if value in (None, ""):
        return "optional"
    return f"{one_line(value if isinstance(value, str) else canonical(value), 60)} if not given"


def _type(rule: Json) -> str:
    if "enum" in rule:
        return " | ".join(one_line(str(word), 40) for word in rule["enum"])
    kind = "path" if rule.get("format") == "path" else rule.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else kind


def folder_lines(bundle: Bundle) -> Iterator[str]:
    """What an agent would read."""
    if bundle.files:
        yield f"files: {one_line(', '.join(sorted(bundle.files)), 600)}"
    yield "instructions:"
    for line in safe_text(bundle.body).splitlines():
        yield f"  {line}".rstrip()
