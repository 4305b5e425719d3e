"""understudy alerts: what went wrong and was noticed, and that somebody has seen to it."""

from __future__ import annotations

import time

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, person, wait_for


@click.command("alerts")
@click.option("--all", "ended", is_flag=True, help="Also those of the last 30 days that are over.")
@click.option(
    "--acknowledge",
    "seen",
    multiple=True,
    metavar="ID",
    help="You have seen to it: nobody is told of it again while it lasts. The start of an id will do; `all` for all.",
)
@json_option
@plain_option
def command(ended: bool, seen: tuple[str, ...], as_json: bool, plain: bool) -> int:
    """List the alerts that last: failed runs, slow ones, error rates, memory and a busy machine.

    What they are held against, how often and where they are told is set under `monitoring:` in the settings.
    """
    return wait_for(_alerts(ended, seen, as_json, Output(plain=plain)))


async def _alerts(ended: bool, seen: tuple[str, ...], as_json: bool, out: Output) -> int:
    from app.alerts import listed, see_to
    from app.present.figures import plural
    from app.present.watched import alert_line, alerts_document

    async with open_desk() as desk:
        if seen:
            done = await see_to(desk.services, seen, person())
            out.say(f"{plural(len(done), 'alert')} acknowledged." if done else "Nothing new was to be acknowledged.")
        found = await listed(desk.services, ended=ended)
    if as_json:
        out.document(alerts_document(found))
        return 0
    for alert in found:
        out.item(f"{alert.id}  ", alert_line(alert, time.time()), "quiet" if alert.until is not None else "bad")
    if not found:
        out.say("No alert lasts." if not ended else "There was no alert in the last 30 days.")
    return 0
