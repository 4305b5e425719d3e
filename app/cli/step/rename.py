"""understudy step rename WORKFLOW STEP ID: another id, wherever the step is named."""

from __future__ import annotations

import click

from app.cli.changing import Way, change, change_options
from app.cli.session import wait_for


@click.command("rename")
@click.argument("workflow")
@click.argument("step")
@click.argument("to", metavar="ID")
@change_options
def command(workflow: str, step: str, to: str, way: Way) -> int:
    """Give STEP of WORKFLOW another ID, in expressions, needs and handlers too."""
    from composer.edit import RenameStep

    return wait_for(change(workflow, [RenameStep(step, to)], way))
