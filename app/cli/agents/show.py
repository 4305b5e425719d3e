"""understudy agents show NAME: all of one agent, as it would be asked here and now."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for
from workflows.text import safe_json, safe_text
from workflows.values import Json


@click.command("show")
@click.argument("name")
@json_option
@plain_option
def command(name: str, as_json: bool, plain: bool) -> int:
    """Tell all of the agent NAME: its models, its tools and which it will not get, its limits, its prompt."""
    return wait_for(_show(name, as_json, Output(plain=plain)))


async def _show(name: str, as_json: bool, out: Output) -> int:
    from agents.catalog import UnknownAgent
    from app.cli.agents import COMMANDS
    from app.present import agents as present
    from app.present.run import SCHEMA_VERSION
    from workflows.diagnostics import render, suggest, to_json

    async with open_desk(journal="none") as desk:
        services, snapshot = desk.services, desk.services.agents.snapshot
        try:
            agent = snapshot.get(name)
        except UnknownAgent as unknown:
            # The group takes any word that is no command of it for a name.
            hint = suggest(name, COMMANDS).replace("'", "`").replace("`", "`understudy agents ", 1)
            raise UnknownAgent(unknown.message, hint or unknown.hint) from None
        refused, asks = list(present.refused(agent, services)), present.tools_asked(agent, services)
        missing = present.missing(agent, services)
    said = [each for each in (*snapshot.problems, *snapshot.notes) if each.file == str(agent.path)]
    if as_json:
        shown: dict[str, Json] = {
            **present.document(agent, services.models),
            "prompt": safe_text(agent.prompt),
            "gets": list(asks),
            "asks": [tool for tool, asked in asks.items() if asked],
            "refused": refused,
            "cannot_be_asked": missing,
            "problems": [to_json(each) for each in said],
        }
        out.document({"schema_version": SCHEMA_VERSION, "agent": safe_json(shown)})
        return 0
    out.print(f"{agent.name} ({agent.scope}, {agent.state}, version {agent.version})", "strong")
    out.print(safe_text(agent.description))
    for line in present.agent_lines(agent, services.models, asks):
        out.print(line)
    for why in (*missing, *refused):
        out.print(f"‖ {why}", "attention")
    out.print("prompt:")
    for line in safe_text(agent.prompt).strip().splitlines():
        out.print(f"  {line}".rstrip())
    if agent.path:
        out.print(f"file: {agent.path}")
    for each in said:
        out.say(render(each), "bad" if each.is_error else "warning")
    return 0
