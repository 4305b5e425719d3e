"""understudy validate FILE|NAME…: every error of every file at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.checked import tell_checked
from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for
from workflows.errors import UnderstudyError

if TYPE_CHECKING:
    from app.named_workflows import WorkflowFile


@click.command("validate")
@click.argument("files", nargs=-1, metavar="[FILE|NAME]...")
@click.option("--unattended", is_flag=True, help="Also prove that none of them waits for a person where nobody is.")
@json_option
@plain_option
def command(files: tuple[str, ...], unattended: bool, as_json: bool, plain: bool) -> int:
    """Check workflows: paths, or names. Without any, all workflows of the workspace and of yours.

    Every error is shown with its line, a caret and what to do. Exits with 2 where there are errors.
    """
    return wait_for(_validate(files, unattended, as_json, Output(plain=plain)))


async def _validate(names: tuple[str, ...], unattended: bool, as_json: bool, out: Output) -> int:
    from app.proving import prove_headless
    from workflows.diagnostics import Diagnostic

    def said(file: WorkflowFile) -> tuple[Diagnostic, ...]:
        proven = unattended and file.workflow is not None and not file.errors
        return (*file.diagnostics, *(prove_headless(desk, file) if proven else ()))

    found: list[tuple[str, tuple[Diagnostic, ...]]] = []
    async with open_desk(journal="none") as desk:
        if not names:
            found = [(str(file.path), said(file)) for file in desk.workflows() if file.scope in ("workspace", "user")]
        for name in names:
            try:
                file = desk.load(name)
            except UnderstudyError as error:
                found.append((name, (Diagnostic("error", "unreadable", error.message, error.hint, name),)))
            else:
                found.append((str(file.path), said(file)))
    return tell_checked(found, as_json, out)
