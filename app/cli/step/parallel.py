"""understudy step parallel WORKFLOW STEP STEP…: steps that run at the same time."""

from __future__ import annotations

import click

from app.cli.changing import Way, change, change_options
from app.cli.session import wait_for


@click.command("parallel")
@click.argument("workflow")
@click.argument("steps", nargs=-1, required=True, metavar="STEP STEP...")
@click.option("--max-parallel", type=click.IntRange(min=1), metavar="N", help="How many of them run at once.")
@click.option(
    "--id", "id_", default="together", metavar="ID", help="The id of the step that holds them, where one does."
)
@change_options
def command(workflow: str, steps: tuple[str, ...], max_parallel: int | None, id_: str, way: Way) -> int:
    """Let steps of WORKFLOW run at the same time. Refused where one reads or needs another.

    Where they are all of a stage, it is made parallel; else they are put into a parallel step.
    """
    from composer.edit import RunTogether

    return wait_for(change(workflow, [RunTogether(steps, max_parallel, id_)], way))
