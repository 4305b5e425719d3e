"""understudy resume RUN: go on with a run that was stopped, interrupted or waits."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk_of, person, somebody_is_here, wait_for


@click.command("resume")
@click.argument("run")
@json_option
@click.option(
    "--attended/--unattended",
    default=None,
    help="Whether a person can be asked here. By default, whether stdin and stdout are terminals.",
)
@click.option("--details", is_flag=True, help="Narrate every call, not only what matters.")
@plain_option
def command(run: str, as_json: bool, attended: bool | None, details: bool, plain: bool) -> int:
    """Go on with RUN: its id, the beginning of it, or `last`. What was done is not done again.

    A run that was paused in a living process goes on there.
    """
    here = somebody_is_here() if attended is None else attended
    return wait_for(resume(run, as_json, here, details, Output(plain=plain)))


async def resume(run: str, as_json: bool, attended: bool, details: bool, out: Output) -> int:
    """Take the run along from here, and report how it was left."""
    from app.cli.conduct import Conductor, Manner
    from app.cli.report import report, report_steered
    from app.steering import Steering

    async with open_desk_of(run, unfinished=True) as desk:
        id_ = await desk.unfinished(run)
        if (await desk.state(id_)).paused and (await desk.summary(id_)).owner:
            steered = await Steering(desk, person()).proceed(id_)
            if steered.became != "left to us":
                return report_steered(steered, out, as_json=as_json)
        conductor = Conductor(desk, out, Manner(attended, person(), details=details))
        ending = await conductor.conduct(lambda: desk.resume(run, attended=attended))
    return report(ending, out, form="json" if as_json else "text")
