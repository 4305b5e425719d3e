"""understudy skills show NAME: all of one skill."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for
from app.cli.skills.found import find_skill
from workflows.text import one_line, safe_json, safe_text
from workflows.values import Json, canonical

if TYPE_CHECKING:
    from skills.manifest import Bundle, Skill

WHERE = {
    "async": "the event loop of a worker (async)",
    "thread": "a thread of a worker (thread)",
    "process": "a process of its own, for each call (process)",
}


@click.command("show")
@click.argument("name")
@json_option
@plain_option
def command(name: str, as_json: bool, plain: bool) -> int:
    """Tell all of the skill NAME: its parameters, what it returns, what it touches, or its instructions."""
    return wait_for(_show(name, as_json, Output(plain=plain)))


async def _show(name: str, as_json: bool, out: Output) -> int:
    from app.cli.skills import COMMANDS
    from app.present.run import SCHEMA_VERSION
    from skills.mcp.groups import spread
    from skills.registry import UnknownSkill
    from workflows.diagnostics import suggest

    async with open_desk(journal="none") as desk:
        snapshot, agents = desk.services.skills.snapshot, desk.services.agents.snapshot.agents.values()
        try:
            skill = find_skill(desk.services, name)
        except UnknownSkill as unknown:
            # The group takes any word that is no command of it for a name.
            hint = suggest(name, COMMANDS).replace("'", "`").replace("`", "`understudy skills ", 1)
            raise UnknownSkill(unknown.message, hint or unknown.hint) from None
    users = sorted(agent.name for agent in agents if name in (*spread(agent.tools, snapshot.skills), *agent.skills))
    if as_json:
        shown: dict[str, Json] = {"used_by_agents": users}
        if skill.bundle is not None:
            shown |= {"files": sorted(skill.bundle.files), "instructions": safe_text(skill.bundle.body)}
        out.document({"schema_version": SCHEMA_VERSION, "skill": {**document(skill), **shown}})
        return 0
    out.print(f"{skill.name} ({skill.scope}, {skill.state}, version {skill.version})", "strong")
    out.print(safe_text(skill.description))
    for line in (*_call(skill), *(_folder(skill.bundle) if skill.bundle is not None else ())):
        out.print(line)
    if users:
        out.print(f"used by: {', '.join(users)}")
    if skill.path:
        out.print(f"file: {skill.path}")
    return 0


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


def _call(skill: Skill) -> Iterator[str]:
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


def _folder(bundle: Bundle) -> Iterator[str]:
    """What an agent would read."""
    if bundle.files:
        yield f"files: {one_line(', '.join(sorted(bundle.files)), 600)}"
    yield "instructions:"
    for line in safe_text(bundle.body).splitlines():
        yield f"  {line}".rstrip()
