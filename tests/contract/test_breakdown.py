"""Every store works out the same breakdowns of the same runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.run_store import tried
from tests.support.journals import BEGAN, recorded, started, summary
from workflows.effects import Usage
from workflows.journal.breakdown import WAYS, Group
from workflows.journal.memory import MemoryStore
from workflows.journal.sqlite import SqliteStore
from workflows.runs import events as e

RUN = st.tuples(
    st.sampled_from(["build", "Release notes", "ünter"]),
    st.sampled_from(["succeeded", "failed", "cancelled", "running"]),
    st.integers(0, 400_000),
    st.integers(0, 90),
    st.sampled_from(["", "build@1", "build@2"]),
    st.lists(st.tuples(st.sampled_from(["openai/x", "demo/y"]), st.none() | st.integers(0, 5)), max_size=3),
    st.lists(st.tuples(st.sampled_from(["a", "each[3]>b", "each[12]>b"]), st.booleans()), max_size=3),
)


async def put(store: MemoryStore | SqliteStore, runs: Sequence[tuple]) -> None:
    for n, (workflow, status, at, took, version, asked, steps) in enumerate(runs):
        events: list[e.Event] = [replace(started(workflow))]
        for place, (model, cost) in enumerate(asked):
            usage = Usage(model, 10, 2, None, None if cost is None else cost / 4)
            events.append(e.CallFinished("a", f"turn{place}", {}, usage))
        for place, (step, good) in enumerate(steps):
            events += tried(step, place + 1, "writer", "succeeded" if good else "failed", None if good else "business")
        costs = [cost / 4 for _, cost in asked if cost is not None]
        line = summary(
            f"{n:04x}",
            workflow=workflow,
            status=status,
            started=BEGAN + at,
            updated=BEGAN + at + took,
            finished=None if status == "running" else BEGAN + at + took,
            version=version,
            cost_usd=sum(costs) if costs else None,
            cost_known=len(costs) == len(asked),
            tokens_in=10 * len(asked),
            tokens_out=2 * len(asked),
        )
        await store.create(line.run_id, "pid 1", recorded(*events), line)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs=st.lists(RUN, max_size=8))
async def test_they_say_the_same(runs: list[tuple], tmp_path_factory: pytest.TempPathFactory) -> None:
    memory, database = MemoryStore(), await SqliteStore.open(tmp_path_factory.mktemp("journal") / "j")
    try:
        for store in (memory, database):
            await put(store, runs)
        edges = [BEGAN + 100_000, BEGAN + 200_000, BEGAN + 300_000]
        for by in WAYS:
            for since, text in ((None, ""), (BEGAN + 100_000, ""), (None, "ÜNTER")):
                ours, theirs = [await store.breakdown(by, since, text, edges) for store in (memory, database)]
                assert [close(each) for each in ours] == [close(each) for each in theirs], by
    finally:
        await database.close()


def close(group: Group) -> Group:
    """The group, its sums without what adding in another order changes; of several longest any will do."""
    rounded = {name: round(value, 6) for name in ("mean", "cost_usd") if (value := getattr(group, name)) is not None}
    return replace(group, longest_in="", **rounded)


async def test_what_a_breakdown_is(tmp_path: Path) -> None:
    store = await SqliteStore.open(tmp_path / "journal")
    try:
        taken = [
            ("build", "succeeded", n, n + 1, "build@1", [("openai/x", 1)], [("each[1]>b", n > 0)]) for n in range(20)
        ]
        await put(store, [*taken, ("build", "running", 30, 0, "", [], []), ("build", "failed", 40, 100, "", [], [])])
        (whole,) = await store.breakdown("all")
        assert (whole.count, whole.succeeded, whole.failed, whole.rate) == (22, 20, 1, 20 / 21)
        assert (whole.p50, whole.p95, whole.longest, whole.longest_in) == (11, 20, 100, "0015")
        assert whole.mean == pytest.approx(310 / 21)
        (step,) = await store.breakdown("step")
        assert (step.key, step.count, step.failed) == (("build", "each[]>b", "writer"), 20, 1)
        none, first = await store.breakdown("version")
        assert (none.key, none.count, first.key, first.count) == (("build", ""), 2, ("build", "build@1"), 20)
        (model,) = await store.breakdown("model")
        assert (model.key, model.count, model.cost_usd, model.tokens_in) == (("openai/x",), 20, 5.0, 200)
        assert await store.breakdown("day", BEGAN + 1000) == []
    finally:
        await store.close()
