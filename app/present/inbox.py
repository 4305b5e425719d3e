"""What waits for a person in all runs: as lines, and as one JSON document."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.present.figures import ago, timestamp
from app.present.run import SCHEMA_VERSION
from workflows.journal.port import PostedAnswer, Summary, Waiting
from workflows.secrets import hide, shown
from workflows.text import one_line, safe_json
from workflows.values import Json

REASONS: Mapping[str, str] = {
    "approval": "wants your approval",
    "question": "asks you",
    "intervention": "failed and waits for you",
    "unknown": "may have taken effect",
    "changed": "has new code",
    "budget": "needs more than the budget has",
}

Left = Mapping[tuple[str, str], PostedAnswer]
"""Answers that were left and not taken yet, by run and entry."""


def answer_command(waiting: Waiting) -> str:
    """The command that answers an entry with its first choice; --value is asked for where one is needed."""
    choice = waiting.choices[0] if waiting.choices else "approve"
    value = " --value VALUE" if choice in ("answer", "happened", "raise", "price") else ""
    return f"understudy answer {waiting.run_id} {shlex.quote(waiting.entry)} {shlex.quote(choice)}{value}"


def inbox_lines(
    found: Sequence[Waiting], runs: Mapping[str, Summary], left: Left, now: float
) -> Iterator[tuple[str, str]]:
    """Three lines an entry, each with the role of its colour. `now` is seconds since the epoch."""
    for waiting in found:
        run = runs.get(waiting.run_id)
        workflow = f" of {one_line(run.workflow, 40)}" if run else ""
        step = one_line(waiting.step, 80)
        yield f"‖ {step} {REASONS.get(waiting.reason, waiting.reason)} · {ago(waiting.asked, now)}", "attention"
        yield f"  run {waiting.run_id}{workflow}: {one_line(shown(waiting.title), 200)}", ""
        answer = left.get((waiting.run_id, waiting.entry))
        if answer is not None:
            yield f"  answered {one_line(answer.choice, 40)}; it counts with: understudy resume {waiting.run_id}", ""
            continue
        others = f"   (or {', '.join(waiting.choices[1:])})" if len(waiting.choices) > 1 else ""
        yield f"  {answer_command(waiting)}{others}", ""


def inbox_document(found: Iterable[Waiting], runs: Mapping[str, Summary], left: Left) -> Json:
    """The same as JSON. `owner` is the living process that takes an answer; empty where the run is gone on with."""
    entries = []
    for waiting in found:
        run, answer = runs.get(waiting.run_id), left.get((waiting.run_id, waiting.entry))
        entries.append(
            {
                "run": waiting.run_id,
                "workflow": run.workflow if run else "",
                "owner": run.owner if run else "",
                "entry": waiting.entry,
                "step": waiting.step,
                "reason": waiting.reason,
                "title": waiting.title,
                "asked": timestamp(waiting.asked),
                "choices": list(waiting.choices),
                "command": answer_command(waiting),
                "answered": None if answer is None else {"choice": answer.choice, "by": answer.by, "note": answer.note},
            }
        )
    return hide(safe_json({"schema_version": SCHEMA_VERSION, "waiting": entries}))
