"""understudy stats: what the runs of a period came to."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for
from workflows.errors import UnderstudyError

if TYPE_CHECKING:
    from app.present.periods import Period
    from app.present.statistics import Statistics
    from workflows.journal.breakdown import By

WIDTH = 60
"""Bars that a line of them has at most."""

SHOWN = 10
"""Steps and errors that are listed for people; JSON has more."""


@click.command("stats")
@click.option(
    "--period", default="7d", show_default=True, help="`today`, `all`, or a number of m, h, d or w: `12h`, `30d`."
)
@click.option("--workflow", default="", help="Only runs of workflows whose name has this text.")
@click.option(
    "--by",
    type=click.Choice(("workflow", "version", "model", "step", "day")),
    help="A line for each, in the place of all together. Of steps it is their tries that are counted.",
)
@click.option(
    "--csv",
    "file",
    metavar="FILE",
    help="Write the lines of --by (without it: by day) to FILE as CSV, `-` for stdout. One that is there is replaced.",
)
@json_option
@plain_option
def command(period: str, workflow: str, by: By | None, file: str | None, as_json: bool, plain: bool) -> int:
    """Show how many runs there were, how they ended, how long they took, what they cost, and what was slow or failed.

    p50 and p95 are the times that half of the runs, and 95 of 100, did not exceed; waits for people are part of them.
    """
    from app.present.periods import read_period

    now = time.time()
    chosen = read_period(period.strip().lower(), now)
    if chosen is None:
        raise click.UsageError(f"--period {period!r} is none. Try `today`, `7d`, `30d`, `12h` or `all`.")
    out = Output(plain=plain)
    if by is None and file is None:
        return wait_for(_stats(chosen, now, workflow, as_json, out))
    if file is not None and as_json:
        raise click.UsageError("--csv and --json are two ways to say the same: take one of them.")
    return wait_for(_broken_down(chosen, now, workflow, by or "day", file, as_json, out))


async def _broken_down(
    period: Period, now: float, workflow: str, by: By, file: str | None, as_json: bool, out: Output
) -> int:
    from app.analytics import gather
    from app.present.breakdown import breakdown_document, csv_of, header, rows

    async with open_desk(journal="read") as desk:
        found = await gather(desk.services.store, period, now, workflow)
    groups = found.breakdowns[by]
    if file is not None:
        _write(csv_of(by, groups), file, out)
    elif as_json:
        out.document(breakdown_document(by, found.period, groups))
    elif groups:
        columns = header(by)
        spare = [name for name in ("MEAN", "P95", "LONGEST", "TOKENS", "COST") if name in columns]
        out.table(columns, rows(by, groups), spare=spare)
    else:
        out.say(f"There is nothing to count by {by}{' ' + found.period.within if found.period.within else ''}.")
    return 0


def _write(text: str, file: str, out: Output) -> None:
    """The CSV to a file, whole or not at all, or to stdout."""
    if file == "-":
        click.echo(text, nl=False)
        return
    path = Path(file)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(text.encode("utf-8", "replace"))
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise UnderstudyError(f"{path} cannot be written: {error.strerror}.", "Name another file.") from error
    out.say(f"Written to {path}.")


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
