"""understudy db tidy: remove what the rules of the settings no longer keep."""

from __future__ import annotations

import time

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, somebody_is_here, wait_for


@click.command("tidy")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@plain_option
def command(yes: bool, as_json: bool, plain: bool) -> int:
    """Remove now what the rules of the settings no longer keep; else it is done once a day."""
    return wait_for(_tidy(yes, as_json, Output(plain=plain)))


async def _tidy(yes: bool, as_json: bool, out: Output) -> int:
    from app.failures import Exit
    from app.housekeeping import tidy_by
    from app.present.figures import plural
    from app.present.run import SCHEMA_VERSION
    from app.retention import no_longer_kept
    from workflows.journal.sqlite.store import SqliteStore

    async with open_desk() as desk:
        services = desk.services
        rules, store = services.settings.history, services.store
        assert isinstance(store, SqliteStore)  # it was opened to be written
        going = await no_longer_kept(store, store.standing, rules, time.time())
        if going and not yes and not somebody_is_here():
            out.say(f"{plural(len(going), 'run')} would go, and nobody is here to ask: add --yes.", "attention")
            return Exit.NEEDS_PERSON
        asked = f"Forget {plural(len(going), 'run')} for good?"
        if going and not yes and not click.confirm(asked, default=False, err=True):
            out.say("Nothing was removed.")
            return Exit.CANCELLED
        done = await tidy_by(rules, services.spool, store)
    figures = {"runs": done.runs, "texts": done.texts, "contents": done.contents}
    figures |= {"drafts": done.drafts, "starts": done.starts}
    if as_json:
        out.document({"schema_version": SCHEMA_VERSION, "removed": dict(figures)})
    else:
        removed = ", ".join(f"{count} {what}" for what, count in figures.items() if count)
        out.print(f"Removed: {removed}" if removed else "Nothing was to be removed.")
    return 0
