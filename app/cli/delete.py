"""understudy delete RUN...: forget runs, and all that was recorded of them."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, somebody_is_here, wait_for


@click.command("delete")
@click.argument("runs", metavar="RUN...", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@plain_option
def command(runs: tuple[str, ...], yes: bool, as_json: bool, plain: bool) -> int:
    """Forget each RUN: its steps, outputs, costs, and what people answered. This cannot be taken back.

    What the runs did outside stays. What other runs took over from them is kept with those.
    """
    return wait_for(_delete(runs, yes, as_json, Output(plain=plain)))


async def _delete(runs: tuple[str, ...], yes: bool, as_json: bool, out: Output) -> int:
    from app.failures import Exit
    from app.present.figures import plural
    from app.present.run import SCHEMA_VERSION
    from workflows.journal.port import Query

    async with open_desk() as desk:
        ids = tuple(dict.fromkeys([await desk.services.store.resolve(run) for run in runs]))
        found = {each.run_id: each for each in await desk.runs(Query(ids=ids, limit=len(ids)))}
        for run in ids:
            each = found[run]
            over = "" if each.finished else ", which is not over and could not be gone on with"
            out.say(f"{run} of {each.workflow}, {each.status}{over}")
        if not yes and not somebody_is_here():
            out.say("Nobody is here to ask: add --yes.", "attention")
            return Exit.NEEDS_PERSON
        if not yes and not click.confirm(f"Forget {plural(len(ids), 'run')} for good?", default=False, err=True):
            out.say("Nothing was deleted.")
            return Exit.CANCELLED
        for run in ids:
            await desk.delete(run)
    if as_json:
        out.document({"schema_version": SCHEMA_VERSION, "deleted": list(ids)})
    else:
        out.say(f"Deleted {plural(len(ids), 'run')}.")
    return Exit.OK
