"""What triggers wait for: files that change, and runs that end. Each occurrence asks for one start, whoever sees it.

Nothing is kept here. An occurrence has a key of its own (a file's path and content; a run), so what was seen twice, by
two servers or after a crash, starts once; and what happened while no server ran is found when one looks again.
"""

from __future__ import annotations

import asyncio
import glob
import hashlib
import logging
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import aclosing
from pathlib import Path

from app.server.backstage import Backstage
from app.server.overlap import NOT_OVER
from workflows.clock import Clock
from workflows.journal.port import Query, RunStore, StoreError, Summary
from workflows.text import one_line
from workflows.unattended.port import Standing
from workflows.unattended.values import Trigger, start_for
from workflows.values import Json

LOOK_EVERY = 1.0
"""Seconds between looks at runs, and at what other processes changed."""

SETTLED_MS, LONGEST_MS = 500, 5000
"""Milliseconds without a change after which files are taken to be complete, and the longest that this is waited for."""

BACK = 86400.0
"""Seconds before its last start that a trigger looks back when a server begins: what happened was perhaps not seen."""

MOST_FILES = 10_000
"""Files that one trigger looks at."""

MOST_RUNS = 500
"""Runs of a workflow, the newest, that are looked at for their end; those seen under way come on top."""

_CHUNK = 1024 * 1024
_log = logging.getLogger(__name__)


async def follow_triggers(stage: Backstage) -> None:
    """Ask for what the triggers start, beside a server's calls, until cancelled."""
    await Occurrences(stage.standing, stage.desk.services.store, stage.clock, stage.queue.poke).run()


