"""understudy stats: what the runs of a period came to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for

if TYPE_CHECKING:
    from app.present.periods import Period
    from app.present.statistics import Statistics

WIDTH = 60
"""Bars that a line of them has at most."""

SHOWN = 10
"""Steps and errors that are listed for people; JSON has more."""


@click.command("stats")
@click.option(
    "--period", default="7d", show_default=True, help="`today`, `all`, or a number of m, h, d or w: `12h`, `30d`."
)
@click.option("--workflow", default="", help="Only runs of workflows whose name has this text.")
@json_option
@plain_option
def command(period: str, workflow: str, as_json: bool, plain: bool) -> int:
    """Show how many runs there were, how they ended, how long they took, what they cost, and what was slow or failed.

    p50 and p95 are the times that half of the runs, and 95 of 100, did not exceed; waits for people are part of them.
    """
    from app.present.periods import read_period

    now = time.time()
    chosen = read_period(period.strip().lower(), now)
    if chosen is None:
        raise click.UsageError(f"--period {period!r} is none. Try `today`, `7d`, `30d`, `12h` or `all`.")
    return wait_for(_stats(chosen, now, workflow, as_json, Output(plain=plain)))


async def _stats(period: Period, now: float, workflow: str, as_json: bool, out: Output) -> int:
    from app.analytics import gather
    from app.present.statistics import statistics_document

    async with open_desk(journal="read") as desk:
        found = await gather(desk.services.store, period, now, workflow)
    if as_json:
        out.document(statistics_document(found))
    elif found.whole.runs:
        _show(found, now, out)
    else:
        of = f"of a workflow with {workflow!r} in its name" if workflow else ""
        out.say(f"{' '.join(filter(None, ('No runs', of, period.within)))}.")
        if period.since is not None:
            out.say("`understudy stats --period all` looks at all there are.")
    return 0


def _show(found: Statistics, now: float, out: Output) -> None:
    from app.present.figures import ago, duration, plural
    from app.present.plots import sparkline
    from app.present.tallies import counted, error_name, error_place, measures, remarks
    from workflows.text import one_line

    first, last = found.parts[0][0].label, found.parts[-1][0].label
    out.print(f"{found.period.label}: {plural(found.whole.runs, 'run')}: {counted(found.whole)}", "strong")
    out.table(
        ("", "", f"BY THE {found.unit.upper()}, {first} TO {last}"),
        [(each.name, each.value, sparkline(each.course, WIDTH)) for each in measures(found)],
    )
    for remark in remarks(found.whole):
        out.print(remark, "quiet")
    if found.slowest:
        out.print()
        out.table(
            ("SLOWEST STEPS", "OF", "BY", "TRIES", "P50", "P95", "LONGEST", "IN RUN"),
            [
                (
                    *(one_line(step.step, 40), one_line(step.workflow, 32), one_line(step.performer, 32)),
                    *(str(step.tries), duration(step.p50), duration(step.p95), duration(step.longest), step.run),
                )
                for step in found.slowest[:SHOWN]
            ],
            spare=("TRIES", "P95", "BY"),
        )
    if found.errors:
        out.print()
        out.table(
            ("TOP ERRORS", "TIMES", "WHERE", "LAST", "IN RUN", "WHAT"),
            [
                (
                    *(one_line(error_name(error), 40), str(error.times), one_line(error_place(error), 60)),
                    *(ago(error.last, now), error.run, one_line(error.message, 200)),
                )
                for error in found.errors[:SHOWN]
            ],
            spare=("LAST", "WHERE"),
            brief=True,
        )
