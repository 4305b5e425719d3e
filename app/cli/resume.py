"""understudy resume RUN: go on with a run that was stopped, interrupted or waits."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from app.cli.options import attended_option, details_option, json_option, plain_option
from app.cli.output import Output
from app.cli.run import Terms, carried_out, conducted
from app.cli.session import open_desk_of, person, somebody_is_here

if TYPE_CHECKING:
    from app.cli.detached import Own


@click.command("resume")
@click.argument("run")
@json_option
@attended_option
@click.option("--detach", is_flag=True, help="Let a process of its own go on with it, and return at once.")
@details_option
@plain_option
def command(run: str, as_json: bool, attended: bool | None, detach: bool, details: bool, plain: bool) -> int:
    """Go on with RUN: its id, the beginning of it, or `last`. What was done is not done again.

    A run that was paused in a living process goes on there.
    """
    here = somebody_is_here() if attended is None else attended
    return carried_out(
        lambda out, own: resume(run, as_json and own is None, here, details, out, own), detach, as_json, plain
    )


async def resume(run: str, as_json: bool, attended: bool, details: bool, out: Output, own: Own | None = None) -> int:
    """Take the run along from here, or in a process of its `own`, and report how it was left."""
    from app.cli.report import report, report_steered
    from app.steering import Steering

    async with open_desk_of(run, unfinished=True, hot=own is not None or attended) as desk:
        id_ = await desk.unfinished(run)
        if (await desk.state(id_)).paused and (await desk.summary(id_)).owner:
            steered = await Steering(desk, person()).proceed(id_)
            if steered.became != "left to us":
                # Here no process of its own is needed, so that this is told at the terminal.
                return report_steered(steered, Output() if own else out, as_json=as_json)
        terms, form = Terms("", attended, details), "json" if as_json else "text"
        ending = await conducted(desk, partial(desk.resume, id_, attended=attended), terms, form, out, own)
    return report(ending, out, form=form)
