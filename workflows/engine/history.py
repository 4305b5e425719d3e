"""What the journal knows of how it went before, for those whose waiting is adaptive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workflows.journal.port import Recovery, RunStore, StoreError
from workflows.planning.plan import Plan


async def recoveries_of(plan: Plan, store: RunStore) -> Mapping[str, Sequence[Recovery]]:
    """By performer. Without history a step waits as an exponential backoff does."""
    adaptive = {performer for step in plan.every if step.retry.backoff == "adaptive" for performer in step.performers}
    found: dict[str, Sequence[Recovery]] = {}
    for performer in sorted(adaptive):
        try:
            found[performer] = await store.recoveries(performer)
        except StoreError:
            continue
    return found
