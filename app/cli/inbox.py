"""understudy inbox: everything that waits for a person, in all runs."""

from __future__ import annotations

import time

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for


@click.command("inbox")
@click.option("--run", default="", metavar="RUN", help="Only what waits in this run.")
@json_option
@plain_option
def command(run: str, as_json: bool, plain: bool) -> int:
    """List what waits for a person in all runs, the oldest first, each with the command that answers it.

    `understudy show RUN` shows an entry whole: what is to be approved, what failed, what each answer leads to.
    """
    return wait_for(_inbox(run, as_json, Output(plain=plain)))


async def _inbox(run: str, as_json: bool, out: Output) -> int:
    from app.present.figures import plural
    from app.present.inbox import inbox_document, inbox_lines
    from workflows.journal.port import Query

    async with open_desk(journal="read") as desk:
        found = await desk.inbox()
        if run:
            only = await desk.unfinished(run)
            found = [waiting for waiting in found if waiting.run_id == only]
        ids = tuple(dict.fromkeys(waiting.run_id for waiting in found))
        runs = {each.run_id: each for each in await desk.runs(Query(ids=ids, limit=len(ids)))} if ids else {}
        left = {(id_, answer.entry): answer for id_ in ids for answer in await desk.answers(id_)}
    if as_json:
        out.document(inbox_document(found, runs, left))
        return 0
    for line, role in inbox_lines(found, runs, left, time.time()):
        out.print(line, role)
    if found:
        out.say(f"{plural(len(found), 'entry waits', 'entries wait')} in {plural(len(ids), 'run')}.")
    else:
        out.say("Nothing waits for a person.")
    return 0
