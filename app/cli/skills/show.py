"""understudy skills show NAME: all of one skill."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for
from app.cli.skills.found import find_skill
from workflows.text import safe_text
from workflows.values import Json


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
    from app.present.skills import call_lines, document, folder_lines
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
    for line in (*call_lines(skill), *(folder_lines(skill.bundle) if skill.bundle is not None else ())):
        out.print(line)
    if users:
        out.print(f"used by: {', '.join(users)}")
    if skill.path:
        out.print(f"file: {skill.path}")
    return 0
