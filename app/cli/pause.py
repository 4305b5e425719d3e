"""understudy pause RUN: let a run start nothing new, whoever has it."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, person, wait_for


@click.command("pause")
@click.argument("run", default="last")
@json_option
@plain_option
def command(run: str, as_json: bool, plain: bool) -> int:
    """Pause RUN: no new step starts, those under way go on to their end. `understudy resume RUN` goes on.

    Without RUN, the newest that is not over.

    Whichever process has the run, it takes this; a run that nobody has is paused all the same. Twice is once.
    """
    return wait_for(_pause(run, as_json, Output(plain=plain)))


async def _pause(run: str, as_json: bool, out: Output) -> int:
    from app.cli.report import report_steered
    from app.steering import Steering

    async with open_desk() as desk:
        steered = await Steering(desk, person()).pause(run)
    return report_steered(steered, out, as_json=as_json)
