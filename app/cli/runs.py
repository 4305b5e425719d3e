"""understudy runs: what was run, newest first."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for

if TYPE_CHECKING:
    from workflows.journal.port import Query, Summary

STATUSES = ("pending", "running", "waiting", "paused", "interrupted", "succeeded", "failed", "cancelled")


@click.command("runs")
@click.option("--status", "status", multiple=True, type=click.Choice(STATUSES), help="Only runs of this status.")
@click.option("--workflow", default="", help="Only runs of this workflow.")
@click.option("--text", default="", help="Only runs whose id, workflow or title has this text.")
@click.option(
    "--filter",
    "typed",
    default="",
    metavar="FILTER",
    help="As on the screen: 'status:failed wf:triage since:7d cost>0.1 words'.",
)
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1, 10_000), help="How many, at most.")
@json_option
@plain_option
def command(
    status: tuple[str, ...], workflow: str, text: str, typed: str, limit: int, as_json: bool, plain: bool
) -> int:
    """List runs, newest first."""
    from dataclasses import replace

    from app.present.query import read_filter

    found = read_filter(typed, time.time(), limit=limit)
    if found.problem:
        raise click.UsageError(f"--filter: {found.problem}")
    words = " ".join(filter(None, (text, found.query.text)))
    query = replace(found.query, status=(*status, *found.query.status), workflow=workflow, text=words)
    return wait_for(_runs(query, as_json, Output(plain=plain)))


async def _runs(query: Query, as_json: bool, out: Output) -> int:
    from app.present.figures import ago, cost, duration, nth
    from app.present.run import SCHEMA_VERSION, summary_document
    from app.present.status import run_badge
    from app.remarks import Remarks
    from workflows.journal.port import Query
    from workflows.text import one_line

    async with open_desk(journal="read") as desk:
        found = await desk.runs(query)
        remarks = await Remarks(desk).of(found)
        line = desk.line()
    if as_json:
        out.document({"schema_version": SCHEMA_VERSION, "runs": [summary_document(summary) for summary in found]})
        return 0
    if not found:
        out.say(
            "No runs yet. `understudy demo` makes one: no key, no network."
            if query == Query(limit=query.limit)
            else "No run is like that."
        )
        return 0
    now = time.time()
    out.table(
        ("RUN", "WORKFLOW", "STATE", "STARTED", "TOOK", "STEPS", "COST", ""),
        [
            (
                summary.run_id,
                one_line(summary.version or summary.workflow, 32),
                str(run_badge(summary.status, len(summary.inbox)))
                + (f", {nth(line.index(summary.run_id) + 1)}" if summary.run_id in line else ""),
                ago(summary.started, now),
                duration(_until(summary, now) - summary.started),
                f"{summary.steps_done}/{summary.steps_total}",
                cost(summary.cost_usd, known=summary.cost_known),
                _note(summary, now, remarks.get(summary.run_id, "")),
            )
            for summary in found
        ],
        spare=("TOOK",),
    )
    return 0


def _until(summary: Summary, now: float) -> float:
    """The end of the time that a run took so far: one that is under way takes more of it with every moment."""
    return summary.finished or (now if summary.owner and summary.status == "running" else summary.updated)


def _note(summary: Summary, now: float, remark: str) -> str:
    from app.present.figures import duration
    from app.present.owners import silence
    from workflows.text import one_line

    silent = silence(summary, now)
    again = f"again of {summary.forked_from}" if summary.forked_from else ""
    notes = (
        remark,
        again,
        f"by {one_line(summary.cause, 60)}" if summary.cause else "",
        "no AI" if summary.simulated else "",
        summary.owner,
        f"silent for {duration(silent)}" if silent else "",
    )
    return " · ".join(filter(None, notes))
