"""What every RunStore does. A store passes by subclassing RunStoreContract with a `world` fixture."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Literal, Protocol

import pytest

from tests.support.journals import BEGAN, asked, every_event, recorded, short_run, started, summary, waiting
from workflows.effects import Usage
from workflows.errors import Failure, FailureClass
from workflows.journal.drafts import Draft, DraftStore
from workflows.journal.figures import FigureStore, RunFigures
from workflows.journal.port import (
    Bound,
    Fenced,
    Lease,
    PostedAnswer,
    Query,
    Recovery,
    Remembered,
    Request,
    RunOwned,
    RunStore,
    RunTaken,
    RunUnknown,
    StoreError,
    Summary,
)
from workflows.runs import events as e


class Store(RunStore, DraftStore, FigureStore, Protocol):
    """Runs and drafts, and what runs came to."""


class World(Protocol):
    """Processes that share one journal."""

    async def process(self) -> Store:
        """The store of one more process."""
        ...


async def begin(store: Store, run_id: str = "r1", owner: str = "pid 1", **changes: object) -> Lease:
    return await store.create(run_id, owner, recorded(started()), summary(run_id, **changes))


def tried(
    step: str,
    n: int,
    performer: str,
    status: Literal["succeeded", "failed", "timed_out", "cancelled", "unknown"],
    kind: FailureClass | None = None,
    interrupted: bool = False,
) -> tuple[e.Event, e.Event]:
    """An attempt from its start to its end."""
    failure = Failure(kind, "It failed") if kind else None
    return e.AttemptStarted(step, n, performer), e.AttemptFinished(step, n, status, failure, interrupted)


class RunStoreContract:
    async def test_what_was_written_is_read(self, world: World) -> None:
        store = await world.process()
        events = every_event()
        lease = await store.create("r1", "pid 1", events[:3], summary("r1"))
        assert lease == Lease("r1", 1)
        await store.append(lease, events[3:10], summary("r1"))
        await store.append(lease, events[10:], summary("r1"))
        assert await store.read("r1") == events
        assert await (await world.process()).read("r1") == events

    async def test_the_last_events_give_the_run_up(self, world: World) -> None:
        store = await world.process()
        lease = await store.create("r1", "pid 1", recorded(e.RunPaused()), summary("r1"))
        await store.append(lease, recorded(e.RunFinished("succeeded"), after=1), summary("r1"), True)
        with pytest.raises(Fenced):
            await store.append(lease, recorded(e.RunPaused(), after=2), summary("r1"))
        other = await world.process()
        assert [run.owner for run in await other.runs(Query())] == [""]
        assert await other.claim("r1", "pid 2") == Lease("r1", 2)

    async def test_reading_goes_on_after_a_place(self, world: World) -> None:
        store = await world.process()
        events = short_run()
        await store.create("r1", "pid 1", events, summary("r1"))
        assert await store.read("r1", after=10) == events[10:]
        assert await store.read("r1", after=len(events)) == []

    async def test_many_and_large_events_come_back_whole_and_in_order(self, world: World) -> None:
        store = await world.process()
        lease = await begin(store)
        large = {"z": "ü" * 70_000, "a": [{"n": n} for n in range(20_000)]}
        events = recorded(
            *(e.CallFinished("a", f"k{n}", {"text": "x" * 200}) for n in range(1200)),
            e.CallFinished("a", "large", large, Usage("m", 1, 1)),
            e.StepFinished("a", "succeeded", large),
            after=1,
        )
        await store.append(lease, events, summary("r1"))
        read = await store.read("r1", after=1)
        assert read == events
        assert isinstance(read[-1].event, e.StepFinished)
        assert list(read[-1].event.output) == ["z", "a"]

    async def test_what_is_read_is_what_was_written_then(self, world: World) -> None:
        store = await world.process()
        output = {"items": [1]}
        lease = await begin(store)
        await store.append(lease, recorded(e.CallFinished("a", "k", output), after=1), summary("r1"))
        output["items"].append(2)
        (read,) = await store.read("r1", after=1)
        assert read.event == e.CallFinished("a", "k", {"items": [1]})

    async def test_an_id_is_taken_once(self, world: World) -> None:
        store = await world.process()
        await begin(store)
        with pytest.raises(StoreError, match="run r1 already"):
            await begin(store, owner="pid 2")
        assert len(await store.read("r1")) == 1

    @pytest.mark.parametrize("after", [0, 2, 7])
    async def test_places_have_no_gaps(self, world: World, after: int) -> None:
        store = await world.process()
        lease = await begin(store)
        with pytest.raises(StoreError, match="does not follow"):
            await store.append(lease, recorded(e.RunPaused(), after=after), summary("r1", title="Changed"))
        one, two = recorded(e.RunPaused(), e.RunContinued(), after=1)
        with pytest.raises(StoreError, match="does not follow"):
            await store.append(lease, [one, replace(two, seq=4)], summary("r1", title="Changed"))
        with pytest.raises(StoreError, match="no event"):
            await store.append(lease, [], summary("r1", title="Changed"))
        with pytest.raises(StoreError, match="does not follow"):
            await store.create("r2", "pid 1", recorded(e.RunPaused(), after=1), summary("r2"))
        assert len(await store.read("r1")) == 1
        assert [run.title for run in await store.runs(Query())] == ["Release notes"]
        await store.append(lease, recorded(e.RunPaused(), after=1), summary("r1"))

    async def test_what_cannot_be_written_changes_nothing(self, world: World) -> None:
        store = await world.process()
        lease = await begin(store)
        with pytest.raises(StoreError, match="cannot be written"):
            await store.append(
                lease, recorded(e.RunPaused(), e.CallFinished("a", "k", object()), after=1), summary("r1")
            )
        assert len(await store.read("r1")) == 1

    async def test_appends_of_one_owner_keep_the_order_of_their_calls(self, world: World) -> None:
        store = await world.process()
        lease = await begin(store)
        events = recorded(*(e.RunPaused(str(n)) for n in range(50)), after=1)
        await asyncio.gather(*(store.append(lease, [one], summary("r1")) for one in events))
        assert await store.read("r1", after=1) == events

    async def test_a_bad_append_does_not_spoil_those_beside_it(self, world: World) -> None:
        store = await world.process()
        leases = [await begin(store, f"r{n}") for n in range(6)]
        outcomes = await asyncio.gather(
            store.append(leases[0], recorded(e.RunPaused(), after=1), summary("r0")),
            store.append(Lease("r1", 9), recorded(e.RunPaused(), after=1), summary("r1")),
            store.append(leases[2], recorded(e.RunPaused(), after=5), summary("r2")),
            store.append(Lease("nobody", 1), recorded(e.RunPaused(), after=1), summary("nobody")),
            store.create("r4", "pid 1", recorded(started()), summary("r4")),
            store.append(leases[5], recorded(e.RunPaused(), after=1), summary("r5")),
            return_exceptions=True,
        )
        kinds = [type(outcome) for outcome in outcomes]
        assert kinds == [type(None), Fenced, StoreError, RunUnknown, RunTaken, type(None)]
        lengths = [len(await store.read(f"r{n}")) for n in range(6)]
        assert lengths == [2, 1, 1, 1, 1, 2]

    async def test_runs_that_do_not_exist_are_unknown(self, world: World) -> None:
        store = await world.process()
        with pytest.raises(RunUnknown):
            await store.read("r9")
        with pytest.raises(RunUnknown):
            await store.claim("r9", "pid 1")
        with pytest.raises(RunUnknown):
            await store.append(Lease("r9", 1), recorded(e.RunPaused(), after=1), summary("r9"))
        await store.release(Lease("r9", 1))
        assert await store.answers("r9") == []

    # Owners

    async def test_a_living_owners_run_cannot_be_taken(self, world: World) -> None:
        first, second = await world.process(), await world.process()
        await begin(first, owner="pid 1")
        for store, name in ((first, "pid 1"), (second, "pid 1"), (second, "pid 2")):
            with pytest.raises(RunOwned, match="pid 1") as caught:
                await store.claim("r1", name)
            assert caught.value.owner == "pid 1"
            assert caught.value.hint

    async def test_a_released_run_can_be_taken(self, world: World) -> None:
        first, second = await world.process(), await world.process()
        lease = await begin(first, owner="pid 1")
        await first.release(lease)
        with pytest.raises(Fenced, match="given up"):
            await first.append(lease, recorded(e.RunPaused(), after=1), summary("r1"))
        taken = await second.claim("r1", "pid 2")
        assert taken == Lease("r1", 2)
        await second.append(taken, recorded(e.RunResumed(), after=1), summary("r1"))
        with pytest.raises(Fenced, match="pid 2 has taken run r1"):
            await first.append(lease, recorded(e.RunPaused(), after=2), summary("r1"))
        await first.release(lease)
        with pytest.raises(RunOwned):
            await first.claim("r1", "pid 1")
        assert [one.event for one in await first.read("r1", after=1)] == [e.RunResumed()]

    async def test_a_dead_owners_run_is_interrupted_and_can_be_taken(self, world: World) -> None:
        first, second = await world.process(), await world.process()
        await begin(first, "r1", owner="pid 1")
        await begin(first, "r2", owner="pid 1", status="succeeded")
        await begin(first, "r3", owner="pid 1", status="waiting", inbox=(waiting("r3"),))
        # A step waits for its next try, and nobody is asked anything.
        await begin(first, "r4", owner="pid 1", status="waiting")
        assert {run.run_id: (run.status, run.owner) for run in await second.runs(Query())} == {
            "r1": ("running", "pid 1"),
            "r2": ("succeeded", "pid 1"),
            "r3": ("waiting", "pid 1"),
            "r4": ("waiting", "pid 1"),
        }
        await first.close()
        assert {run.run_id: (run.status, run.owner) for run in await second.runs(Query())} == {
            "r1": ("interrupted", ""),
            "r2": ("succeeded", ""),
            "r3": ("waiting", ""),
            "r4": ("interrupted", ""),
        }
        assert [run.run_id for run in await second.runs(Query(status=("interrupted",)))] == ["r4", "r1"]
        assert [run.run_id for run in await second.runs(Query(status=("waiting",)))] == ["r3"]
        assert await second.runs(Query(status=("running",))) == []
        # The same name as the dead owner's: in a container every process may have the same id.
        assert await second.claim("r1", "pid 1") == Lease("r1", 2)
        assert [run.run_id for run in await second.runs(Query(status=("running",)))] == ["r1"]

    async def test_one_of_several_takes_a_run(self, world: World) -> None:
        first = await world.process()
        await first.release(await begin(first))
        others = [await world.process() for _ in range(4)]
        outcomes = await asyncio.gather(*(store.claim("r1", "pid 2") for store in others), return_exceptions=True)
        assert [outcome for outcome in outcomes if isinstance(outcome, Lease)] == [Lease("r1", 2)]
        assert sum(isinstance(outcome, RunOwned) for outcome in outcomes) == 3

    # What runs come to

    async def test_a_summary_is_kept_whole(self, world: World) -> None:
        store = await world.process()
        lease = await begin(store)
        later = summary(
            "r1",
            title="Notes ü",
            status="succeeded",
            updated=BEGAN + 9,
            finished=BEGAN + 9,
            steps_done=2,
            steps_failed=1,
            inbox=(waiting("r1", "b"), waiting("r1", "a")),
            tokens_in=5,
            tokens_out=6,
            cost_usd=0.25,
            cost_known=False,
            simulated=True,
        )
        await store.append(lease, recorded(e.RunFinished("succeeded"), after=1), later)
        assert await store.runs(Query()) == [replace(later, owner="pid 1")]

    async def test_what_a_run_began_with_stays(self, world: World) -> None:
        store = await world.process()
        lease = await begin(store)
        odd = summary("r1", workflow="other", started=1.0, root="/elsewhere", title="New")
        await store.append(lease, recorded(e.RunPaused(), after=1), odd)
        assert await store.runs(Query()) == [summary("r1", title="New", owner="pid 1")]

    async def test_runs_are_listed_newest_first_in_pages(self, world: World) -> None:
        store = await world.process()
        for n in range(7):
            await begin(store, f"r{n}", started=BEGAN + n // 2)
        assert [run.run_id for run in await store.runs(Query())] == ["r6", "r5", "r4", "r3", "r2", "r1", "r0"]
        assert [run.run_id for run in await store.runs(Query(limit=3))] == ["r6", "r5", "r4"]
        assert [run.run_id for run in await store.runs(Query(limit=3, offset=5))] == ["r1", "r0"]

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            (Query(workflow="build"), ["b1"]),
            (Query(status=("succeeded", "failed")), ["c1", "b1"]),
            (Query(since=BEGAN + 1), ["c1", "b1"]),
            (Query(since=BEGAN + 5), []),
            (Query(ids=("a1", "c1", "zz")), ["c1", "a1"]),
            (Query(text="ÜBER"), ["c1"]),
            (Query(text="100%_"), ["b1"]),
            (Query(text="%"), ["b1"]),
            (Query(text="A1"), ["a1"]),
            (Query(text="build", status=("failed",)), ["b1"]),
            (Query(named="ELEASE"), ["c1", "a1"]),
            (Query(named="%"), []),
            (Query(until=BEGAN + 1), ["a1"]),
            (Query(until=BEGAN + 2, since=BEGAN + 1), ["b1"]),
            (Query(bounds=(Bound("cost", ">", 0.25),)), ["c1"]),
            (Query(bounds=(Bound("cost", ">=", 0.25),)), ["c1", "b1"]),
            (Query(bounds=(Bound("cost", "<=", 0.25),)), ["b1", "a1"]),
            (Query(bounds=(Bound("cost", "<", 0.25), Bound("took", ">=", 0))), ["a1"]),
            (Query(bounds=(Bound("took", ">", 3),)), ["c1"]),
        ],
    )
    async def test_runs_are_found(self, world: World, query: Query, expected: list[str]) -> None:
        store = await world.process()
        await begin(store, "a1")
        b1 = {"workflow": "build", "title": "At 100%_", "started": BEGAN + 1, "updated": BEGAN + 4, "cost_usd": 0.25}
        c1 = {"title": "über alles", "started": BEGAN + 2, "finished": BEGAN + 9, "cost_usd": 0.5}
        await begin(store, "b1", status="failed", **b1)
        await begin(store, "c1", status="succeeded", **c1)
        assert [run.run_id for run in await store.runs(query)] == expected

    async def test_it_is_known_which_run_one_was_begun_from(self, world: World) -> None:
        store = await world.process()
        await begin(store, "r1")
        await store.create("r2", "pid 1", recorded(started(forked_from="r1", fork_at="log")), summary("r2"))
        assert {run.run_id: run.forked_from for run in await store.runs(Query())} == {"r1": "", "r2": "r1"}

    async def test_a_run_is_meant_by_the_beginning_of_its_id(self, world: World) -> None:
        store = await world.process()
        for run_id, began in (("abcd", 3.0), ("abef", 2.0), ("ab", 1.0), ("x'%", 0.0)):
            await begin(store, run_id, started=began)
        assert await store.resolve("abc") == "abcd"
        assert await store.resolve("ab") == "ab"
        assert await store.resolve("x'") == "x'%"
        assert await store.resolve("last") == "abcd"

    async def test_what_no_run_or_several_begin_with_is_refused_with_near_ones(self, world: World) -> None:
        store = await world.process()
        with pytest.raises(RunUnknown, match="no run last"):
            await store.resolve("last")
        for run_id in ("c0ffee01", "c0ffee02", "beef0001"):
            await begin(store, run_id)
        with pytest.raises(RunUnknown, match="More than one") as caught:
            await store.resolve("c0f")
        assert "c0ffee01" in caught.value.hint
        assert "c0ffee02" in caught.value.hint
        with pytest.raises(RunUnknown, match="no run baef0001") as caught:
            await store.resolve("baef0001")
        assert "beef0001" in caught.value.hint
        for nothing in ("", "%", "_", "c0ffee011"):
            with pytest.raises(RunUnknown):
                await store.resolve(nothing)

    # The inbox

    async def test_the_inbox_is_what_waits_now_in_all_runs(self, world: World) -> None:
        store = await world.process()
        one = await begin(store, "r1", inbox=(waiting("r1", "x", BEGAN + 5),))
        await begin(store, "r2", inbox=(waiting("r2", "y", BEGAN + 4), waiting("r2", "a", BEGAN + 4)))
        expected = [waiting("r2", "y", BEGAN + 4), waiting("r2", "a", BEGAN + 4), waiting("r1", "x", BEGAN + 5)]
        assert await store.inbox() == expected
        both = (waiting("r1", "x", BEGAN + 5), waiting("r1", "z", BEGAN + 6))
        await store.append(one, recorded(asked(), after=1), summary("r1", inbox=both))
        assert await store.inbox() == [*expected, both[1]]
        await store.append(one, recorded(e.RunPaused(), after=2), summary("r1", inbox=both))
        assert await store.inbox() == [*expected, both[1]]
        await store.append(one, recorded(e.RunPaused(), after=3), summary("r1"))
        assert await (await world.process()).inbox() == expected[:2]

    async def test_the_inbox_is_right_after_a_refusal_and_another_owner(self, world: World) -> None:
        first, second = await world.process(), await world.process()
        lease = await begin(first, inbox=(waiting("r1", "x"),))
        with pytest.raises(StoreError):
            await first.append(lease, recorded(e.RunPaused(), after=7), summary("r1"))
        assert await first.inbox() == [waiting("r1", "x")]
        await first.release(lease)
        other = await second.claim("r1", "pid 2")
        await second.append(other, recorded(e.RunPaused(), after=1), summary("r1"))
        assert await first.inbox() == []
        await second.release(other)
        again = await first.claim("r1", "pid 1")
        inbox = (waiting("r1", "x"),)
        await first.append(again, recorded(e.RunPaused(), after=2), summary("r1", inbox=inbox))
        assert await second.inbox() == list(inbox)

    async def test_an_answer_is_left_by_anybody_and_found_by_the_owner(self, world: World) -> None:
        owner, other = await world.process(), await world.process()
        lease = await begin(owner, inbox=(waiting("r1", "x"), waiting("r1", "y")))
        first = PostedAnswer(0, "r1", "x", "deny", {"why": ["no", 1.5, None]}, "never", "bob", "d" * 64)
        posted = await other.post_answer(first)
        assert posted == replace(first, id=posted.id)
        assert posted.id > 0
        second = await other.post_answer(PostedAnswer(0, "r1", "y", "approve"))
        assert posted.id < second.id
        assert await owner.answers("r1") == [posted, second]
        await owner.append(lease, recorded(e.RunPaused(), after=1), summary("r1", inbox=(waiting("r1", "y"),)))
        assert await owner.answers("r1") == [second]

    async def test_an_entry_is_answered_once(self, world: World) -> None:
        first, second = await world.process(), await world.process()
        await begin(first, inbox=(waiting("r1", "x"), waiting("r1", "y")))
        await begin(first, "r2", inbox=(waiting("r2", "x"),))
        posted = await first.post_answer(PostedAnswer(0, "r1", "x", "approve", by="root"))
        for store in (first, second):
            with pytest.raises(StoreError, match=r"^It was answered already: approve by root\.$"):
                await store.post_answer(PostedAnswer(0, "r1", "x", "deny", by="ada"))
        assert await second.answers("r1") == [posted]
        await second.post_answer(PostedAnswer(0, "r1", "y", "deny"))
        await second.post_answer(PostedAnswer(0, "r2", "x", "deny"))

    async def test_of_answers_at_once_one_is_taken(self, world: World) -> None:
        owner = await world.process()
        await begin(owner, inbox=(waiting("r1", "x"),))
        others = [await world.process() for _ in range(4)]
        left = (store.post_answer(PostedAnswer(0, "r1", "x", "deny", by=f"p{n}")) for n, store in enumerate(others))
        outcomes = await asyncio.gather(*left, return_exceptions=True)
        (taken,) = (outcome for outcome in outcomes if isinstance(outcome, PostedAnswer))
        assert await owner.answers("r1") == [taken]
        assert sum(isinstance(outcome, StoreError) for outcome in outcomes) == 3

    async def test_a_request_is_left_by_anybody_and_found_by_the_owner(self, world: World) -> None:
        owner, other = await world.process(), await world.process()
        await begin(owner, inbox=())
        await begin(owner, "r2")
        before = await owner.mail(), owner.mark()
        pause = await other.post_request(Request(0, "r1", "pause", "lunch", "ada"))
        await other.post_request(Request(0, "r2", "continue"))
        end = await other.post_request(Request(0, "r1", "cancel", "enough", "ada"))
        assert pause.id < end.id
        assert await owner.requests("r1") == [pause, end]
        assert await owner.requests("r1", after=pause.id) == [end]
        assert await owner.requests("r9") == []
        with pytest.raises(RunUnknown):
            await other.post_request(Request(0, "r9", "pause"))
        assert owner.mark() != before[1]
        await asyncio.sleep(0.06)  # for so long all who ask get the same answer
        assert await owner.mail() != before[0]

    async def test_what_is_written_is_no_mail_but_leaves_a_mark(self, world: World) -> None:
        owner, other = await world.process(), await world.process()
        lease = await begin(owner)
        mail, mark = await other.mail(), other.mark()
        await owner.append(lease, recorded(e.RunPaused(), after=1), summary("r1"))
        assert other.mark() != mark
        await asyncio.sleep(0.06)
        assert await other.mail() == mail

    async def test_what_does_not_wait_is_not_answered(self, world: World) -> None:
        store = await world.process()
        await begin(store, inbox=(waiting("r1", "x"),))
        for answer in (PostedAnswer(0, "r1", "y", "approve"), PostedAnswer(0, "r9", "x", "approve")):
            with pytest.raises(StoreError, match="Nothing waits"):
                await store.post_answer(answer)
        assert await store.answers("r1") == []

    # Forgetting

    async def test_a_run_is_deleted_with_all_that_hangs_on_it(self, world: World) -> None:
        store, other = await world.process(), await world.process()
        lease = await begin(store, inbox=(waiting("r1", "x"),))
        await begin(store, "r2")
        done = e.StepFinished("a", "succeeded", 7, cache_key="k")
        await store.append(lease, recorded(done, after=1), summary("r1", inbox=(waiting("r1", "x"),)))
        await other.post_answer(PostedAnswer(0, "r1", "x", "approve"))
        await other.post_request(Request(0, "r1", "pause"))
        with pytest.raises(RunOwned):
            await other.delete("r1")
        await store.release(lease)
        await other.delete("r1")
        assert [found.run_id for found in await store.runs(Query())] == ["r2"]
        assert (await store.inbox(), await store.answers("r1"), await store.recall("k", 0)) == ([], [], None)
        for gone in (store.read("r1"), store.delete("r1"), store.claim("r1", "pid 2")):
            with pytest.raises(RunUnknown):
                await gone
        await begin(other, "r1")
        assert len(await store.read("r1")) == 1, "its name is free again, and nothing is left of what had it"
        assert await store.requests("r1") == []

    # What a run leaves for later ones

    async def test_the_newest_output_under_a_key_is_recalled(self, world: World) -> None:
        store, other = await world.process(), await world.process()
        one, two = await begin(store, "r1"), await begin(store, "r2")
        kept = e.StepFinished("a", "succeeded", {"z": [1], "a": None}, cache_key="k")
        await store.append(one, recorded(kept, after=1), summary("r1"))
        first = Remembered("r1", "a", BEGAN + 2, {"z": [1], "a": None})
        assert await other.recall("k", 0.0) == first
        assert list((await other.recall("k", 0.0) or first).output) == ["z", "a"]
        assert await other.recall("k", BEGAN + 2) == first
        assert await other.recall("k", BEGAN + 2.5) is None
        assert await other.recall("other", 0.0) is None
        assert await other.recall("", 0.0) is None
        later = [e.RunPaused(), e.StepFinished("b[3]", "succeeded", None, cache_key="k")]
        await store.append(two, recorded(*later, after=1), summary("r2"))
        assert await other.recall("k", BEGAN + 2.5) == Remembered("r2", "b[3]", BEGAN + 3, None)
        earlier = replace(recorded(kept, after=2)[0], at=BEGAN - 9)
        await store.append(one, [earlier], summary("r1"))
        assert await other.recall("k", 0.0) == Remembered("r2", "b[3]", BEGAN + 3, None)
        # A clock that was set back: the newest is not the last one, nor of the last run.
        newest, older = recorded(replace(kept, step="c"), replace(kept, step="d"), after=3)
        await store.append(one, [replace(newest, at=BEGAN + 20), replace(older, at=BEGAN + 10)], summary("r1"))
        assert await other.recall("k", 0.0) == Remembered("r1", "c", BEGAN + 20, kept.output)

    async def test_of_outputs_at_the_same_moment_the_later_one_counts(self, world: World) -> None:
        store = await world.process()
        leases = [await begin(store, run_id) for run_id in ("r2", "r1")]
        for lease in leases:
            one, two = recorded(*(e.StepFinished(s, "succeeded", s, cache_key="k") for s in "ab"), after=1)
            await store.append(lease, [one, replace(two, at=one.at)], summary(lease.run_id))
        assert await store.recall("k", 0.0) == Remembered("r1", "b", BEGAN + 2, "b")

    async def test_only_what_was_done_and_went_well_is_recalled(self, world: World) -> None:
        store = await world.process()
        lease = await begin(store)
        events = recorded(
            e.StepFinished("a", "succeeded", 1),
            e.StepFinished("b", "failed", 2, Failure("business", "exit 1"), "continue", cache_key="k"),
            e.StepFinished("c", "cancelled", 3, cache_key="k"),
            e.StepFinished("d", "succeeded", 4, cache_key="k", cached_from="r0"),
            after=1,
        )
        await store.append(lease, events, summary("r1"))
        assert await store.recall("k", 0.0) is None
        assert await store.recall("", 0.0) is None

    async def test_what_a_run_began_with_and_large_outputs_are_recalled(self, world: World) -> None:
        store = await world.process()
        large = {"text": "ü" * 70_000}
        await store.create(
            "r1",
            "pid 1",
            recorded(started(), e.StepFinished("a", "succeeded", large, cache_key="k\udce9")),
            summary("r1"),
        )
        assert await store.recall("k\udce9", 0.0) == Remembered("r1", "a", BEGAN + 2, large)
        assert await store.recall("k?", 0.0) is None

    async def test_a_refused_append_is_not_recalled(self, world: World) -> None:
        store = await world.process()
        lease = await begin(store)
        kept = e.StepFinished("a", "succeeded", 1, cache_key="k")
        with pytest.raises(StoreError):
            await store.append(lease, recorded(kept, after=5), summary("r1"))
        with pytest.raises(StoreError):
            await store.append(lease, recorded(kept, e.CallFinished("a", "x", object()), after=1), summary("r1"))
        assert await store.recall("k", 0.0) is None

    async def test_how_it_went_to_try_again_is_told_newest_first(self, world: World) -> None:
        store = await world.process()
        lease = await begin(store)
        await store.append(
            lease,
            recorded(
                *tried("a", 1, "writer", "failed", "transient"),
                e.RetryScheduled("a", BEGAN, "in a moment"),
                e.RunPaused(),
                *tried("a", 2, "writer", "timed_out", "timeout"),
                *tried("b", 1, "editor", "failed", "agent"),
                *tried("a", 3, "writer", "succeeded"),
                *tried("b", 2, "editor", "succeeded"),
                after=1,
            ),
            summary("r1"),
        )
        other = await world.process()
        both = [Recovery("timeout", 3.0, True), Recovery("transient", 3.0, False)]
        assert await other.recoveries("writer") == both
        assert await other.recoveries("editor") == [Recovery("agent", 3.0, True)]
        assert await other.recoveries("nobody") == []
        assert await other.recoveries("") == []
        await begin(store, "r2")
        again = recorded(*tried("x", 1, "writer", "failed", "resource"), *tried("x", 2, "writer", "succeeded"))
        later = [replace(one, seq=one.seq + 1, at=one.at + 60) for one in again]
        await store.append(Lease("r2", 1), later, summary("r2"))
        assert await other.recoveries("writer") == [Recovery("resource", 1.0, True), *both]
        assert await other.recoveries("writer", limit=2) == [Recovery("resource", 1.0, True), both[0]]
        tries = await other.tries("writer")
        assert [each.succeeded for each in tries] == [True, False, True, False, False]
        assert all(each.seconds == 1.0 for each in tries)
        assert [each.started for each in tries] == sorted((each.started for each in tries), reverse=True)
        assert await other.tries("writer", limit=2) == tries[:2]
        assert await other.tries("nobody") == await other.tries("") == []

    async def test_attempts_that_teach_nothing_are_left_out(self, world: World) -> None:
        store = await world.process()
        lease = await begin(store)
        events = recorded(
            # Another performer, or another version of the code, took the next one.
            *tried("a", 1, "writer", "failed", "agent"),
            *tried("a", 2, "editor", "succeeded"),
            *tried("b", 1, "writer", "failed", "agent"),
            e.AttemptStarted("b", 2, "writer", "2" * 64),
            e.AttemptFinished("b", 2, "succeeded"),
            # It went well before, or nobody knows how it went, or it was cut off.
            *tried("c", 1, "writer", "succeeded"),
            *tried("c", 2, "writer", "succeeded"),
            *tried("d", 1, "writer", "unknown", "unknown"),
            *tried("d", 2, "writer", "failed", "agent"),
            *tried("d", 3, "writer", "cancelled"),
            *tried("d", 4, "writer", "failed", "agent", interrupted=True),
            *tried("d", 5, "writer", "succeeded"),
            *tried("f", 1, "writer", "failed", "agent"),
            *tried("f", 2, "writer", "failed", "agent", interrupted=True),
            # It goes on.
            *tried("g", 1, "writer", "failed", "agent"),
            e.AttemptStarted("g", 2, "writer"),
            after=1,
        )
        await store.append(lease, events, summary("r1"))
        assert await store.recoveries("writer") == []
        over = recorded(e.AttemptFinished("g", 2, "succeeded"), after=events[-1].seq)
        await store.append(lease, over, summary("r1"))
        assert await store.recoveries("writer") == [Recovery("agent", 1.0, True)]

    async def test_attempts_of_nobody_have_no_part_in_the_history_of_others(self, world: World) -> None:
        store = await world.process()
        lease = await begin(store)
        events = recorded(
            *tried("a", 1, "writer", "failed", "agent"),
            *tried("a", 2, "", "failed", "resource"),
            *tried("a", 3, "writer", "succeeded"),
            e.StepsReset(("a",), "again"),
            *tried("a", 3, "", "failed", "resource"),
            after=1,
        )
        await store.append(lease, events, summary("r1"))
        assert await store.recoveries("writer") == [Recovery("agent", 3.0, True)]
        assert [each.succeeded for each in await store.tries("writer")] == [True, False]

    async def test_a_clock_that_was_set_back_is_no_wait(self, world: World) -> None:
        store = await world.process()
        lease = await begin(store)
        first = recorded(*tried("a", 1, "writer", "failed", "agent"), after=1)
        second = [
            replace(one, at=one.at - 90) for one in recorded(*tried("a", 2, "writer", "failed", "agent"), after=3)
        ]
        await store.append(lease, [*first, *second], summary("r1"))
        assert await store.recoveries("writer") == [Recovery("agent", 0.0, False)]

    # Drafts, and the end

    async def test_figures_are_of_the_runs_asked_for(self, world: World) -> None:
        store = await world.process()
        await begin(store, "new", workflow="Release", started=BEGAN + 9, status="failed", finished=BEGAN + 20)
        await begin(store, "old", workflow="release-notes", tokens_in=5, tokens_out=6, cost_usd=0.25, simulated=True)
        await begin(store, "other", workflow="build", started=BEGAN + 5, cost_known=False)
        old = RunFigures("old", "release-notes", "running", BEGAN, None, 5, 6, 0.25, True, True)
        new = RunFigures("new", "Release", "failed", BEGAN + 9, BEGAN + 20, 0, 0, None, True, False)
        other = RunFigures("other", "build", "running", BEGAN + 5, None, 0, 0, None, False, False)
        assert (await store.figures()).runs == (old, other, new)
        assert (await store.figures(BEGAN + 5)).runs == (other, new)
        assert (await store.figures(workflow="RELEASE")).runs == (old, new)
        assert (await store.figures(BEGAN + 1, "release")).runs == (new,)
        assert (await store.figures(workflow="%")).runs == ()

    async def test_tries_and_errors_are_counted_by_step_and_performer(self, world: World) -> None:
        store = await world.process()
        for run_id, waits in (("r1", 1), ("r2", 3)):
            lease = await begin(store, run_id)
            start, failed = tried("a", 1, "writer", "failed", "rate_limited")
            noted = [e.Noted("a", "waits") for _ in range(waits)]
            others = [*tried("a", 2, "writer", "succeeded"), *tried("b", 1, "git.log", "succeeded")]
            events = [start, *noted, failed, *others]
            await store.append(lease, recorded(*events, after=1), summary(run_id))
        found = await store.figures()
        steps = {(each.step, each.performer): each for each in found.steps}
        assert sorted(steps["a", "writer"].seconds) == [1.0, 1.0, 2.0, 4.0]
        assert steps["a", "writer"].slowest == "r2"
        assert steps["b", "git.log"].seconds == (1.0, 1.0)
        assert {each.workflow for each in found.steps} == {"release-notes"}
        (error,) = found.errors
        assert (error.step, error.kind, error.message, error.times) == ("a", "rate_limited", "It failed", 2)

    async def test_what_did_not_end_by_itself_is_in_no_figure(self, world: World) -> None:
        store = await world.process()
        lease = await begin(store)
        events = [
            *tried("a", 1, "writer", "cancelled"),
            *tried("b", 1, "writer", "unknown"),
            *tried("c", 1, "writer", "failed", "business", interrupted=True),
            *tried("d", 1, "", "failed", "business"),
            e.AttemptStarted("e", 1, "writer"),
        ]
        await store.append(lease, recorded(*events, after=1), summary("r1"))
        found = await store.figures()
        assert (len(found.runs), found.steps, found.errors) == (1, (), ())

    async def test_of_an_error_the_last_time_is_known(self, world: World) -> None:
        store = await world.process()
        for run_id, before in (("r1", 5), ("r2", 2)):
            lease = await begin(store, run_id)
            noted = [e.Noted("a", "waits") for _ in range(before)]
            failed = tried("a", 1, "writer", "failed", "business")
            await store.append(lease, recorded(*noted, *failed, after=1), summary(run_id))
        (error,) = (await store.figures()).errors
        assert (error.times, error.run_id, error.last) == (2, "r1", BEGAN + 7)

    async def test_drafts_are_kept_and_replaced(self, world: World) -> None:
        store = await world.process()
        await store.save_draft(Draft("d1", 1.0, "One", "name: one"))
        await store.save_draft(Draft("d2", 2.0, "Two", "name: two"))
        await store.save_draft(Draft("d1", 3.0, "First", "name: first"))
        expected = [Draft("d2", 2.0, "Two", "name: two"), Draft("d1", 1.0, "First", "name: first")]
        assert await (await world.process()).drafts() == expected

    async def test_a_closed_store_says_so(self, world: World) -> None:
        store = await world.process()
        lease = await begin(store)
        await store.close()
        await store.close()
        for refused in (
            store.append(lease, recorded(e.RunPaused(), after=1), summary("r1")),
            store.read("r1"),
            store.runs(Query()),
            store.inbox(),
            store.resolve("r1"),
            store.recall("k", 0.0),
            store.recoveries("writer"),
            store.claim("r1", "pid 1"),
            begin(store, "r2"),
        ):
            with pytest.raises(StoreError, match="closed"):
                await refused

    async def test_text_that_utf8_cannot_hold_is_no_reason_to_fail(self, world: World) -> None:
        store = await world.process()
        lease = await begin(store, title="Caf\udce9")
        output = {"path": "caf\udce9\u0000", "n": 10**30}
        events = recorded(e.CallFinished("a", "k", output), after=1)
        odd = summary("r1", title="\udce9", inbox=(replace(waiting("r1", "x"), title="\udce9"),))
        await store.append(lease, events, odd)
        await store.post_answer(PostedAnswer(0, "r1", "x", "approve", "\udce9", "\udce9"))
        assert await store.read("r1", after=1) == events
        assert isinstance((await store.runs(Query()))[0], Summary)
        assert [answer.value for answer in await store.answers("r1")] == ["\udce9"]
