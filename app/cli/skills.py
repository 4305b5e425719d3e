"""understudy skills: what steps and agents can call here."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for

WHERE = {
    "async": "the event loop of a worker (async)",
    "thread": "a thread of a worker (thread)",
    "process": "a process of its own, for each call (process)",
}


@click.command("skills")
@click.argument("name", required=False)
@json_option
@plain_option
def command(name: str | None, as_json: bool, plain: bool) -> int:
    """List the skills, or tell all of the skill NAME: its parameters, what it returns, what it touches."""
    return wait_for(_skills(name, as_json, Output(plain=plain)))


async def _skills(name: str | None, as_json: bool, out: Output) -> int:
    from app.present.run import SCHEMA_VERSION
    from skills.manifest import Skill
    from workflows.diagnostics import render, to_json
    from workflows.text import one_line, safe_json, safe_text

    def document(skill: Skill) -> object:
        return safe_json(
            {
                "name": skill.name,
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
            }
        )

    async with open_desk(journal="none") as desk:
        snapshot = desk.services.skills.snapshot
    if name is not None:
        skill = snapshot.get(name)
        if as_json:
            out.document({"schema_version": SCHEMA_VERSION, "skill": document(skill)})
            return 0
        out.print(f"{skill.name} ({skill.scope}, {skill.state}, version {skill.version})", "strong")
        out.print(safe_text(skill.description))
        out.print(f"effect: {skill.effect} · touches: {', '.join(sorted(skill.touches)) or 'nothing'}")
        out.print(f"runs in: {WHERE[skill.execution]}" if skill.scope != "built-in" else "runs in: this process")
        if skill.undo:
            out.print(f"undo: {skill.undo['skill']}, where a step does not say otherwise")
        required = skill.parameters.get("required", ())
        for key, schema in skill.parameters.get("properties", {}).items():
            kind = schema.get("type", "any") if isinstance(schema, dict) else "any"
            kind = " or ".join(kind) if isinstance(kind, list) else kind
            must = "required" if key in required else "optional"
            about = schema.get("description", "") if isinstance(schema, dict) else ""
            out.print(f"  {key} ({kind}, {must})  {one_line(about, 200)}")
        out.print(f"returns: {one_line(skill.returns, 600)}")
        return 0
    skills = sorted(snapshot.skills.values(), key=lambda skill: skill.name)
    if as_json:
        out.document(
            {
                "schema_version": SCHEMA_VERSION,
                "skills": [document(skill) for skill in skills],
                "problems": [to_json(problem) for problem in (*snapshot.problems, *snapshot.notes)],
                "shadowed": [{"name": entry.hidden.name, "scope": entry.hidden.scope} for entry in snapshot.shadowed],
            }
        )
        return 0
    out.table(
        ("SKILL", "FROM", "STATE", "EFFECT", "TOUCHES", "WHAT IT DOES"),
        [
            (
                skill.name,
                skill.scope,
                "✗ broken, last good in use" if snapshot.problems_of(skill) else skill.state,
                skill.effect,
                ",".join(sorted(skill.touches)) or "–",
                one_line(skill.description, 90),
            )
            for skill in skills
        ],
    )
    for diagnostic in (*snapshot.problems, *snapshot.notes):
        out.say(render(diagnostic), "bad" if diagnostic.is_error else "warning")
    return 0
