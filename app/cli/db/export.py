"""understudy db export [RUN...] FILE: runs as JSON lines."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for


@click.command("export")
@click.argument("runs", metavar="[RUN...]", nargs=-1)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@plain_option
def command(runs: tuple[str, ...], file: Path, as_json: bool, plain: bool) -> int:
    """Write each RUN, or all that there are, to FILE: one JSON object a line, each event as it was journalled.

    No secret stands in it: where a value of one would, its name does.
    """
    return wait_for(_export(runs, file.absolute(), as_json, Output(plain=plain)))


async def _export(runs: tuple[str, ...], file: Path, as_json: bool, out: Output) -> int:
    from app.exchange import export
    from app.present.figures import plural
    from app.present.run import SCHEMA_VERSION

    async with open_desk(journal="read") as desk:
        done = await export(desk, runs, file)
    if as_json:
        document = {"file": str(file), "runs": list(done.runs), "events": done.events}
        out.document({"schema_version": SCHEMA_VERSION, **document})
    else:
        out.print(str(file))
        out.say(f"{plural(len(done.runs), 'run')}, {plural(done.events, 'event')}")
    return 0
