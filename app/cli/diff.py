"""understudy diff: what is not the same in two runs, and where they first part; or in two workflows."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for


@click.command("diff")
@click.argument("run", metavar="RUN|WORKFLOW")
@click.argument("other", default="", metavar="[RUN|WORKFLOW]")
@click.option("--step", "at", metavar="ADDRESS", default="", help="Only this step and what it holds, all of it.")
@click.option("--full", is_flag=True, help="Shorten nothing.")
@json_option
@plain_option
def command(run: str, other: str, at: str, full: bool, as_json: bool, plain: bool) -> int:
    """Compare two runs: text, inputs, and of each step its input, output, decisions, tries and people's answers.

    Given one RUN that was begun by `rerun`, it is compared with the run that it was begun from. Costs and times are
    shown, and make no difference. As with the `diff` of files, the exit code is 0 where they are the same and 1
    where they are not.

    Two workflows, by name or by file, are compared as workflows: steps added, taken out, moved, renamed or changed,
    stages, parameters, handlers. Comments and layout make no difference.
    """
    if other and not at:
        code = wait_for(_diff_workflows(run, other, as_json, Output(plain=plain)))
        if code is not None:
            return code
    return wait_for(_diff(run, other, at.strip(), full or bool(at), as_json, Output(plain=plain)))


async def _diff(run: str, other: str, at: str, full: bool, as_json: bool, out: Output) -> int:
    from app.present.compared import comparison_document, comparison_lines
    from app.present.comparison import compare
    from workflows.errors import UnderstudyError

    async with open_desk(journal="read") as desk:
        first = await desk.state(run)
        if not other:
            if not first.forked_from:
                raise UnderstudyError(
                    f"Run {first.run_id} was not begun from another one.", "Name a second run to compare it with."
                )
            first, second = await desk.state(first.forked_from), first
        else:
            second = await desk.state(other)
    found = compare(first, second, at)
    if as_json:
        out.document(comparison_document(found))
    else:
        for line, role in comparison_lines(found, full=full):
            out.print(line, role)
    return 0 if found.same else 1


async def _diff_workflows(name: str, other: str, as_json: bool, out: Output) -> int | None:
    """Compare two workflows; None where these words are no workflows, but runs."""
    from app.present.structure import structure_document, structure_lines
    from composer.diff import compare
    from workflows.errors import UnderstudyError

    async with open_desk(journal="none") as desk:
        names = {file.stem for file in desk.workflows()}
        if not any(each in names or each.endswith((".yaml", ".yml")) for each in (name, other)):
            return None
        files = [desk.load(each) for each in (name, other)]
    workflows = []
    for file in files:
        if file.workflow is None:
            raise UnderstudyError(f"{file.path} has errors.", f"See them: understudy validate {file.path}")
        workflows.append(file.workflow)
    found = compare(*workflows)
    if as_json:
        out.document(structure_document(found, str(files[0].path), str(files[1].path)))
    else:
        for line, role in structure_lines(found):
            out.print(line, role)
    return 1 if found else 0