class Occurrences:
    """Asks for what triggers of files and of runs start. `asked` is called after it asked for something."""

    def __init__(
        self, standing: Standing, store: RunStore, clock: Clock, asked: Callable[[], None] = lambda: None
    ) -> None:
        self._standing = standing
        self._store = store
        self._clock = clock
        self._asked = asked
        self._watched: dict[str, tuple[str, asyncio.Task[None]]] = {}
        self._going: dict[str, frozenset[str]] = {}

    async def run(self) -> None:
        """Watch until cancelled."""
        try:
            while True:
                try:
                    await self.look()
                except StoreError as error:
                    _log.warning("triggers cannot be read: %s", error)
                await self._clock.sleep(LOOK_EVERY)
        finally:
            tasks = [task for _, task in self._watched.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def look(self) -> None:
        """Ask for what runs that ended start, and watch the files that are to be watched now. Raises StoreError."""
        live = [trigger for trigger in await self._standing.triggers() if not trigger.paused]
        for trigger in live:
            if trigger.kind == "run":
                await self._ended(trigger)
        files = {
            trigger.id: f"{_text(trigger, 'glob')} {trigger.config.get('since')}"
            for trigger in live
            if trigger.kind == "file"
        }
        for name in [name for name, (what, _) in self._watched.items() if files.get(name) != what]:
            self._watched.pop(name)[1].cancel()
        for trigger in live:
            if trigger.kind == "file" and trigger.id not in self._watched:
                task = asyncio.create_task(self._watch(trigger), name=f"watch files of {trigger.id}")
                self._watched[trigger.id] = (files[trigger.id], task)

    async def changed(self, trigger: Trigger) -> None:
        """Ask for the files of a trigger that changed since it counts, each content once. Raises StoreError."""
        since = max(_since(trigger), (trigger.last or 0.0) - BACK)
        for path, digest in await asyncio.to_thread(lambda: list(_contents(_text(trigger, "glob"), since))):
            what = one_line(path, 200)
            await self._ask(trigger, f"{digest[:32]}", path, f"{what} changed")

    async def _watch(self, trigger: Trigger) -> None:
        """Look at the files whenever something changes, until cancelled."""
        from watchfiles import awatch

        while True:
            folder = _folder(_text(trigger, "glob"))
            try:
                await self.changed(trigger)
                if not folder.is_dir():
                    await asyncio.sleep(LOOK_EVERY)  # it may come
                    continue
                watching = awatch(
                    folder,
                    debounce=LONGEST_MS,
                    step=SETTLED_MS,
                    recursive=_deep(trigger),
                )
                async with aclosing(watching) as changes:
                    await self.changed(trigger)
                    async for _ in changes:
                        await self.changed(trigger)
            except (OSError, StoreError) as error:
                _log.warning("files of trigger %s cannot be watched: %s", trigger.id, error)
            await asyncio.sleep(LOOK_EVERY)

    async def _ended(self, trigger: Trigger) -> None:
        """Ask for the runs that ended since the trigger counts."""
        workflow, since = _text(trigger, "workflow"), max(_since(trigger), (trigger.last or 0.0) - BACK)
        ends = (_text(trigger, "status"),) if _text(trigger, "status") else ("succeeded", "failed", "cancelled")
        before = self._going.get(trigger.id, frozenset())
        going = await self._store.runs(Query(workflow=workflow, status=NOT_OVER, limit=MOST_RUNS))
        found = {
            run.run_id: run for run in await self._store.runs(Query(workflow=workflow, status=ends, limit=MOST_RUNS))
        }
        if left := tuple(before - {run.run_id for run in going} - found.keys()):
            found |= {run.run_id: run for run in await self._store.runs(Query(ids=left, status=ends, limit=len(left)))}
        for run in sorted(found.values(), key=_end):
            if _end(run) > since and not run.simulated:
                await self._ask(trigger, run.run_id, run.run_id, f"run {run.run_id} of {workflow} {run.status}")
        self._going[trigger.id] = frozenset(run.run_id for run in going)

    async def _ask(self, trigger: Trigger, what: str, given: Json, why: str) -> None:
        cause = f"{trigger.kind}:{trigger.id}"
        if await self._standing.start_of(f"{cause}:{what}") is not None:
            return
        give = _text(trigger, "give")
        parameters = {**trigger.parameters, **({give: given} if give else {})}
        start = start_for(trigger, cause, what, self._clock.now(), parameters=parameters)
        if (await self._standing.ask(start))[1]:
            _log.info("trigger %s: %s", trigger.id, why)
            self._asked()


def _contents(pattern: str, since: float) -> Iterator[tuple[str, str]]:
    """The files that changed later than `since`, with a digest of path and content, the oldest change first."""
    found = []
    for path in _some(glob.iglob(pattern, recursive=True)):
        try:
            status = os.stat(path)
        except OSError:
            continue
        changed = max(status.st_mtime, status.st_ctime)
        if stat.S_ISREG(status.st_mode) and changed > since:
            found.append((changed, path))
    for _, path in sorted(found):
        try:
            yield path, _digest(path)
        except OSError:
            continue  # it went, or cannot be read: the next change of it is seen


def _some(paths: Iterable[str]) -> Iterator[str]:
    for number, path in enumerate(paths):
        if number >= MOST_FILES:
            return
        yield path


def _digest(path: str) -> str:
    found = hashlib.sha256(os.fsencode(path) + b"\0")
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _folder(pattern: str) -> Path:
    """The deepest folder that all the files of a pattern are below."""
    parts = Path(pattern).parts[:-1]
    magic = [number for number, part in enumerate(parts) if glob.has_magic(part)]
    return Path(*parts[: magic[0]] if magic else parts)


def _deep(trigger: Trigger) -> bool:
    """Whether files may lie in folders below the one that is watched."""
    pattern = _text(trigger, "glob")
    return Path(pattern).parent != _folder(pattern)


def _text(trigger: Trigger, key: str) -> str:
    value = trigger.config.get(key)
    return value if isinstance(value, str) else ""


def _since(trigger: Trigger) -> float:
    value = trigger.config.get("since")
    return float(value) if isinstance(value, int | float) else trigger.created


def _end(run: Summary) -> float:
    return run.finished if run.finished is not None else run.updated
