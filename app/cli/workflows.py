"""understudy workflows: the workflows that can be named here, and where each comes from."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for


@click.command("workflows")
@json_option
@plain_option
def command(as_json: bool, plain: bool) -> int:
    """List the workflows that can be named: the workspace's before yours before the built-in ones."""
    return wait_for(_workflows(as_json, Output(plain=plain)))


async def _workflows(as_json: bool, out: Output) -> int:
    from app.present.figures import plural
    from app.present.run import SCHEMA_VERSION
    from workflows.parts import data_of
    from workflows.text import one_line, safe_json

    async with open_desk(journal="none") as desk:
        found = desk.workflows()
        folders = [str(desk.services.paths.workspace / "workflows"), str(desk.services.paths.config / "workflows")]
    if as_json:
        entries = [
            {
                "name": file.stem,
                "scope": file.scope,
                "path": str(file.path),
                "title": file.workflow.name if file.workflow else "",
                "description": file.workflow.description if file.workflow else "",
                "parameters": [data_of(parameter) for parameter in (file.workflow.parameters if file.workflow else ())],
                "valid": not file.errors,
                "shadowed": file.shadowed,
            }
            for file in found
        ]
        out.document(safe_json({"schema_version": SCHEMA_VERSION, "workflows": entries}))
        return 0
    rows = []
    for file in found:
        about = one_line(file.workflow.description or file.workflow.name, 100) if file.workflow else ""
        if file.errors:
            first = file.errors[0]
            about = f"✗ {plural(len(file.errors), 'error')}, line {first.line}: {one_line(first.message, 80)}"
        rows.append((file.stem, file.scope + (" (hidden)" if file.shadowed else ""), about))
    out.table(("WORKFLOW", "FROM", "WHAT IT DOES"), rows)
    if not any(file.scope in ("workspace", "user") for file in found):
        out.say(f"None of your own yet. They go to {' or '.join(folders)}")
    return 0
