"""understudy step remove WORKFLOW STEP…: steps taken out."""

from __future__ import annotations

import click

from app.cli.changing import Way, change, change_options
from app.cli.session import wait_for


@click.command("remove")
@click.argument("workflow")
@click.argument("steps", nargs=-1, required=True, metavar="STEP...")
@change_options
def command(workflow: str, steps: tuple[str, ...], way: Way) -> int:
    """Take steps out of WORKFLOW, and the stage or block that held nothing else.

    Who needed one needs what it needed. What reads one is shown, and then nothing is written: set it first.
    """
    from composer.edit import RemoveStep

    return wait_for(change(workflow, [RemoveStep(step) for step in steps], way))
