"""understudy publish WORKFLOW: keep its text, and those of all that it calls, for what starts by itself."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, person, wait_for


@click.command("publish")
@click.argument("workflow")
@click.option("--note", default="", help="What is new, for those who look at the list.")
@click.option(
    "--from", "number", type=click.IntRange(1), metavar="N", help="Publish version N once more, in place of the file."
)
@click.option("--unattended", is_flag=True, help="Check that it can run where nobody is, also without a schedule.")
@json_option
@plain_option
def command(workflow: str, note: str, number: int | None, unattended: bool, as_json: bool, plain: bool) -> int:
    """Publish WORKFLOW as its next version: a copy of its text, and of those of all that it calls, that never changes.

    What starts by itself runs the newest version, whatever becomes of the file. The file's `schedule:` counts from now
    on. What has a schedule or a trigger is published only if it can never wait for a person without end.
    """
    return wait_for(_publish(workflow, note, number or 0, unattended, as_json, Output(plain=plain)))


async def _publish(name: str, note: str, number: int, unattended: bool, as_json: bool, out: Output) -> int:
    from app.present.run import SCHEMA_VERSION
    from app.present.versions import version_document
    from app.publishing import Publishing
    from workflows.text import safe_json

    async with open_desk() as desk:
        done = await Publishing(desk).publish(name, note=note, by=person(), number=number, unattended=unattended)
    version = done.version
    if as_json:
        schedules = [each.id for each in done.schedules]
        document = {**version_document(version, ()), "new": done.new, "schedules": schedules}
        out.document(safe_json({"schema_version": SCHEMA_VERSION, **document}))
        return 0
    out.print(version.name)
    children = f", with {', '.join(child.name for child in version.children)}" if version.children else ""
    out.say(
        f"Published {version.name}, {version.digest[:12]}{children}."
        if done.new
        else f"Nothing is new: {version.name} has just this text."
    )
    for schedule in done.schedules:
        state = " (paused)" if schedule.paused else ""
        out.say(f"  schedule {schedule.id}{state} counts wherever `understudy serve` runs")
    return 0
