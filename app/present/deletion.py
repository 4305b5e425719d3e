"""What goes when a run is forgotten, and what stays, said before."""

from __future__ import annotations

from collections.abc import Iterator

from app.present.figures import NOTHING, ago, cost, plural
from app.present.status import run_badge
from workflows.journal.port import Summary
from workflows.text import one_line


def deletion(run: Summary, now: float) -> Iterator[str]:
    """The run, then a line for each consequence."""
    price = cost(run.cost_usd, known=run.cost_known)
    figures = [
        one_line(run.title or run.workflow, 60),
        str(run_badge(run.status, len(run.inbox))),
        f"{run.steps_done}/{run.steps_total} steps",
        "" if price == NOTHING else price,
        f"begun {ago(run.started, now)}",
    ]
    yield " · ".join(filter(None, figures))
    yield "Its steps, inputs, outputs, costs, live text, and what people answered go for good."
    if run.finished is None:
        waits = (
            f" What waits in it ({plural(len(run.inbox), 'entry', 'entries')}) is no longer asked." if run.inbox else ""
        )
        yield f"It is not over, and could not be gone on with.{waits}"
    yield "What it did outside stays. Runs that were begun again from it keep what they took over."
