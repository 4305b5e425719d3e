"""understudy archive WORKFLOW[@N]: what was published is started by itself no more."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for


@click.command("archive")
@click.argument("workflow", metavar="WORKFLOW[@N]")
@json_option
@plain_option
def command(workflow: str, as_json: bool, plain: bool) -> int:
    """Archive version N of WORKFLOW, or all of its versions: nothing starts them by itself any more.

    They stay readable, and `understudy run WORKFLOW@N` runs them still. What starts by itself takes the newest that is
    left; where none is, it is refused. `understudy publish WORKFLOW --from N` brings one back as a new version.
    """
    return wait_for(_archive(workflow, as_json, Output(plain=plain)))


async def _archive(name: str, as_json: bool, out: Output) -> int:
    from app.present.versions import versions_document
    from app.publishing import Publishing, reference_of

    async with open_desk() as desk:
        workflow, number = reference_of(name) or (name, 0)
        done = await Publishing(desk).archive(workflow, number)
        left = await desk.services.standing.version(workflow)
    if as_json:
        out.document(versions_document(done, {}))
        return 0
    for each in done:
        out.print(each.name)
    if not done:
        out.say(f"{name} is archived already.")
    if left is None:
        out.say(f"No version of {workflow} is left for what starts by itself.", "warning")
    else:
        out.say(f"What starts {workflow} by itself runs {left.name}.")
    return 0
