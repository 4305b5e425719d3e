"""understudy step add WORKFLOW KEY=VALUE…: a step more."""

from __future__ import annotations

import click

from app.cli.changing import Way, change, change_options
from app.cli.session import wait_for
from app.cli.step.words import place_options, read_place, read_settings, read_value


@click.command("add")
@click.argument("workflow")
@click.argument("words", nargs=-1, required=True, metavar="KEY=VALUE...")
@place_options
@change_options
def command(
    workflow: str,
    words: tuple[str, ...],
    before: str | None,
    after: str | None,
    stage: str | None,
    inside: str | None,
    way: Way,
) -> int:
    """Add a step to WORKFLOW, at the end where no place is named.

    Such as `id=check type=skill skill=run.tests parameters.suite=unit`, or the whole step as YAML, in braces. Where
    steps run at the same time, a step before or behind another one waits, and is waited for, as its place says.
    """
    from composer.edit import AddStep

    return wait_for(change(workflow, [AddStep(_step(words), read_place(before, after, stage, inside))], way))


def _step(words: tuple[str, ...]) -> dict[str, object]:
    if len(words) == 1 and words[0].lstrip().startswith("{"):
        whole = read_value(words[0])
        if not isinstance(whole, dict):
            raise click.UsageError("The step in braces cannot be read as YAML.")
        return whole
    step: dict[str, object] = {}
    for path, value in read_settings(words):
        holder = step
        for part in path[:-1]:
            inner = holder.setdefault(str(part), {})
            if not isinstance(inner, dict):
                raise click.UsageError(f"'{part}' is given twice.")
            holder = inner
        holder[str(path[-1])] = value
    for key in ("id", "type"):
        if not isinstance(step.get(key), str):
            raise click.UsageError(f"A step has an id and a type: add {key}=…")
    return step
