"""understudy agents list: who can perform agent steps here, and what is wrong with their files."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for


@click.command("list")
@json_option
@plain_option
def command(as_json: bool, plain: bool) -> int:
    """List the agents: their model, their tools, where they come from and what is wrong with their files."""
    return wait_for(_agents(as_json, Output(plain=plain)))


async def _agents(as_json: bool, out: Output) -> int:
    from app.present.agents import document, model_words
    from app.present.run import SCHEMA_VERSION
    from workflows.diagnostics import render, to_json
    from workflows.text import one_line, safe_json

    async with open_desk(journal="none") as desk:
        snapshot, models = desk.services.agents.snapshot, desk.services.models
    agents = sorted(snapshot.agents.values(), key=lambda agent: agent.name)
    if as_json:
        entries = [document(agent, models) for agent in agents]
        problems = [to_json(problem) for problem in (*snapshot.problems, *snapshot.notes)]
        out.document(safe_json({"schema_version": SCHEMA_VERSION, "agents": entries, "problems": problems}))
        return 0
    left_out = out.table(
        ("AGENT", "FROM", "STATE", "MODEL", "TOOLS", "WHAT IT DOES"),
        [
            (
                agent.name,
                agent.scope,
                "✗ broken, last good in use" if snapshot.problems_of(agent) else agent.state,
                model_words(agent, models),
                ",".join(
                    (*agent.tools, *(f"{folder}/" for folder in agent.skills), *(f"→{name}" for name in agent.agents))
                )
                or "–",
                one_line(agent.description, 90),
            )
            for agent in agents
        ],
        spare=("TOOLS", "FROM"),
        brief=True,
    )
    if left_out:
        out.say(f"More in a wider terminal ({', '.join(left_out)}), and with `understudy agents show NAME`.", "quiet")
    for diagnostic in (*snapshot.problems, *snapshot.notes):
        out.say(render(diagnostic), "bad" if diagnostic.is_error else "warning")
    if any(not models.name_of(agent.model) for agent in agents):
        out.say("‖ some agents name no model and there is no default one")
        out.say("  next: export UNDERSTUDY_MODEL=<provider>/<model> (understudy doctor shows what is here)")
    return 0
