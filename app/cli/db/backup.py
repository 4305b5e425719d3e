"""understudy db backup [FILE]: the journal as it is now, in one file."""

from __future__ import annotations

import time
from pathlib import Path

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import here


@click.command("backup")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@json_option
@plain_option
def command(file: Path | None, as_json: bool, plain: bool) -> int:
    """Copy the journal as it is at one moment into FILE, large values too; runs may go on meanwhile.

    Without FILE it gets a name with the time, in the folder of data. No file is ever replaced. Only you can read it: it
    holds what runs were given and what they gave, and no secret.
    """
    from app.present.run import SCHEMA_VERSION
    from workflows.journal.sqlite.upkeep import back_up

    paths, out = here(), Output(plain=plain)
    name = time.strftime("journal-%Y%m%d-%H%M%S.db", time.gmtime())
    to = (file or paths.journal_backups / name).absolute()
    size = back_up(paths.journal, to)
    if as_json:
        out.document({"schema_version": SCHEMA_VERSION, "file": str(to), "bytes": size})
    else:
        out.print(str(to))
        out.say(f"{size / 1_000_000:.1f} MB. To put it back: understudy db restore {to}")
    return 0
