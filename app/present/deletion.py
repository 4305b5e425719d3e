"""What goes when a run is forgotten, and what stays, said before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from app.present.figures import NOTHING, ago, cost, plural, size
from app.present.status import run_badge
from workflows.journal.port import Summary
from workflows.text import one_line


def deletion(run: Summary, now: float) -> Iterator[str]:
    """The run, then a line for each consequence."""
    yield _figures(run, one_line(run.title or run.workflow, 60), now)
    yield "Its steps, inputs, outputs, costs, live text, and what people answered go for good."
    if run.finished is None:
        waits = (
            f" What waits in it ({plural(len(run.inbox), 'entry', 'entries')}) is no longer asked." if run.inbox else ""
        )
        yield f"It is not over, and could not be gone on with.{waits}"
    yield "What it did outside stays. Runs that were begun again from it keep what they took over."


SHOWN = 20
"""Runs of many that are listed one by one."""


def deletions(
    going: Sequence[Summary], staying: Sequence[tuple[Summary, str]], room: int | None, now: float
) -> Iterator[str]:
    """Which runs would go, how much room they take (bytes; None where nobody knows), and which stay, and why."""
    if not going:
        yield "No run is like that." if not staying else "No run would go."
    else:
        named = Counter(one_line(run.workflow, 60) for run in going)
        most = [f"{count} of {name}" for name, count in named.most_common(5)]
        rest = len(going) - sum(count for _, count in named.most_common(5))
        most += [f"{rest} of others"] if rest else []
        takes = f" ({size(room)})" if room is not None else ""
        yield f"{plural(len(going), 'run')} would go{takes}: {', '.join(most)}"
        for run in going[:SHOWN]:
            yield f"  {run.run_id}  {_figures(run, one_line(run.workflow, 40), now)}"
        if len(going) > SHOWN:
            yield f"  … and {len(going) - SHOWN} more; --dry-run --json lists all"
    for run, why in staying[:SHOWN]:
        yield f"  {run.run_id} of {one_line(run.workflow, 40)} stays: {why}"
    if len(staying) > SHOWN:
        yield f"  … and {len(staying) - SHOWN} more stay"


def _figures(run: Summary, name: str, now: float) -> str:
    price = cost(run.cost_usd, known=run.cost_known)
    figures = [
        name,
        str(run_badge(run.status, len(run.inbox))),
        f"{run.steps_done}/{run.steps_total} steps",
        "" if price == NOTHING else price,
        f"begun {ago(run.started, now)}",
    ]
    return " · ".join(filter(None, figures))
