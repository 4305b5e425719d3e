"""understudy cancel RUN: end a run for good, whoever has it."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk_of, person, wait_for


@click.command("cancel")
@click.argument("run")
@click.option("--now", "at_once", is_flag=True, help="Leave its `finally` steps out too.")
@json_option
@plain_option
def command(run: str, at_once: bool, as_json: bool, plain: bool) -> int:
    """End RUN for good: what is left of it is not done. What was done stays done; nothing is undone.

    Its `finally` steps are still done, by the process that has the run, or from here where none has it. Cancelling
    twice is cancelling; --now ends what is left of `finally` as well.
    """
    return wait_for(_cancel(run, at_once, as_json, Output(plain=plain)))


async def _cancel(run: str, at_once: bool, as_json: bool, out: Output) -> int:
    from app.cli.conduct import Conductor, Manner
    from app.cli.report import report, report_steered
    from app.failures import Exit
    from app.steering import Steering
    from workflows.engine.driver import Driver
    from workflows.journal.port import Request, RequestKind, RunOwned

    what: RequestKind = "cancel_now" if at_once else "cancel"
    async with open_desk_of(run, unfinished=True) as desk:
        run = await desk.unfinished(run)

        async def begin() -> Driver:
            driver = await desk.resume(run, attended=False)
            driver.obey(Request(0, run, what, f"cancelled by {person()}", person()))
            return driver

        while True:
            steered = await Steering(desk, person()).cancel(run, at_once=at_once)
            if steered.became != "left to us":
                return report_steered(steered, out, as_json=as_json)
            try:
                ending = await Conductor(desk, out, Manner(False, person())).conduct(begin)
                break
            except RunOwned:
                continue  # somebody went on with it just now, and is asked
    code = report(ending, out, form="json" if as_json else "text")
    return Exit.OK if ending.state.status == "cancelled" else code
