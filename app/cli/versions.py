"""understudy versions [WORKFLOW[@N]]: what was published, and the text of a version."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from app.cli.changing import Way
from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for

if TYPE_CHECKING:
    from app.desk import Desk
    from workflows.unattended.values import Version


@click.command("versions")
@click.argument("workflow", default="", metavar="[WORKFLOW[@N]]")
@click.option("--restore", is_flag=True, help="Write the text of WORKFLOW@N back to its file; you are asked first.")
@click.option("--yes", is_flag=True, help="With --restore: do not ask.")
@json_option
@plain_option
def command(workflow: str, restore: bool, yes: bool, as_json: bool, plain: bool) -> int:
    """List what was published, newest first; of WORKFLOW@N print the text.

    It says which skills and agents are others now than when a version was published: a run takes those of its day.
    """
    return wait_for(_versions(workflow, restore, Way(yes, False, None, as_json, plain)))


async def _versions(name: str, restore: bool, way: Way) -> int:
    from app.present.run import SCHEMA_VERSION
    from app.present.versions import HEADER, version_document, version_row, versions_document
    from app.publishing import changed_since, code_now, reference_of, version_of
    from workflows.text import safe_json

    out, as_json = Output(plain=way.plain), way.as_json
    reference = reference_of(name)
    if restore and reference is None:
        raise click.UsageError("--restore needs a version, such as nightly@3.")
    async with open_desk(journal="read") as desk:
        services = desk.services
        if reference is not None:
            version = await version_of(services.standing, *reference)
            changed = changed_since(version, code_now(services, version))
            if restore:
                return _restore(desk, version, way)
            if as_json:
                texts = {"text": version.text, "texts": {child.name: child.text for child in version.children}}
                document = {**version_document(version, changed), **texts}
                out.document(safe_json({"schema_version": SCHEMA_VERSION, **document}))
            else:
                sys.stdout.write(_shown(services.secrets.redactor.redact_json(version.text)))
                _tell(version, changed, out)
            return 0
        found = await services.standing.versions(name)
        changes = {each.name: changed_since(each, code_now(services, each)) for each in found}
    if as_json:
        out.document(versions_document(found, changes))
    elif found:
        now = time.time()
        out.table(HEADER, [version_row(each, now, changes[each.name]) for each in found], spare=("DIGEST", "BY"))
    else:
        out.say(f"{name} was never published." if name else "Nothing is published yet: `understudy publish WORKFLOW`.")
    return 0


def _tell(version: Version, changed: list[str], out: Output) -> None:
    """What stands beside the text."""
    from app.present.figures import ago

    note = f": {version.note}" if version.note else ""
    by = f" by {version.by}" if version.by else ""
    out.say(f"{version.name}, {version.status}, {ago(version.published, time.time())}{by}{note}")
    for child in version.children:
        out.say(f"  it calls {child.name} {child.digest[:12]}, kept with it")
    for each in changed:
        out.say(f"  {each} has changed since", "warning")


def _shown(text: str) -> str:
    from workflows.text import safe_text

    return safe_text(text if text.endswith("\n") else f"{text}\n", max_line=None)


def _restore(desk: Desk, version: Version, way: Way) -> int:
    """Write the text back, on a yes."""
    from pathlib import Path

    from app.cli.changing import settle
    from app.edits import must_be_writable, proposed_text, write_change
    from app.named_workflows import WorkflowFile

    path = Path(version.path)
    file = desk.load(str(path)) if path.is_file() else WorkflowFile(version.workflow, path, "file", "", None)
    if path.parent == desk.services.workflow_folders().get("built-in"):
        file = replace(file, scope="built-in")
    must_be_writable(desk, file)
    found = proposed_text(desk, file, version.text)
    return settle(desk, file, found, [f"restore {version.name}"], way, lambda: write_change(desk, found))
