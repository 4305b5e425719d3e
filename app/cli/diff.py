"""understudy diff: what is not the same in two runs, and where they first part; or in two workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for

if TYPE_CHECKING:
    from app.desk import Desk
    from app.named_workflows import WorkflowFile


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
    stages, parameters, handlers. Comments and layout make no difference. A published version is named as nightly@3;
    given alone, it is compared with the workflow's file.
    """
    if (other or "@" in run) and not at:
        code = wait_for(_diff_workflows(run, other, as_json, Output(plain=plain)))
        if code is not None:
            return code
    return wait_for(_diff(run, other, at.strip(), full or bool(at), as_json, Output(plain=plain)))


async def _diff(run: str, other: str, at: str, full: bool, as_json: bool, out: Output) -> int:
    from app.present.compared import comparison_document, comparison_lines
    from app.present.comparison import compare
    from workflows.errors import UnderstudyError
    from workflows.journal.port import RunUnknown

    async with open_desk(journal="read") as desk:
        first = await desk.state(run)
        if not other:
            if not first.forked_from:
                raise UnderstudyError(
                    f"Run {first.run_id} was not begun from another one.", "Name a second run to compare it with."
                )
            try:
                first, second = await desk.state(first.forked_from), first
            except RunUnknown:
                raise UnderstudyError(
                    f"Run {first.run_id} was begun from run {first.forked_from}, which was deleted since.",
                    f"Name another one to compare it with: understudy diff {first.run_id} RUN",
                ) from None
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

    versions = "@" in name + other
    async with open_desk(journal="read" if versions else "none") as desk:
        names = {file.stem for file in desk.workflows()}
        if not any(each in names or "@" in each or each.endswith((".yaml", ".yml")) for each in (name, other)):
            return None
        other = other or await _file_of(desk, name)
        first, second = [await _loaded(desk, each, versions) for each in (name, other)]
    workflows = []
    for file in (first[0], second[0]):
        if file.workflow is None:
            raise UnderstudyError(f"{file.path} has errors.", f"See them: understudy validate {file.path}")
        workflows.append(file.workflow)
    found = compare(*workflows)
    texts = [{file.stem: file.text for file in each[1:]} for each in (first, second)]
    called = sorted(each for each in {**texts[0], **texts[1]} if texts[0].get(each) != texts[1].get(each))
    if as_json:
        both = [each if "@" in each else str(files[0].path) for each, files in ((name, first), (other, second))]
        out.document({**structure_document(found, both[0], both[1]), "called": called})
    else:
        for line, role in structure_lines(found) if found or not called else ():
            out.print(line, role)
        for each in called:
            _print_texts(each, texts[0].get(each, ""), texts[1].get(each, ""), out)
    return 1 if found or called else 0


def _print_texts(name: str, before: str, after: str, out: Output) -> None:
    """How a workflow differs that both call."""
    from app.cli.output import diff_role
    from skills.difference import unified

    out.print(f"What it calls, {name}:", "strong")
    for line in unified(before, after, name, name).splitlines():
        out.print(line, diff_role(line))


async def _file_of(desk: Desk, name: str) -> str:
    """The file that a version was published from."""
    from app.publishing import reference_of, version_of

    reference = reference_of(name)
    return (await version_of(desk.services.standing, *reference)).path if reference else name


async def _loaded(desk: Desk, name: str, whole: bool) -> list[WorkflowFile]:
    """A workflow's file or the text of a published version, and where the `whole` is wanted all that it calls."""
    from app.publishing import desk_of, reference_of, version_of

    if (reference := reference_of(name)) is not None:
        desk, file = desk_of(desk, await version_of(desk.services.standing, *reference))
    else:
        file = desk.load(name)
    return [file, *(desk.called(file) if whole else ())]
