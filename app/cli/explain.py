"""understudy explain WORKFLOW: what it does, in plain words. Nothing runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for

if TYPE_CHECKING:
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
    from app.explaining import explained
    from app.present.run import SCHEMA_VERSION
    from workflows.text import safe_json

    async with open_desk(journal="read") as desk:
        file = desk.load(name)
        figures = await desk.services.store.figures(None, file.stem)
        sentences = explained(desk, file, [run for run in figures.runs if run.workflow == file.stem])
    if not as_json:
        print_sentences(sentences, out)
        return 0
    lines = [{"depth": each.depth, "text": each.text} for each in sentences]
    out.document(safe_json({"schema_version": SCHEMA_VERSION, "workflow": file.stem, "sentences": lines}))
    return 0


def print_sentences(sentences: Sequence[Sentence], out: Output) -> None:
    """An explanation, to stdout."""
    for each in sentences:
        indent = "  " * each.depth
        out.item(f"{indent}- " if each.depth > 1 else indent, each.text, "" if each.depth else "strong")
