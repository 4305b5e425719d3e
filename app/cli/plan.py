"""understudy plan WORKFLOW: what a run would do. Nothing runs."""

from __future__ import annotations

import shlex
from typing import Literal

import click

from app.cli.options import budget_option, input_option, json_option, plain_option, read_budget, read_inputs
from app.cli.output import Output
from app.cli.session import open_desk, wait_for


@click.command("plan")
@click.argument("workflow")
@input_option
@budget_option
@json_option
@plain_option
def command(workflow: str, inputs: tuple[str, ...], budget: str | None, as_json: bool, plain: bool) -> int:
    """Show what WORKFLOW would do: steps, models, tools, hosts, and where a person decides. Nothing runs."""
    return wait_for(_plan(workflow, read_inputs(inputs), read_budget(budget), as_json, Output(plain=plain)))


async def _plan(
    workflow: str, given: dict[str, str], spend: float | Literal["none"] | None, as_json: bool, out: Output
) -> int:
    from app.foresight import foresee
    from app.present.foreseen import foreseen_document, foreseen_lines
    from app.present.plan import plan_document, plan_lines
    from app.present.schedules import schedule_document, schedule_lines
    from app.present.unattended import unattended_document, unattended_lines
    from app.proving import prove_headless

    async with open_desk(journal="read") as desk:
        desk.services.performers.must_have_rules()
        proposal = desk.propose(desk.load(workflow), given, budget=spend, only_look=True)
        trusted, estimate = desk.trusted(), desk.estimate(proposal.plan)
        figures = await desk.services.store.figures(None, proposal.file.stem)
        runs = [run for run in figures.runs if run.workflow == proposal.file.stem]
        waits = () if proposal.file.errors else prove_headless(desk, proposal.file, proposal.plan)
        foreseen = foresee(proposal.plan, desk.services.catalogue, proposal.parameters, runs, estimate)
    if as_json:
        stem, parameters = proposal.file.stem, proposal.parameters
        document = plan_document(proposal.plan, workflow=stem, parameters=parameters, estimate=estimate)
        schedule = schedule_document(proposal.file.workflow)
        unattended = unattended_document(proposal.plan.unattended, waits)
        out.document({**document, **foreseen_document(foreseen), "schedule": schedule, "unattended": unattended})
        return 0
    for line in plan_lines(proposal.plan, proposal.parameters, estimate):
        out.folded(line, "strong" if not line.startswith(" ") else "attention" if "‖" in line else "")
    for line in foreseen_lines(foreseen):
        out.folded(line)
    for line in schedule_lines(proposal.file.workflow):
        out.print(line, "strong")
    if proposal.plan.unattended is not None or (proposal.file.workflow and proposal.file.workflow.schedules):
        for line in unattended_lines(proposal.plan.unattended, waits):
            out.folded(line, "attention" if waits else "")
    inputs = "".join(f" --input {shlex.quote(f'{name}={value}')}" for name, value in given.items())
    inputs += "" if spend is None else f" --budget {spend}"
    if not trusted:
        out.say("This workspace is not trusted yet: nothing of its own acts before `understudy trust`.", "warning")
    out.say(f"Nothing ran. Start it with: understudy run {workflow}{inputs}")
    return 0
