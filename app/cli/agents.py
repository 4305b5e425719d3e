"""understudy agents: who can perform agent steps here."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for


@click.command("agents")
@json_option
@plain_option
def command(as_json: bool, plain: bool) -> int:
    """List the agents: their model, their tools, where they come from and what is wrong with their files."""
    return wait_for(_agents(as_json, Output(plain=plain)))


async def _agents(as_json: bool, out: Output) -> int:
    from app.present.labels import model_label
    from app.present.run import SCHEMA_VERSION
    from workflows.diagnostics import render, to_json
    from workflows.text import one_line, safe_json

    async with open_desk(journal="none") as desk:
        snapshot, models = desk.services.agents.snapshot, desk.services.models
    agents = sorted(snapshot.agents.values(), key=lambda agent: agent.name)
    names = {agent.name: models.name_of(agent.model) for agent in agents}
    if as_json:
        entries = [
            {
                "name": agent.name,
                "scope": agent.scope,
                "state": agent.state,
                "version": agent.version,
                "path": str(agent.path) if agent.path else None,
                "description": agent.description,
                "model": names[agent.name] or None,
                "simulated": models.simulated(names[agent.name]),
                "fallback_models": [models.name_of(model) for model in agent.fallback_models],
                "tools": list(agent.tools),
                "skills": list(agent.skills),
                "agents": list(agent.agents),
                "fallback": list(agent.fallback),
                "not_used_here": list(agent.ignored),
            }
            for agent in agents
        ]
        problems = [to_json(problem) for problem in (*snapshot.problems, *snapshot.notes)]
        out.document(safe_json({"schema_version": SCHEMA_VERSION, "agents": entries, "problems": problems}))
        return 0
    out.table(
        ("AGENT", "FROM", "STATE", "MODEL", "TOOLS", "WHAT IT DOES"),
        [
            (
                agent.name,
                agent.scope,
                "✗ broken, last good in use" if snapshot.problems_of(agent) else agent.state,
                ", then ".join(
                    _model(name, model_label(name) if models.simulated(name) else "")
                    for name in (names[agent.name], *map(models.name_of, agent.fallback_models))
                ),
                ",".join(
                    (*agent.tools, *(f"{folder}/" for folder in agent.skills), *(f"→{name}" for name in agent.agents))
                )
                or "–",
                one_line(agent.description, 90),
            )
            for agent in agents
        ],
    )
    for diagnostic in (*snapshot.problems, *snapshot.notes):
        out.say(render(diagnostic), "bad" if diagnostic.is_error else "warning")
    if any(not name for name in names.values()):
        out.say("‖ some agents name no model and there is no default one")
        out.say("  next: export UNDERSTUDY_MODEL=<provider>/<model> (understudy doctor shows what is here)")
    return 0


def _model(name: str, label: str) -> str:
    return f"{name} · {label}" if label else name or "none: no default model"
