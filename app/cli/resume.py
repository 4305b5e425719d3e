"""understudy resume RUN: go on with a run that was stopped, interrupted or waits."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from app.cli.options import attended_option, details_option, json_option, plain_option, read_raise
from app.cli.output import Output
from app.cli.run import Terms, carried_out, conducted
from app.cli.session import open_desk_of, person, somebody_is_here

if TYPE_CHECKING:
    from app.cli.detached import Own


@click.command("resume")
@click.argument("run")
@click.option("--budget", metavar="USD", help="Let it spend so much on models in all, more than it may now.")
@json_option
@attended_option
@click.option("--detach", is_flag=True, help="Let a process of its own go on with it, and return at once.")
@details_option
@plain_option
def command(
    run: str, budget: str | None, as_json: bool, attended: bool | None, detach: bool, details: bool, plain: bool
) -> int:
    """Go on with RUN: its id, the beginning of it, or `last`. What was done is not done again.

    A run that a living process has goes on there, also where it was paused.

    With --budget it goes on with a higher limit, which also answers a call that waits for more money; a run without
    a budget gets one, and what it has spent counts. In a run that a living process has, `understudy answer` raises it.
    """
    here, usd = somebody_is_here() if attended is None else attended, read_raise(budget)
    return carried_out(
        lambda out, own: resume(run, as_json and own is None, here, details, out, own, usd, True),
        detach,
        as_json,
        plain,
    )


async def resume(
    run: str,
    as_json: bool,
    attended: bool,
    details: bool,
    out: Output,
    own: Own | None = None,
    budget: float | None = None,
    steers: bool = False,
) -> int:
    """Take the run along from here, or in a process of its `own`, and report how it was left.

    With a `budget`, in US dollars, it may spend so much from now on. With `steers`, one that a living process has
    is told to go on there; without, that is so of one that is paused, and RunOwned is raised for any other.
    """
    from app.cli.report import report, report_steered
    from app.steering import Steering

    async with open_desk_of(run, unfinished=True, hot=own is not None or attended) as desk:
        id_ = await desk.unfinished(run)
        begin = partial(desk.resume, id_, attended=attended)
        if budget is not None:
            from app.raising import resume_with_budget

            begin = partial(resume_with_budget, desk, id_, budget, attended=attended, by=person())
        elif (await desk.summary(id_)).owner and (steers or (await desk.state(id_)).paused):
            steered = await Steering(desk, person()).proceed(id_)
            if steered.became != "left to us":
                # Here no process of its own is needed, so that this is told at the terminal.
                return report_steered(steered, Output() if own else out, as_json=as_json)
        terms, form = Terms("", attended, details), "json" if as_json else "text"
        ending = await conducted(desk, begin, terms, form, out, own)
    return report(ending, out, form=form)
