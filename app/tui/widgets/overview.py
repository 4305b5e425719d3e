"""The rows of the first screen: what needs you, what runs, what was run. And of workflows to start from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from textual.content import Content

from app.named_workflows import WorkflowFile
from app.present.figures import ago, cost, duration
from app.present.grouping import going_on, looked_back_at
from app.present.owners import silence
from app.present.status import QUEUED, RUNNING, WAITING, Badge, run_badge, status_badge
from app.present.workflow_page import SOURCES
from app.tui.text import KEY, QUIET, STYLES, badge, cell
from app.tui.widgets.rows import Row
from workflows.journal.port import Summary, Waiting

WORD = 14
ID = 9
AGO = 12
NARROW = 66
"""Columns below which no row has its age."""
AGAIN = "↳"
NOTHING_MORE: Mapping[str, str] = {}

REASONS = {
    "approval": Badge("‖", "approve", "attention"),
    "question": Badge("‖", "answer", "attention"),
    "intervention": Badge("✗", "failed", "bad"),
    "unknown": Badge("?", "unknown", "attention"),
    "changed": Badge("‖", "changed", "attention"),
    "budget": Badge("‖", "budget", "attention"),
}

GOING = (RUNNING, QUEUED, WAITING, status_badge("paused"))


def tally(going: Sequence[Summary]) -> list[tuple[Badge, int]]:
    """How many of these runs are what: running ones first, then those that are queued, wait for time, or are paused."""
    badges = [run_badge(run.status, 0) for run in going]
    return [(badge, badges.count(badge)) for badge in GOING if badge in badges]


def overview_rows(
    waiting: Sequence[Waiting], runs: Sequence[Summary], now: float, remarks: Mapping[str, str] = NOTHING_MORE
) -> list[Row]:
    """Sections with a heading each; empty ones are left out. Keys are `run`, or `run entry` for what waits.

    `remarks` are said of runs by their ids.
    """

    def drawn(run: Summary) -> Row:
        return Row(partial(run_row, run, now, remark=remarks.get(run.run_id, "")), run.run_id)

    titles = {run.run_id: run.title or run.workflow for run in runs}
    going, recent = going_on(waiting, runs), looked_back_at(waiting, runs)
    rows: list[Row] = []
    if waiting:
        rows += _section(f"Needs you ({len(waiting)})", STYLES["attention"])
        rows += [
            Row(partial(_waiting, entry, titles.get(entry.run_id, entry.run_id), now), f"{entry.run_id} {entry.entry}")
            for entry in waiting
        ]
    if going:
        counts = " · ".join(f"{badge.word} ({count})" for badge, count in tally(going))
        rows += [*_gap(rows), *_section(counts[0].upper() + counts[1:], STYLES["active"])]
        rows += map(drawn, going)
    if recent:
        rows += [*_gap(rows), *_section("Recent", QUIET)]
        rows += map(drawn, recent)
    return rows


def _section(name: str, style: str) -> list[Row]:
    bold = f"bold {style.removeprefix('bold ')}"
    return [Row(lambda width: Content.assemble(" ", cell(name, width - 1, bold)))]


def _gap(rows: Sequence[Row]) -> list[Row]:
    return [Row(lambda width: Content(""))] if rows else []


def _waiting(entry: Waiting, run_title: str, now: float, width: int) -> Content:
    mark = REASONS.get(entry.reason, REASONS["question"])
    age = AGO if width >= NARROW else 0
    room = max(10, width - WORD - ID - age - 3)
    name = max(8, min(24, room // 3))
    return Content.assemble(
        "   ",
        badge(mark, WORD),
        cell(run_title, name),
        " ",
        cell(entry.title, room - name - 1),
        cell(entry.run_id, ID, QUIET, right=True),
        cell(ago(entry.asked, now), age, QUIET, right=True),
    )


def run_row(run: Summary, now: float, width: int, mark: str = "", remark: str = "") -> Content:
    """One run: state, name, steps, time, cost, id, age. What no AI wrote says so, and what was begun again.

    `mark` stands before it in the place of the sign for what was begun again; `remark` is what else there is to say.
    """
    shown = run_badge(run.status, len(run.inbox))
    wide = width >= 90
    steps, time, age = (8, 10, AGO) if wide else (6, 8, AGO - 1 if width >= NARROW else 0)
    room = max(8, width - WORD - steps - time - ID - age - 3 - (10 if wide else 0))
    took = (run.finished or (now if run.status in ("running", "waiting", "pending") else run.updated)) - run.started
    price = cost(run.cost_usd, known=run.cost_known)
    silent = silence(run, now)
    notes = (
        remark,
        run.version,
        f"by {run.cause}" if run.cause else "",
        "no AI" if run.simulated else "",
        f"{run.owner} silent for {duration(silent)}" if silent else "",
        f"again of {run.forked_from}" if run.forked_from else "",
    )
    return Content.assemble(
        " ",
        cell(mark or AGAIN * bool(run.forked_from), 2, KEY if mark else QUIET),
        badge(shown, WORD),
        cell(" · ".join([run.title or run.workflow, *filter(None, notes)]), room),
        cell(f"{run.steps_done}/{run.steps_total}", steps, QUIET, right=True),
        cell(duration(took), time, QUIET, right=True),
        cell(price, 10, QUIET, right=True) if wide else "",
        cell(run.run_id, ID, QUIET, right=True),
        cell(ago(run.started, now), age, QUIET, right=True),
    )


def workflow_row(file: WorkflowFile, note: str, width: int) -> Content:
    """A workflow that can be started: its name, what it is for, where it comes from; a broken one its first error."""
    name = min(26, max(12, width // 3))
    if file.workflow is None or file.errors:
        first = file.errors[0] if file.errors else None
        what = f"line {first.line}: {first.message}" if first else "cannot be read"
        broken = status_badge("failed")
        return Content.assemble(
            " ", cell(file.stem, name, STYLES["bad"]), f" {broken.glyph} ", cell(what, width - name - 5, QUIET)
        )
    if file.newer:
        note = f"✗ line {file.newer[0].line}: {file.newer[0].message}; the last good version is used"
    about = note or (file.workflow.template.for_ if file.workflow.template else "") or file.workflow.description
    scope = 11 if width >= 50 else 0
    return Content.assemble(
        " ",
        cell(file.stem, name, "bold"),
        " ",
        cell(about or file.workflow.name, width - name - 3 - scope, QUIET),
        cell(SOURCES[file.scope], scope, f"{QUIET} italic", right=True),
    )
