"""understudy optimise WORKFLOW: what could be faster, cheaper or safer, and why; accepted one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from app.cli.changing import Way, change_options, settle
from app.cli.output import Output, diff_role
from app.cli.session import open_desk, somebody_is_here, wait_for

if TYPE_CHECKING:
    from app.desk import Desk
    from app.named_workflows import WorkflowFile
    from composer.optimise import History, Suggestion


@click.command("optimise")
@click.argument("workflow")
@click.option("--rule", "rules", multiple=True, metavar="RULE", help="Only this rule; may be given several times.")
@click.option(
    "--accept", multiple=True, metavar="N", help="Accept the suggestion of this number, or `all`; asks once more."
)
@change_options
def command(workflow: str, rules: tuple[str, ...], accept: tuple[str, ...], way: Way) -> int:
    """Suggest what could be faster, cheaper or safer in WORKFLOW, each with its reason. Nothing runs.

    On a terminal each is shown as a diff, and taken on your yes. No suggestion changes what the workflow means: what it
    gives back stays the same. What earlier runs took and cost is looked at too.
    """
    from composer.optimise import RULES

    for rule in rules:
        if rule not in RULES:
            raise click.UsageError(f"There is no rule '{rule}'. Rules are {', '.join(RULES)}.")
    for number in accept:
        if number != "all" and not number.isdigit():
            raise click.UsageError(f"--accept takes the number of a suggestion, or `all`, not '{number}'.")
    return wait_for(_optimise(workflow, rules, accept, way))


async def _optimise(workflow: str, rules: tuple[str, ...], accept: tuple[str, ...], way: Way) -> int:
    from app.edits import must_be_writable, propose_change, write_change
    from app.optimising import look_back, suggest
    from composer.edit import RemoveField

    out = Output(plain=way.plain)
    async with open_desk(journal="read") as desk:
        file = desk.load(workflow)
        history = await look_back(desk, file)
        found = suggest(desk, file, history, rules)
        if way.as_json and not accept:
            return _document(file, found, out)
        if not way.as_json:
            _list(found, out)
        if accept:
            taken = _taken(desk, file, history, _numbered(found, accept), out, ask=False)
        elif found and somebody_is_here() and not way.dry_run and not way.yes:
            taken = _taken(desk, file, history, found, out, ask=True)
        else:
            if found:
                out.say(f"Nothing was written. Accept one: understudy optimise {workflow} --accept 1")
            return 0
        if not taken:
            out.say("Nothing was written.")
            return 0
        if not way.name and not way.dry_run:
            must_be_writable(desk, file)
        from app.drafts import place_of

        edits = [edit for suggestion in taken for edit in suggestion.edits]
        if way.name and file.workflow is not None and file.workflow.template is not None:
            edits.append(RemoveField(("template",)))
        change = propose_change(desk, file, edits, place_of(desk, way.name) if way.name else None)
        words = [suggestion.reason for suggestion in taken]
        return settle(desk, file, change, words, way, lambda: write_change(desk, change))


def _list(found: Sequence[Suggestion], out: Output) -> None:
    if not found:
        out.say("Nothing to suggest.")
    for number, suggestion in enumerate(found, 1):
        out.item(f"{number}. ", f"[{suggestion.rule}] {suggestion.reason}")


def _numbered(found: Sequence[Suggestion], accept: Sequence[str]) -> list[Suggestion]:
    if "all" in accept:
        return list(found)
    numbers = sorted({int(number) for number in accept})
    if numbers and (numbers[0] < 1 or numbers[-1] > len(found)):
        raise click.UsageError(f"--accept takes the number of a suggestion, from 1 to {len(found)}.")
    return [found[number - 1] for number in numbers]


def _taken(
    desk: Desk, file: WorkflowFile, history: History, found: Sequence[Suggestion], out: Output, *, ask: bool
) -> list[Suggestion]:
    """Those that a person takes, each as it is after the ones before, and only where it still holds then."""
    from app.optimising import still
    from composer.edit import apply
    from skills.difference import unified

    text, taken = file.text, list["Suggestion"]()
    for number, offered in enumerate(found, 1):
        suggestion = still(desk, file, history, offered, text)
        if suggestion is None:
            out.say(f"Left out, as it no longer holds: {offered.reason}")
            continue
        after = apply(text, suggestion.edits)
        if ask:
            out.print()
            out.item(f"{number}. ", suggestion.reason, "strong")
            for line in unified(text, after, file.path.name, file.path.name).splitlines():
                out.print(line, diff_role(line))
            if not click.confirm("Take it?", default=False, err=True):
                continue
        text = after
        taken.append(suggestion)
    return taken


def _document(file: WorkflowFile, found: Sequence[Suggestion], out: Output) -> int:
    from app.present.run import SCHEMA_VERSION
    from composer.edit import apply, describe
    from skills.difference import unified
    from workflows.text import safe_json

    entries = [
        {
            "number": number,
            "rule": each.rule,
            "reason": each.reason,
            "steps": list(each.steps),
            "edits": [describe(edit) for edit in each.edits],
            "diff": unified(file.text, apply(file.text, each.edits), file.path.name, file.path.name),
        }
        for number, each in enumerate(found, 1)
    ]
    out.document(safe_json({"schema_version": SCHEMA_VERSION, "workflow": file.stem, "suggestions": entries}))
    return 0
