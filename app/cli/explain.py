"""understudy explain WORKFLOW: what it does, in plain words. Nothing runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for

if TYPE_CHECKING:
    from app.desk import Desk
    from app.named_workflows import WorkflowFile
    from composer.explain import Sentence


@click.command("explain")
@click.argument("workflow")
@json_option
@plain_option
def command(workflow: str, as_json: bool, plain: bool) -> int:
    """Say in plain words what WORKFLOW does, step by step: where a person decides, what can fail and what then, and
    what it may cost. Nothing runs, and no model is asked."""
    return wait_for(_explain(workflow, as_json, Output(plain=plain)))


async def _explain(name: str, as_json: bool, out: Output) -> int:
    from app.present.run import SCHEMA_VERSION
    from workflows.text import safe_json

    async with open_desk(journal="none") as desk:
        file = desk.load(name)
        if not as_json:
            print_explanation(desk, file, out)
            return 0
        lines = [{"depth": each.depth, "text": each.text} for each in explained(desk, file)]
    out.document(safe_json({"schema_version": SCHEMA_VERSION, "workflow": file.stem, "sentences": lines}))
    return 0


def explained(desk: Desk, file: WorkflowFile) -> tuple[Sentence, ...]:
    """A workflow in plain words. Raises Invalid where it has errors."""
    from app.drafts import plan_of
    from app.named_workflows import Invalid
    from app.present.plan import cost_words
    from composer.explain import explain

    if file.workflow is None or file.errors:
        raise Invalid(file)
    plan = plan_of(desk, file.workflow)
    return explain(file.workflow, plan, cost_words(plan, desk.estimate(plan)))


def print_explanation(desk: Desk, file: WorkflowFile, out: Output) -> None:
    """The same, to stdout."""
    for each in explained(desk, file):
        indent = "  " * each.depth
        out.item(f"{indent}- " if each.depth > 1 else indent, each.text, "" if each.depth else "strong")
