"""understudy step move WORKFLOW STEP: a step put elsewhere."""

from __future__ import annotations

import click

from app.cli.changing import Way, change, change_options
from app.cli.session import wait_for
from app.cli.step.words import place_options, read_place


@click.command("move")
@click.argument("workflow")
@click.argument("step")
@place_options
@change_options
def command(
    workflow: str, step: str, before: str | None, after: str | None, stage: str | None, inside: str | None, way: Way
) -> int:
    """Put STEP of WORKFLOW elsewhere, with its comments; to the end where no place is named."""
    from composer.edit import MoveStep

    return wait_for(change(workflow, [MoveStep(step, read_place(before, after, stage, inside))], way))
