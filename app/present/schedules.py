"""When a workflow would start by itself, and the schedules that stand: in words and as data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from app.present.figures import plural, timestamp
from app.present.status import QUEUED, Badge, status_badge
from workflows.definition.dump import written
from workflows.definition.model import Workflow
from workflows.definition.schedules import length
from workflows.text import one_line
from workflows.unattended.values import Schedule, Start
from workflows.values import Json

if TYPE_CHECKING:
    from app.scheduling import Seen
    from workflows.journal.port import Summary

ONLY_SERVED = "Nothing starts by itself now: schedules and triggers run only while `understudy serve` runs."


def schedule_lines(workflow: Workflow | None) -> Iterator[str]:
    """The rules, and what has to happen before they count. Nothing where it starts only when it is told to."""
    if workflow is not None and workflow.schedules:
        rules = one_line(", ".join(rule.words for rule in workflow.schedules), 300)
        yield f"schedule: {rules}; it starts by itself once it is published to a server"


def schedule_document(workflow: Workflow | None) -> Json:
    """The rules as their file says them."""
    return [written(rule) for rule in workflow.schedules] if workflow is not None else []


def rule_words(schedule: Schedule) -> str:
    """`30 7 * * mon (Europe/Madrid)`, `every 30m`, `once, Thu 2026-12-24 18:00 (Europe/Madrid)`."""
    if schedule.every:
        return f"every {length(schedule.every)}"
    if schedule.at is not None:
        return f"once, {time_words(schedule.at, schedule.timezone)} ({schedule.timezone})"
    return one_line(f"{schedule.cron} ({schedule.timezone})", 200)


def time_words(at: float, zone: str) -> str:
    """A moment on the wall clocks of a zone, `Mon 2026-11-23 07:30`; seconds only where there are some."""
    try:
        time = datetime.fromtimestamp(at, ZoneInfo(zone))
    except (ValueError, KeyError):  # a zone that this machine does not have
        time = datetime.fromtimestamp(at, ZoneInfo("UTC"))
    return time.strftime("%a %Y-%m-%d %H:%M:%S" if time.second else "%a %Y-%m-%d %H:%M")


def ahead_words(seen: Seen) -> str:
    """The next times with their zone, or why there are none."""
    if seen.fault:
        return seen.fault
    if not seen.ahead:
        return "no more"
    zone = seen.schedule.timezone
    return ", ".join(time_words(slot, zone) for slot in seen.ahead) + f" ({zone})"


def start_badge(start: Start, run: Summary | None) -> Badge:
    """How a start stands: by its run where there is one."""
    if run is not None:
        return status_badge(run.status)
    if start.status == "queued":
        return QUEUED
    if start.status == "started":
        return Badge("–", "deleted since", "quiet")
    return Badge("↷", start.status, "quiet") if start.status != "refused" else Badge("✗", "refused", "bad")


def start_words(start: Start, run: Summary | None, zone: str) -> str:
    """A slot and how it ended: `Fri 2026-11-20 07:30: ✓ done, run 1a2b3c4d`."""
    what = f", run {start.run_id}" if run is not None or start.status == "started" else ""
    why = f": {one_line(start.why, 200)}" if start.why else ""
    return f"{time_words(start.due, zone)}: {start_badge(start, run)}{what}{why}"


def seen_lines(seen: Seen) -> Iterator[tuple[str, str, str]]:
    """A schedule as lines: label, text and the role of its colour. The first is its heading, without a label."""
    schedule = seen.schedule
    version = seen.version or f"{schedule.workflow}, of which no version is published"
    yield "", f"{schedule.id}  {version} · {rule_words(schedule)}", "strong"
    if schedule.paused:
        yield "  next  ", "‖ paused: it starts nothing until it is resumed", "attention"
    else:
        yield "  next  ", ahead_words(seen), "bad" if seen.fault else ""
    if seen.last is not None:
        badge = start_badge(seen.last, seen.run)
        yield "  last  ", start_words(seen.last, seen.run, schedule.timezone), "bad" if badge.role == "bad" else ""


def detail_lines(seen: Seen) -> Iterator[tuple[str, str]]:
    """What else there is to know of a schedule: label and text."""
    schedule = seen.schedule
    yield "  missed  ", schedule.missed
    yield "  overlap  ", schedule.overlap
    for name, value in schedule.parameters.items():
        yield f"  input {one_line(name, 60)}  ", one_line(str(value), 300)
    keeper = "the workflow's file, by publishing" if schedule.source == "file" else one_line(schedule.by, 60)
    yield "  kept by  ", keeper
    if schedule.note:
        yield "  note  ", one_line(schedule.note, 300)
    yield "  asked for  ", plural(schedule.count, "start")


def seen_document(seen: Seen) -> dict[str, Json]:
    """The same as data; times in UTC."""
    schedule = seen.schedule
    return {
        "id": schedule.id,
        "workflow": schedule.workflow,
        "version": seen.version or None,
        "cron": schedule.cron or None,
        "every": schedule.every or None,
        "at": timestamp(schedule.at),
        "timezone": schedule.timezone,
        "parameters": dict(schedule.parameters),
        "missed": schedule.missed,
        "overlap": schedule.overlap,
        "paused": schedule.paused,
        "source": schedule.source,
        "by": schedule.by,
        "note": schedule.note,
        "next": [timestamp(slot) for slot in seen.ahead],
        "last": start_document(seen.last, seen.run) if seen.last is not None else None,
        "count": schedule.count,
        "fault": seen.fault or None,
    }


def start_document(start: Start, run: Summary | None) -> dict[str, Json]:
    """A start, and the run that it became."""
    return {
        "due": timestamp(start.due),
        "asked": timestamp(start.at),
        "status": start.status,
        "why": start.why,
        "run": start.run_id if run is not None else None,
        "run_status": run.status if run is not None else None,
    }


def removal(name: str, workflow: str, count: int) -> str:
    """What it means to remove a schedule or trigger that asked for so many starts."""
    asked = plural(count, "start")
    return f"{workflow} is not started by {name} any more. It asked for {asked}; what ran stays in the history."
