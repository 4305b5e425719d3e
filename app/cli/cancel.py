"""understudy cancel RUN: end a run that was left, so that nobody goes on with it."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk_of, person, wait_for


@click.command("cancel")
@click.argument("run")
@json_option
@plain_option
def command(run: str, as_json: bool, plain: bool) -> int:
    """End RUN for good: what is left of it is not done. What was done stays done.

    A run that a living process has is ended there, with Ctrl-C or `x` on its screen.
    """
    return wait_for(_cancel(run, as_json, Output(plain=plain)))


async def _cancel(run: str, as_json: bool, out: Output) -> int:
    from app.failures import Exit
    from app.present.run import run_document

    async with open_desk_of(run, unfinished=True) as desk:
        driver = await desk.resume(run, attended=False)
        driver.cancel(f"cancelled by {person()}")
        state = await desk.services.engine.finished(driver.state.run_id)
    out.say(f"Run {state.run_id} is {state.status}. Nothing more of it is done.")
    if as_json:
        out.document(run_document(state))
    return Exit.OK if state.status == "cancelled" else Exit.FAILED
