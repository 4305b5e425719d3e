"""understudy db vacuum: room that nothing uses is given back."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import here


@click.command("vacuum")
@json_option
@plain_option
def command(as_json: bool, plain: bool) -> int:
    """Give back the room of what was deleted. It takes as much free room again while it works; others wait for it."""
    from app.present.run import SCHEMA_VERSION
    from workflows.journal.sqlite.upkeep import vacuum

    before, after = vacuum(here().journal)
    out = Output(plain=plain)
    taken, takes = before.database + before.log, after.database + after.log
    if as_json:
        out.document({"schema_version": SCHEMA_VERSION, "before": taken, "after": takes})
    else:
        out.print(f"{taken / 1_000_000:.1f} MB before, {takes / 1_000_000:.1f} MB now")
    return 0
