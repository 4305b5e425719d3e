"""Triggers in words and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.present.figures import timestamp
from app.present.schedules import start_badge, start_document, start_words
from workflows.text import one_line
from workflows.unattended.values import Trigger
from workflows.values import Json

if TYPE_CHECKING:
    from app.triggering import SeenTrigger


def trigger_words(trigger: Trigger) -> str:
    """What it waits for: `when /home/ada/*.csv changes`, `when a run of build failed`, `when a person fires it`."""
    config = trigger.config
    match trigger.kind:
        case "file":
            words = f"when {config.get('glob')} changes"
        case "run":
            words = f"when a run of {config.get('workflow')} {config.get('status') or 'is over'}"
        case "webhook":
            words = f"when a signed message comes to {webhook_path(trigger)}"
        case _:
            words = "when a person fires it"
    give = f"; {config['give']} is {_GIVEN[trigger.kind]}" if config.get("give") and trigger.kind in _GIVEN else ""
    return one_line(words + give, 300)


_GIVEN = {"file": "the file's path", "run": "the run's id", "webhook": "the message"}


def webhook_path(trigger: Trigger) -> str:
    """Where the server takes its messages."""
    return f"/hooks/{trigger.id}"


def trigger_lines(seen: SeenTrigger, zone: str) -> Iterator[tuple[str, str, str]]:
    """A trigger as lines: label, text and the role of its colour. The first is its heading, without a label."""
    trigger = seen.trigger
    version = seen.version or f"{trigger.workflow}, of which no version is published"
    yield "", f"{trigger.id}  {version} · {trigger_words(trigger)}", "strong"
    if trigger.paused:
        yield "  ‖ ", "paused: it starts nothing until it is resumed", "attention"
    yield "  count  ", f"{trigger.count}", ""
    if seen.last is not None:
        badge = start_badge(seen.last, seen.run)
        yield "  last  ", start_words(seen.last, seen.run, zone), "bad" if badge.role == "bad" else ""


def trigger_document(seen: SeenTrigger) -> dict[str, Json]:
    """The same as data; times in UTC. No secret is in it, only the name of one."""
    trigger = seen.trigger
    return {
        "id": trigger.id,
        "workflow": trigger.workflow,
        "version": seen.version or None,
        "kind": trigger.kind,
        "config": dict(trigger.config),
        "parameters": dict(trigger.parameters),
        "paused": trigger.paused,
        "by": trigger.by,
        "note": trigger.note,
        "created": timestamp(trigger.created),
        "count": trigger.count,
        "last": start_document(seen.last, seen.run) if seen.last is not None else None,
    }
