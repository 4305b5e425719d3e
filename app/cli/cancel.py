"""understudy cancel RUN: end a run that was left, so that nobody goes on with it."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk_of, person, wait_for
from workflows.errors import UnderstudyError


@click.command("cancel")
@click.argument("run")
@json_option
@plain_option
def command(run: str, as_json: bool, plain: bool) -> int:
    """End RUN for good: what is left of it is not done. What was done stays done; nothing is undone.

    Its `finally` steps are still done. Where they are stopped (Ctrl-C) or wait for a person, cancel it once more: then
    they are left out too. A run that a living process has is ended there: `x` on its screen, or Ctrl-C, which makes it
    stop; then cancel it.
    """
    return wait_for(_cancel(run, as_json, Output(plain=plain)))


async def _cancel(run: str, as_json: bool, out: Output) -> int:
    from app.cli.conduct import Conductor, Manner
    from app.cli.report import report
    from app.failures import Exit
    from workflows.engine.driver import Driver
    from workflows.journal.port import RunOwned

    async with open_desk_of(run, unfinished=True) as desk:
        run = await desk.unfinished(run)

        async def begin() -> Driver:
            driver = await desk.resume(run, attended=False)
            driver.cancel(f"cancelled by {person()}")
            return driver

        try:
            ending = await Conductor(desk, out, Manner(False, person())).conduct(begin)
        except RunOwned as error:
            raise UnderstudyError(
                f"Run {run} cannot be cancelled from here: {error.owner} runs it.",
                f"Stop it there (`x` on its screen, or Ctrl-C), then `understudy cancel {run}`.",
            ) from None
    code = report(ending, out, form="json" if as_json else "text")
    return Exit.OK if ending.state.status == "cancelled" else code
