"""summarise(state): the one line that a list of runs shows."""

from __future__ import annotations

from workflows.journal.port import Summary, Waiting
from workflows.runs.state import RunState, under_way


def summarise(state: RunState) -> Summary:
    """What the run comes to, for the list of runs. Steps done came to their end, failed ones among them."""
    counts = state.counts
    return Summary(
        run_id=state.run_id,
        workflow=state.workflow,
        title=state.title,
        status=state.status,
        started=state.started,
        updated=state.updated,
        finished=state.ended,
        steps_done=len(state.steps) - under_way(counts) - counts.get("blocked", 0),
        steps_total=len(state.steps),
        steps_failed=counts.get("failed", 0),
        inbox=tuple(
            Waiting(
                state.run_id,
                inquiry.asked.entry,
                inquiry.asked.step,
                inquiry.asked.reason,
                inquiry.asked.title,
                inquiry.at,
                inquiry.asked.choices,
            )
            for inquiry in state.open_inquiries
        )
        if state.unanswered and not state.over
        else (),
        tokens_in=state.spent.tokens_in,
        tokens_out=state.spent.tokens_out,
        cost_usd=state.spent.cost_usd,
        cost_known=state.spent.cost_known,
        simulated=state.spent.simulated,
        root=state.root,
        version=state.version,
        cause=state.cause,
    )
