"""understudy step set WORKFLOW STEP KEY=VALUE…: fields of a step, or of the workflow."""

from __future__ import annotations

import click

from app.cli.changing import Way, change, change_options
from app.cli.session import wait_for
from app.cli.step.words import read_path, read_settings


@click.command("set")
@click.argument("workflow")
@click.argument("step")
@click.argument("words", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--unset", multiple=True, metavar="KEY", help="Take this field out; may be given several times.")
@change_options
def command(workflow: str, step: str, words: tuple[str, ...], unset: tuple[str, ...], way: Way) -> int:
    """Set fields of STEP in WORKFLOW: `timeout=5m retry.max_attempts=3`. A dot in the place of STEP is the workflow.

    Values are read as in a file: numbers, true, false, [lists], {mappings}; all else is text.
    """
    from composer.edit import RemoveField, SetField

    if not words and not unset:
        raise click.UsageError("Say what to set, such as timeout=5m, or --unset KEY.")
    of = "" if step == "." else step
    sets = [SetField(path, value, of) for path, value in read_settings(words)]
    return wait_for(change(workflow, [*sets, *(RemoveField(read_path(key), of) for key in unset)], way))
