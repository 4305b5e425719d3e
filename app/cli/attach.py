"""understudy attach RUN: watch a run that another process has, and answer what waits in it."""

from __future__ import annotations

from signal import Signals

import click

from app.cli.options import plain_option
from app.cli.output import Output
from app.cli.session import open_desk, person, somebody_is_here, wait_for


@click.command("attach")
@click.argument("run", default="last")
@click.option("--details", is_flag=True, help="Narrate every call, not only what matters.")
@click.option("--json", "as_json", is_flag=True, help="Print every event to stdout as one JSON line.")
@plain_option
def command(run: str, details: bool, as_json: bool, plain: bool) -> int:
    """Watch RUN, whichever process has it: its story so far, then all that happens, with the text of running steps.

    Without RUN, the newest that is not over. On a terminal it asks you where a person is needed. q and enter, or
    Ctrl-C, leaves; the run goes on. It ends with the run, and with the run's exit code. Where no process has the run,
    it says how to go on with it.
    """
    return wait_for(_attach(run, details, as_json, Output(plain=plain)))


async def _attach(run: str, details: bool, as_json: bool, out: Output) -> int:
    from app.cli.attachment import Attachment
    from app.cli.conduct import Ending
    from app.cli.report import report
    from app.ending import code_of

    async with open_desk() as desk:
        run = await desk.unfinished(run)
        attended = somebody_is_here() and not as_json
        attachment = Attachment(desk, out, run, person(), attended=attended, details=details, as_json=as_json)
        before = await desk.summary(run)
        await attachment.follow()
        state = await desk.state(run)
        answers = [] if state.over else await desk.answers(run)
    watch = attachment.watch
    if attachment.left and not state.over:
        out.say(f"Left run {run}; it goes on in {watch.other_owner}.")
        out.say(f"  come back: understudy attach {run}   (or end it: understudy cancel {run})")
        return code_of(attachment.left) if isinstance(attachment.left, Signals) else 0
    if not state.over and not before.owner:
        out.say(f"No process has run {run} now.")
    elif state.status == "interrupted":
        out.say(f"! interrupted: {before.owner} is gone. Go on with: understudy resume {run}", "warning")
    return report(Ending(state, left=answers), out, form="jsonl" if as_json else "text")
