"""Holds the rules against what is going on, keeps alerts, and has them told. One process of a journal does it."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from app.monitoring.alerting import judge
from app.monitoring.facts import Facts, Usual
from app.monitoring.processes import Processes
from app.monitoring.rules import causes
from app.monitoring.sampler import Source
from app.monitoring.terms import Terms
from workflows.engine.limits import Load
from workflows.errors import UnderstudyError
from workflows.journal.files import make_folder, open_private
from workflows.journal.pulse import Pulse
from workflows.unattended.values import Alert

_log = logging.getLogger(__name__)

SECOND = 1.0
"""Between two looks at the memory."""

REMEMBERED = 60.0
"""Seconds for which what a workflow usually takes is not asked again."""

Tell = Callable[[Alert, Sequence[str]], Awaitable[None]]
"""Brings an alert to channels, by their names. Raises nothing."""


class Watch:
    """`lock` is the file that whoever watches this journal holds; `look_at_machine` says how busy it is.

    `now` is seconds since the epoch.
    """

    def __init__(
        self,
        store: Source,
        terms: Mapping[str, Terms],
        lock: Path,
        now: Callable[[], float],
        look_at_machine: Callable[[], Load],
        tell: Tell,
    ) -> None:
        self._store = store
        self._terms = terms
        self._lock = lock
        self._now = now
        self._machine = look_at_machine
        self._tell = tell
        self._held: int | None = None
        self._processes = Processes()
        longest = max((each.limit.window for each in terms.values()), default=0.0)
        self._memory: deque[tuple[float, int]] = deque(maxlen=int(min(longest, 3600.0) / SECOND) + 1)
        self._load = Load()
        self._usual: dict[str, tuple[float, Usual]] = {}
        self._lasting = False

    async def go_on(
        self, interval: float, sleep: Callable[[float], Awaitable[None]], busy: Callable[[], bool] = lambda: True
    ) -> None:
        """Until cancelled: look at the memory each second, and at everything after each `interval` (seconds).

        While nothing is under way (`busy` is false) it looks once more, and then only as long as an alert lasts.
        """
        passed, to_see = interval, True
        while True:
            if busy():
                to_see = True
                await self.measure()
            if passed >= interval and (to_see or self._lasting):
                passed, to_see = 0.0, busy()
                self._load = await asyncio.to_thread(self._machine)
                await self.look()
            await sleep(SECOND)
            passed += SECOND

    async def measure(self) -> None:
        """See how much memory is used."""
        use = await asyncio.to_thread(self._processes.use)
        self._memory.append((self._now(), use.memory))

    async def look(self, *, tell: bool = True) -> None:
        """Find causes; begin, tell and end alerts. Nothing where another process watches, or the journal cannot."""
        try:
            if self._is_ours():
                await self._look(tell)
        except (UnderstudyError, OSError) as error:
            _log.warning("alerts could not be looked for: %s", error)

    async def _look(self, tell: bool) -> None:
        now, standing = self._now(), self._store.standing
        waits = {name: each.cool_down for name, each in self._terms.items()}
        found = causes(await self._facts(now), {name: each.limit for name, each in self._terms.items()})
        kept = await standing.alerts(now - max(waits.values(), default=0.0))
        known = [self._seen_to_end(each, now) for each in kept]
        for alert, before_it in zip(known, kept, strict=True):
            if alert is not before_it:
                await standing.put_alert(alert)
        judged = judge(now, known, found, waits, lambda: secrets.token_hex(4))
        os.utime(self._lock, (now, now))
        told = {alert.id for alert in judged.tell}
        self._lasting = bool(found)
        before = {alert.id: alert for alert in known}
        for alert in judged.keep:
            if tell or alert.id not in told:
                await standing.put_alert(alert)
            elif alert.id not in before:  # whoever looks next tells of it
                await standing.put_alert(replace(alert, told=None))
        if tell:
            await asyncio.gather(*(self._tell(alert, self._terms[alert.rule].channels) for alert in judged.tell))

    def _seen_to_end(self, alert: Alert, now: float) -> Alert:
        """The alert, over where nobody looked for so long that its cause has been gone in between.

        When anybody looked last is the time of the lock's file.
        """
        terms, looked = self._terms.get(alert.rule), self._lock.stat().st_mtime
        if alert.until is not None or terms is None or now - looked <= terms.limit.window:
            return alert
        return replace(alert, until=max(looked, alert.since) + terms.limit.window)

    async def _facts(self, now: float) -> Facts:
        windows = {each.limit.window for each in self._terms.values()}
        lately = {window: await self._store.lately(now - window) for window in windows}
        pulse = await self._store.pulse()
        usual = await self._usually(pulse, now) if "slow" in self._terms else {}
        return Facts(now, lately, pulse.runs, usual, tuple(self._memory), self._load)

    async def _usually(self, pulse: Pulse, now: float) -> dict[str, Usual]:
        found = {}
        for workflow in {run.workflow for run in pulse.runs if run.status == "running"}:
            asked, usual = self._usual.get(workflow, (None, None))
            if asked is None or usual is None or not 0 <= now - asked < REMEMBERED:
                took = sorted(await self._store.took(workflow))
                usual = Usual(len(took), took[max(-(-len(took) * 95 // 100), 1) - 1] if took else 0.0)
                self._usual[workflow] = (now, usual)
            found[workflow] = usual
        return found

    def _is_ours(self) -> bool:
        """Whether this process is the one that watches, now or from now on. Raises OSError."""
        if self._held is None:
            make_folder(self._lock.parent)
            descriptor = open_private(self._lock)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return False
            self._held = descriptor
        return True

    def let_go(self) -> None:
        """Another process may watch."""
        if self._held is not None:
            os.close(self._held)
            self._held = None
