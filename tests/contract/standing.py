"""What every Standing does. One passes by subclassing StandingContract with a `world` fixture."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, Protocol

import pytest

from tests.support.journals import BEGAN, recorded, started, summary
from workflows.journal.port import Query, RunStore, StoreError
from workflows.runs import events as e
from workflows.unattended.port import Standing
from workflows.unattended.values import Alert, Child, Memo, Schedule, Start, Trigger, User, Version


class Store(RunStore, Protocol):
    """Runs, and what stands beside them."""

    @property
    def standing(self) -> Standing: ...


class World(Protocol):
    """Processes that share one journal."""

    async def process(self) -> Store:
        """The store of one more process."""
        ...


VERSION = Version(
    "nightly",
    0,
    "d" * 64,
    "name: Nightly\nsteps: []\n",
    (Child("clean", "name: Clean\n", "c" * 64, "/home/ada/clean.yaml"),),
    {"skill:git.log": "a" * 64},
    published=BEGAN,
    by="ada",
    note="The first “one”",
    root="/home/ada",
    path="/home/ada/nightly.yaml",
)
SCHEDULE = Schedule(
    "night",
    "nightly",
    cron="30 7 * * 1",
    timezone="Europe/Madrid",
    parameters={"z": [1, None], "a": {"b": "ü"}},
    missed="all:3",
    overlap="skip",
    created=BEGAN,
    since=BEGAN + 1,
    by="ada",
    note="Mondays",
    version=2,
    priority=3,
    source="file",
)
TRIGGER = Trigger(
    "push",
    "nightly",
    "webhook",
    {"secret": "PUSH_KEY"},
    {"branch": "main"},
    created=BEGAN,
    by="ada",
    priority=1,
)


def start(key: str = "schedule:night:1", **more: Any) -> Start:
    """A start, as a schedule asks for it."""
    return Start(key, **{"cause": "schedule:night", "workflow": "nightly", "at": BEGAN, "due": BEGAN - 1, **more})


class StandingContract:
    async def test_versions_are_counted_by_workflow(self, world: World) -> None:
        one, other = (await world.process()).standing, (await world.process()).standing
        assert await one.publish(VERSION) == replace(VERSION, number=1)
        assert (await other.publish(replace(VERSION, text="name: Other\n", number=9))).number == 2
        assert (await one.publish(replace(VERSION, workflow="hourly"))).number == 1
        assert [each.name for each in await other.versions()] == ["hourly@1", "nightly@2", "nightly@1"]
        assert await other.versions("nightly") == await one.versions("nightly")
        assert await other.version("nightly", 1) == replace(VERSION, number=1)
        assert await other.version("nightly", 3) is None

    async def test_the_newest_version_is_the_newest_that_is_not_archived(self, world: World) -> None:
        standing = (await world.process()).standing
        assert await standing.version("nightly") is None
        await asyncio.gather(*(standing.publish(VERSION) for _ in range(3)))
        assert await standing.version("nightly") == replace(VERSION, number=3)
        archived = await standing.set_status("nightly", 3, "archived")
        assert archived == replace(VERSION, number=3, status="archived")
        assert await standing.version("nightly") == replace(VERSION, number=2)
        assert await standing.version("nightly", 3) == archived
        await standing.set_status("nightly", 3, "published")
        assert await standing.version("nightly") == replace(VERSION, number=3)
        assert await standing.set_status("nightly", 4, "archived") is None

    async def test_a_schedule_is_kept_and_changed(self, world: World) -> None:
        one, other = (await world.process()).standing, (await world.process()).standing
        assert await one.put_schedule(SCHEDULE) == SCHEDULE
        once = Schedule("at", "nightly", at=BEGAN + 60, every=0.5)
        await other.put_schedule(once)
        assert await one.schedules() == [once, SCHEDULE]
        assert list((await one.schedules())[1].parameters) == ["z", "a"]
        later = await one.put_schedule(replace(SCHEDULE, last=BEGAN + 20, created=BEGAN + 5, paused=True))
        assert (later.last, later.created, later.paused) == (BEGAN + 20, BEGAN, True)
        assert (await other.put_schedule(replace(SCHEDULE, last=BEGAN + 10))).last == BEGAN + 20
        assert await other.remove_schedule("night")
        assert not await one.remove_schedule("night")
        assert await one.schedules() == [once]

    async def test_a_trigger_is_kept_and_changed(self, world: World) -> None:
        one, other = (await world.process()).standing, (await world.process()).standing
        assert await one.put_trigger(TRIGGER) == TRIGGER
        assert await other.put_trigger(replace(TRIGGER, paused=True, created=0.0)) == replace(TRIGGER, paused=True)
        assert await one.triggers() == [replace(TRIGGER, paused=True)]
        assert await one.remove_trigger("push")
        assert not await other.remove_trigger("push")

    async def test_a_key_asks_for_one_start_whoever_asks(self, world: World) -> None:
        one, other = (await world.process()).standing, (await world.process()).standing
        asked = await asyncio.gather(*(each.ask(start(workflow=f"w{n}")) for n in range(10) for each in (one, other)))
        assert [new for _, new in asked].count(True) == 1
        assert len({kept.run_id for kept, _ in asked}) == 1
        (kept,) = await one.starts()
        assert all(each == kept for each, _ in asked)
        assert await other.start_of("schedule:night:1") == kept
        assert await other.start_of("schedule:night:2") is None

    async def test_a_start_counts_once_at_what_caused_it(self, world: World) -> None:
        standing = (await world.process()).standing
        await standing.put_schedule(SCHEDULE)
        await standing.put_schedule(replace(SCHEDULE, id="other"))
        await standing.put_trigger(TRIGGER)
        for _ in range(3):
            await standing.ask(start(due=BEGAN + 60))
            await standing.ask(start("webhook:push:m1", cause="webhook:push", at=BEGAN + 5))
        await standing.ask(start("schedule:night:0", due=BEGAN + 30, status="skipped", why="missed"))
        night, other = await standing.schedules()
        assert (night.last, night.count, other.last, other.count) == (BEGAN + 60, 2, None, 0)
        (push,) = await standing.triggers()
        assert (push.last, push.count) == (BEGAN + 5, 1)

    async def test_a_run_id_is_never_given_twice(self, world: World) -> None:
        store = await world.process()
        await store.create("aaaa0000", "pid 1", recorded(started()), summary("aaaa0000"))
        first, _ = await store.standing.ask(start("k1", run_id="bbbb0000"))
        second, _ = await store.standing.ask(start("k2", run_id="bbbb0000"))
        third, _ = await store.standing.ask(start("k3", run_id="aaaa0000"))
        assert first.run_id == "bbbb0000"
        assert len({"aaaa0000", first.run_id, second.run_id, third.run_id}) == 4

    async def test_starts_stand_in_line_by_priority_then_age(self, world: World) -> None:
        standing = (await world.process()).standing
        for n, priority in enumerate((0, 5, 0, 5)):
            await standing.ask(start(f"k{n}", priority=priority, cause=f"api:{n % 2}", by=f"u{n % 2}"))
        await standing.ask(start("k4", status="refused", why="no version"))

        async def keys(*arguments: Any, **options: Any) -> list[str]:
            return [each.key for each in await standing.starts(*arguments, **options)]

        assert await keys(["queued"]) == ["k1", "k3", "k0", "k2"]
        assert await keys(["queued"], 2) == ["k1", "k3"]
        assert await keys(["queued"], 2, "k3") == ["k0", "k2"]
        assert await keys() == ["k4", "k3", "k2", "k1", "k0"]
        assert await keys((), 2, "k3") == ["k2", "k1"]
        assert await keys((), 9, "k0") == await keys((), 9, "nothing") == []
        assert await keys(["refused"]) == ["k4"]
        assert await keys(cause="api:1") == await keys(by="u1") == ["k3", "k1"]
        assert await keys(workflow="weekly") == []
        kept = await standing.start_of("k2")
        assert kept is not None
        assert await keys(run_ids=[kept.run_id]) == ["k2"]

    async def test_one_process_at_a_time_begins_a_start(self, world: World) -> None:
        one, other = await world.process(), await world.process()
        await one.standing.ask(start())
        assert await one.standing.take("schedule:night:1")
        assert await one.standing.take("schedule:night:1")
        assert not await other.standing.take("schedule:night:1")
        assert not await other.standing.take("schedule:night:2")
        assert await one.standing.settle("schedule:night:1", "queued")
        assert await other.standing.take("schedule:night:1")
        await other.close()  # it ends without a word
        assert await one.standing.take("schedule:night:1")
        assert await one.standing.settle("schedule:night:1", "started")
        assert not await one.standing.settle("schedule:night:1", "refused", "too late")
        assert not await one.standing.take("schedule:night:1")
        kept = await one.standing.start_of("schedule:night:1")
        assert kept is not None
        assert (kept.status, kept.why, kept.holder) == ("started", "", "")

    async def test_a_run_says_its_version_and_cause_and_is_found_by_them(self, world: World) -> None:
        store = await world.process()
        kept, _ = await store.standing.ask(start(by="ada"))
        first = recorded(started(published="nightly@2", cause=kept.cause))
        about = summary(kept.run_id, version="nightly@2", cause=kept.cause)
        lease = await store.create(kept.run_id, "pid 1", first, about)
        await store.create("other", "pid 1", recorded(started()), summary("other"))
        await store.append(lease, recorded(e.RunPaused(), after=1), summary(kept.run_id))
        for query in (Query(version="nightly@2"), Query(cause="schedule:night"), Query(by="ada")):
            (run,) = await store.runs(query)
            assert (run.run_id, run.version, run.cause) == (kept.run_id, "nightly@2", "schedule:night")
        assert await store.runs(Query(by="bob")) == []

    async def test_users_are_kept_by_name_and_found_by_token(self, world: World) -> None:
        one, other = (await world.process()).standing, (await world.process()).standing
        ada = await one.put_user(User("ada", "admin", "1" * 64, BEGAN, "root", "all"))
        bob = await one.put_user(User("bob", "viewer", "2" * 64, BEGAN))
        assert await other.users() == [ada, bob]
        assert await other.user_with("1" * 64) == ada
        assert await other.user_with("3" * 64) is None
        assert await other.put_user(replace(ada, token_digest="3" * 64, created=0.0)) == replace(
            ada, token_digest="3" * 64
        )
        assert await one.user_with("1" * 64) is None
        assert await one.remove_user("ada")
        assert not await one.remove_user("ada")

    async def test_alerts_are_kept_by_id(self, world: World) -> None:
        standing = (await world.process()).standing
        old = Alert("a1", "slow", "nightly", BEGAN, BEGAN + 10, 2.5, text="slow", facts={"n": [1]})
        lasting = Alert("a2", "errors", "nightly", BEGAN + 5)
        await standing.put_alert(old)
        await standing.put_alert(replace(lasting, value=9.0))
        await standing.put_alert(lasting)
        assert await standing.alerts() == [lasting, old]
        assert await standing.alerts(lasting=True) == await standing.alerts(BEGAN + 11) == [lasting]
        assert await standing.alerts(limit=1) == [lasting]

    async def test_a_memo_is_noted_once_and_used_once(self, world: World) -> None:
        one, other = (await world.process()).standing, (await world.process()).standing
        memo = Memo("link:1", BEGAN, {"entry": "x"})
        assert await one.note(memo)
        assert not await other.note(replace(memo, value=None))
        await other.note(Memo("link:2", BEGAN))
        await other.note(Memo("told:1", BEGAN))
        assert await other.memo("link:1") == memo
        assert [each.key for each in await other.memos("link:")] == ["link:1", "link:2"]
        assert sorted(await asyncio.gather(one.unnote("link:1"), other.unnote("link:1"))) == [False, True]
        assert await one.memo("link:1") is None

    async def test_what_is_over_and_old_is_forgotten_and_nothing_else(self, world: World) -> None:
        store = await world.process()
        standing = store.standing
        await standing.put_schedule(SCHEDULE)
        kept, _ = await standing.ask(start("with run", cause="api:ada"))
        await store.create(kept.run_id, "pid 1", recorded(started()), summary(kept.run_id))
        for key in ("with run", "over", "last slot", "waits", "young"):
            at = BEGAN + 100 if key == "young" else BEGAN
            await standing.ask(start(key, at=at, cause="schedule:night" if key == "last slot" else "api:ada"))
            if key != "waits":
                await standing.settle(key, "started")
        await standing.put_alert(Alert("over", "slow", "x", BEGAN, BEGAN + 1))
        await standing.put_alert(Alert("lasts", "slow", "x", BEGAN))
        await standing.note(Memo("old", BEGAN))
        await standing.note(Memo("young", BEGAN + 100))
        assert await standing.forget(BEGAN + 50) == 3
        assert sorted(each.key for each in await standing.starts()) == ["last slot", "waits", "with run", "young"]
        assert [each.id for each in await standing.alerts()] == ["lasts"]
        assert [each.key for each in await standing.memos("")] == ["young"]

    async def test_a_closed_store_says_so(self, world: World) -> None:
        store = await world.process()
        standing = store.standing
        await store.close()
        with pytest.raises(StoreError, match="closed"):
            await standing.schedules()
        with pytest.raises(StoreError, match="closed"):
            await standing.ask(start())
