"""Counting what an engine does: an observer that any program can read or export."""

from __future__ import annotations

from collections import Counter

from workflows.bus import Committed, Notice
from workflows.runs import events as e


class Metrics:
    """Counts runs, steps, attempts and calls by how they ended, and what models used. Give it to `Engine.observe`."""

    def __init__(self) -> None:
        self.runs: Counter[str] = Counter()
        """By status: `started`, then how they ended."""
        self.steps: Counter[str] = Counter()
        self.attempts: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.tokens = 0
        self.cost_usd = 0.0
        """Of calls whose price is known."""
        self.working = 0.0
        """Seconds that attempts took, all together."""
        self._began: dict[tuple[str, str, int], float] = {}

    def __call__(self, notice: Notice) -> None:
        for recorded in e.facts_in(notice.events) if isinstance(notice, Committed) else ():
            self._count(notice.run_id, recorded)

    def _count(self, run: str, recorded: e.Recorded) -> None:
        match recorded.event:
            case e.RunStarted():
                self.runs["started"] += 1
            case e.RunFinished(status=status):
                self.runs[status] += 1
            case e.StepFinished(status=status):
                self.steps[status] += 1
            case e.StepSkipped():
                self.steps["skipped"] += 1
            case e.AttemptStarted(step=step, n=n):
                self._began[run, step, n] = recorded.at
            case e.AttemptFinished(step=step, n=n, status=status):
                self.attempts[status] += 1
                self.working += recorded.at - self._began.pop((run, step, n), recorded.at)
            case e.CallFinished(usage=usage) | e.CallFailed(usage=usage) as event:
                self.calls["succeeded" if isinstance(event, e.CallFinished) else event.status] += 1
                if usage is not None:
                    self.tokens += (usage.tokens_in or 0) + (usage.tokens_out or 0)
                    self.cost_usd += usage.cost_usd or 0.0
