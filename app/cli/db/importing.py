"""understudy db import FILE: the runs of an export, in the history here."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@plain_option
def command(file: Path, as_json: bool, plain: bool) -> int:
    """Take the runs of an export into the history. What is there already is left as it is.

    The whole file is read first: a line that is not understood, or was changed, ends it before anything is taken. Runs
    that are not over are not taken; a backup moves those.
    """
    return wait_for(_import(file, as_json, Output(plain=plain)))


async def _import(file: Path, as_json: bool, out: Output) -> int:
    from app.exchange import import_runs
    from app.present.figures import plural
    from app.present.run import SCHEMA_VERSION

    async with open_desk() as desk:
        done = await import_runs(desk, file)
    if as_json:
        document = {"runs": list(done.runs), "events": done.events, "known": list(done.known)}
        out.document({"schema_version": SCHEMA_VERSION, **document})
        return 0
    for run in done.runs:
        out.print(run)
    known = f"; already here: {len(done.known)}" if done.known else ""
    out.say(f"{plural(len(done.runs), 'run')}, {plural(done.events, 'event')}{known}.")
    if done.runs:
        out.say("`understudy rerun` of one does what its file says: look at it first, if it is not yours.")
    return 0
