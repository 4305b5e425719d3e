"""understudy top: how all runs go just now, again and again."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import deque
from typing import TYPE_CHECKING

import click

from app.cli.options import plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for

if TYPE_CHECKING:
    from app.monitoring.sample import Sample

WIDTH = 40
"""Bars of a figure's course."""

SHOWN = 12
"""Runs and steps that are listed; JSON has more."""


@click.command("top")
@click.option("--json", "as_json", is_flag=True, help="Print each look to stdout as one JSON line.")
@click.option(
    "--every", type=click.FloatRange(0.1, 3600), default=1.0, show_default=True, help="Seconds between looks."
)
@click.option("--times", type=click.IntRange(1), help="Looks; without it, until Ctrl-C, and one where no terminal is.")
@plain_option
def command(as_json: bool, every: float, times: int | None, plain: bool) -> int:
    """Show how the runs of all processes go: steps, queue, throughput, success, errors, processors, memory, alerts."""
    if times is None and not as_json and not sys.stdout.isatty():
        times = 1
    return wait_for(_top(as_json, every, times, Output(plain=plain), plain))


async def _top(as_json: bool, every: float, times: int | None, out: Output, plain: bool) -> int:
    from app.monitoring.sample import sample_document
    from app.monitoring.sampler import Sampler

    redraws = not plain and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    samples: deque[Sample] = deque(maxlen=300)
    async with open_desk(journal="read") as desk:
        sampler = Sampler(desk.services.store)
        while times is None or times > 0:
            samples.append(await sampler.sample(time.time()))
            if as_json:
                out.line(sample_document(samples[-1]))
            else:
                if redraws:
                    click.echo("\x1b[H\x1b[2J", nl=False)
                _show(samples, out)
            times = None if times is None else times - 1
            if times != 0:
                if not (as_json or redraws):
                    out.print()
                await asyncio.sleep(every)
    return 0


def _show(samples: deque[Sample], out: Output) -> None:
    from app.present.figures import duration
    from app.present.plots import sparkline
    from app.present.watched import alert_line, gauges, standing_of
    from workflows.text import one_line

    now = samples[-1]
    for alert in now.alerts:
        out.item("! ", alert_line(alert, now.at), "bad")
    out.print(standing_of(now), "strong")
    for gauge in gauges(samples):
        out.print(f"  {gauge.name:<10}{gauge.value:>9}  {sparkline(gauge.course, WIDTH)}")
    if now.runs:
        out.print()
        out.table(
            ("RUN", "WORKFLOW", "STATUS", "FOR", "DONE", "FAILED", "ACTIVE", "QUEUED"),
            [
                (
                    *(run.run_id, one_line(run.workflow, 32), run.status, duration(now.at - run.started)),
                    *(f"{run.done}/{run.total}", str(run.failed), str(run.active), str(run.queued)),
                )
                for run in now.runs[:SHOWN]
            ],
            spare=("QUEUED", "STATUS"),
        )
    if now.at_work:
        out.print()
        out.table(
            ("AT WORK", "BY", "FOR", "IN RUN"),
            [
                (one_line(each.step, 40), one_line(each.performer, 32), duration(now.at - each.started), each.run_id)
                for each in now.at_work[:SHOWN]
            ],
            spare=("BY",),
        )
