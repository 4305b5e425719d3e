"""summarise(state): the one line that a list of runs shows."""

from __future__ import annotations

from workflows.journal.port import Summary, Waiting
from workflows.records import changed
from workflows.runs.state import RunState, under_way


def summarise(state: RunState, known: Summary | None = None) -> Summary:
    """What the run comes to, for the list of runs. Steps done came to their end, failed ones among them.

    `known` is an earlier one of the same run: what never changes is taken from it.
    """
    if known is None:
        known = Summary(
            state.run_id,
            state.workflow,
            state.title,
            state.status,
            state.started,
            state.updated,
            root=state.root,
            version=state.version,
            cause=state.cause,
        )
    counts, spent, left = state.counts, state.spent, under_way(state.counts)
    return changed(
        known,
        status=state.status,
        updated=state.updated,
        finished=state.ended,
        steps_done=len(state.steps) - left - counts.get("blocked", 0),
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
        tokens_in=spent.tokens_in,
        tokens_out=spent.tokens_out,
        cost_usd=spent.cost_usd,
        cost_known=spent.cost_known,
        simulated=spent.simulated,
    )
