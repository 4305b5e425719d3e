"""understudy step undo WORKFLOW: the last change taken back."""

from __future__ import annotations

import click

from app.cli.changing import Way, change_options, settle
from app.cli.session import open_desk, wait_for


@click.command("undo")
@click.argument("workflow")
@change_options
def command(workflow: str, way: Way) -> int:
    """Take the last change of WORKFLOW back that a command made. May be typed again, for the one before it."""
    if way.name:
        raise click.UsageError("What is taken back stays where it is: --as has no meaning here.")
    return wait_for(_undo(workflow, way))


async def _undo(workflow: str, way: Way) -> int:
    from dataclasses import replace

    from app.edits import take_back, write_back

    async with open_desk(journal="none") as desk:
        file = desk.load(workflow)
        found = replace(take_back(desk, file), problems=())
        return settle(desk, file, found, ["undo"], way, lambda: write_back(desk, found, file))
