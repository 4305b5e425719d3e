"""understudy db restore FILE: a backup takes the journal's place."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import here, somebody_is_here, wait_for


@click.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@plain_option
def command(file: Path, yes: bool, as_json: bool, plain: bool) -> int:
    """Put the backup FILE in the place of the journal, whole or not at all.

    The journal that was there is kept as a backup of its own. It is refused while any other process uses the journal,
    and where the file is damaged or of a newer release.

    Runs that were not over when the backup was made are paused, and starts that were queued are left out: they may have
    gone on since, and nothing is done twice.
    """
    from app.failures import Exit
    from app.present.run import SCHEMA_VERSION
    from app.restoring import restore_backup
    from workflows.journal.sqlite.upkeep import CURRENT

    paths, out = here(), Output(plain=plain)
    if not yes and not somebody_is_here():
        out.say("Nobody is here to ask: add --yes. Nothing was changed.", "attention")
        return Exit.NEEDS_PERSON
    if not yes and not click.confirm(f"Put {file} in the place of all history here?", default=False, err=True):
        out.say("Nothing was changed.")
        return Exit.CANCELLED
    done = wait_for(restore_backup(paths.journal, file.absolute(), paths.journal_backups))
    kept = str(done.kept) if done.kept else None
    if as_json:
        document = {"file": str(file), "kept": kept, "schema": done.schema, "paused": list(done.paused)}
        out.document({"schema_version": SCHEMA_VERSION, **document, "starts_left_out": done.left_out})
        return 0
    out.say(f"Restored from {file}.")
    if done.schema < CURRENT:
        out.say(f"It is of an older release (schema {done.schema}), and was brought up to date.")
    if done.paused:
        out.say(f"Paused, for they may have gone on since it was made: {', '.join(done.paused)}", "attention")
        out.say("  where you know that one did not: understudy resume RUN")
    if done.left_out:
        out.say(f"Left out, for they may have begun since: {done.left_out} queued starts", "attention")
    if kept:
        out.say(f"What was here before: understudy db restore {kept}")
    return 0
