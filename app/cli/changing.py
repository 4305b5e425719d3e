"""A change of a workflow's file on the command line: shown as a diff, checked, written on a person's yes alone."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output, diff_role
from app.cli.session import open_desk, somebody_is_here
from workflows.records import dataclass

if TYPE_CHECKING:
    from app.desk import Desk
    from app.edits import Change
    from app.named_workflows import WorkflowFile
    from composer.edit import Edit


@dataclass(frozen=True)
class Way:
    """How a change is made: `yes` without asking, `dry_run` not at all, `name` as a new workflow."""

    yes: bool
    dry_run: bool
    name: str | None
    as_json: bool
    plain: bool


def change_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that changes a workflow. They come as one `way`."""

    def with_way(*, yes: bool, dry_run: bool, name: str | None, as_json: bool, plain: bool, **rest: Any) -> Any:
        return command(way=Way(yes, dry_run, name, as_json, plain), **rest)

    with_way.__doc__, with_way.__name__ = command.__doc__, command.__name__
    with_way.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]  # click's own
    for option in (
        plain_option,
        json_option,
        click.option("--as", "name", metavar="NAME", help="Save the result as a new workflow of that name."),
        click.option("--dry-run", is_flag=True, help="Show the change and write nothing."),
        click.option("--yes", is_flag=True, help="Do not ask."),
    ):
        with_way = option(with_way)
    return with_way


async def change(workflow: str, edits: Sequence[Edit], way: Way) -> int:
    """Show what edits make of a workflow, and write it where a person says yes."""
    from app.drafts import place_of
    from app.edits import must_be_writable, propose_change, write_change
    from composer.edit import RemoveField, describe

    async with open_desk(journal="none") as desk:
        file = desk.load(workflow)
        if not way.name and not way.dry_run:
            must_be_writable(desk, file)
        if way.name and file.workflow is not None and file.workflow.template is not None:
            edits = [*edits, RemoveField(("template",))]  # it is a workflow of its own, and offered to no other request
        found = propose_change(desk, file, edits, place_of(desk, way.name) if way.name else None)
        what = [describe(edit) for edit in edits]
        return settle(desk, file, found, what, way, lambda: write_change(desk, found))


def settle(
    desk: Desk, file: WorkflowFile, found: Change, what: Sequence[str], way: Way, write: Callable[[], None]
) -> int:
    """Show a change, ask, and write it. Gives the exit code."""
    from app.failures import Exit
    from app.present.run import SCHEMA_VERSION
    from skills.difference import unified
    from workflows.diagnostics import render, to_json

    out = Output(plain=way.plain)
    same = found.after == found.before
    diff = unified(file.written or file.text, found.after, file.path.name, found.path.name)
    for line in diff.splitlines() if not way.as_json else ():
        out.print(line, diff_role(line))
    for each in found.diagnostics:
        out.say(render(each), "bad" if each.is_error else "warning")
    code = Exit.OK
    written = False
    if same:
        out.say("Nothing changes.")
    elif found.problems:
        out.say(f"{found.path.name} would have errors. Nothing was written.", "bad")
        for line in _ways_out(file, found):
            out.say(f"  next: {line}")
        code = Exit.USAGE
    elif way.dry_run:
        out.say("Nothing was written.")
    elif not way.yes and not somebody_is_here():
        out.say("Nobody is here to ask: add --yes. Nothing was written.", "attention")
        code = Exit.NEEDS_PERSON
    elif not way.yes and not click.confirm(f"Write {found.path.name}?", default=False, err=True):
        out.say("Nothing was written.")
        code = Exit.CANCELLED
    else:
        write()
        written = True
        back = "" if way.name or "undo" in what else f" To take it back: understudy step undo {file.stem}"
        out.say(f"Written: {found.path}.{back}")
    if way.as_json:
        out.document(
            {
                "schema_version": SCHEMA_VERSION,
                "workflow": file.stem,
                "file": str(found.path),
                "edits": list(what),
                "diff": diff,
                "reads": list(found.reading),
                "diagnostics": [to_json(each) for each in found.diagnostics],
                "written": written,
            }
        )
    return code


def _ways_out(file: WorkflowFile, found: Change) -> Iterator[str]:
    """The commands that let a step go which others read."""
    from app.present.workflow_page import short_path

    name = file.stem if file.path.parent.name == "workflows" else shlex.quote(short_path(file.path))
    steps = [step for step, _ in found.readers if step]
    if steps:
        yield f"take out what reads it too: understudy step remove {name} {' '.join((*found.going, *steps))}"
        yield f"or let them read something else first: understudy step set {name} {steps[0]} FIELD=VALUE"
    for output in (output for _, output in found.readers if output):
        yield f"the output goes by: understudy step set {name} . --unset outputs.{output}"
