"""How a run went, summed up: figures of it, what failed along the way, what was taken back and whether that worked."""

from __future__ import annotations

import shlex
from collections import Counter

from app.present.figures import NOTHING, cost_of, duration, plural, tokens_of
from app.present.money import budget_lines
from app.present.timing import seconds_at_work, seconds_for_people
from app.present.tries import tries_of
from workflows.diagnostics import listed
from workflows.engine.budget import enough
from workflows.records import dataclass
from workflows.runs.state import RunState, Scope, StepState
from workflows.runs.tree import holders, is_aftermath
from workflows.secrets import shown
from workflows.text import one_line
from workflows.values import Json

ORDER = ("succeeded", "failed", "skipped", "undone", "cancelled", "blocked", "running", "waiting", "pending")

WORDS = {"succeeded": "done", "pending": "to do", "blocked": "never begun"}
"""A status where its word on its own would mislead among figures."""


def output_count(output: Json) -> int:
    """How many outputs a step gave: the items of a list, one of anything else, none of null."""
    return 0 if output is None else len(output) if isinstance(output, list) else 1


def statistics(state: RunState, now: float, alive: bool = False) -> dict[str, Json]:
    """The run in figures. Durations are seconds; `now` is seconds since the epoch.

    Where it is `alive`, a process has it: what is at work is so until now, not until the last event.
    """
    since = max(0.0, now - state.updated) if alive and state.status == "running" else 0.0
    own = _work(state)
    tries = [tries_of(state, step) for step in state.steps.values()]
    calls = [call for step in state.steps.values() for call in step.calls.values()]
    ended = [step for step in own if step.over and step.status not in ("blocked", "skipped", "cancelled")]
    good = sum(step.status in ("succeeded", "undone") for step in ended)
    return {
        "duration_s": round((state.ended or max(now, state.updated)) - state.started, 3),
        "at_work_s": round(state.at_work + since, 3),
        "for_people_s": round(seconds_for_people(state, now), 3),
        "steps": {status: state.counts[status] for status in ORDER if state.counts.get(status)},
        "steps_total": len(state.steps),
        "success_rate": round(good / len(ended), 4) if ended else None,
        "outputs": sum(output_count(step.output) for step in own),
        "attempts": sum(tries),
        "retries": sum(max(0, number - 1) for number in tries),
        "calls": {"total": sum(call.n for call in calls), "failed": sum(map(_failed_calls, state.steps.values()))},
        "cached": sum(bool(step.cached_from) for step in state.steps.values()),
        "understudies": sum(step.understudied for step in own),
        "reused": sum(step.reused is not None for step in own),
        "handled": sum(len(step.handled) for step in state.steps.values()),
        "asked": len(state.inquiries),
    }


def _failed_calls(step: StepState) -> int:
    """How many of a step's calls failed, those counted too that were made again."""
    again = Counter(attempt.failed_call for attempt in step.attempts if attempt.failed_call)
    return sum(max(again[call.key], call.status == "failed") for call in step.calls.values())


def statistics_lines(state: RunState, now: float, alive: bool = False) -> list[str]:
    """The same for people, in two or three lines."""
    found = statistics(state, now, alive)
    steps = [f"{count} {WORDS.get(status, status)}" for status, count in found["steps"].items()]
    lines = [f"{plural(found['steps_total'], 'step')}: {', '.join(steps)}"]
    tries = [plural(found["attempts"], "try", "tries")]
    tries += [plural(found["calls"]["total"], "call")]
    tries += [f"{found['calls']['failed']} of them failed"] if found["calls"]["failed"] else []
    tries += [f"{found['cached']} taken from earlier runs"] if found["cached"] else []
    tries += [f"{plural(found['handled'], 'failure')} handled"] if found["handled"] else []
    tries += [plural(found["outputs"], "output")]
    lines.append(" · ".join(tries))
    times = [f"{duration(found['duration_s'])} in all", f"{duration(found['at_work_s'])} at work"]
    times += [f"{duration(found['for_people_s'])} for people"] if found["for_people_s"] else []
    times += [text for text in (tokens_of(state.spent), cost_of(state.spent)) if text != NOTHING]
    lines.append(" · ".join(times))
    return lines + budget_lines(state)


def warnings(state: RunState) -> list[StepState]:
    """The steps that failed and that the run went past, at any depth, none twice for what it holds."""
    return [
        step
        for step in state.steps.values()
        if step.status == "failed" and step.then == "continue" and not is_aftermath(state, step.scope)
    ]


def failed_at(state: RunState) -> StepState | None:
    """The first step that failed itself and that the run did not go past."""
    for step in state.steps.values():
        itself = step.status == "failed" and step.then != "continue" and not step.planned.holds_steps
        if itself and not is_aftermath(state, step.scope):
            return step
    return None


def with_more_money(state: RunState, usd: float | None = None) -> str:
    """The command that goes on with what a run did where it ended, with a budget: this, else one that is enough."""
    step = failed_at(state)
    if usd is None and step is not None and step.last is not None:
        failure = step.last.failure
        usd = enough(state, step) if failure and failure.kind == "budget" and failure.detail["usd"] else None
    at = shlex.quote(step.id) if step else "STEP"
    return f"understudy rerun {state.run_id} --from {at} --budget {'USD' if usd is None else f'{usd:g}'}"


def warning_lines(state: RunState) -> list[str]:
    """A line for each of them."""
    return [
        f"! {one_line(step.id, 80)} failed, and the run went on: "
        + one_line(shown(step.failure.message if step.failure else "no reason given"), 200)
        for step in warnings(state)
    ]


@dataclass(frozen=True)
class TakenBack:
    """What was taken back in a workflow, by address. `home` is empty for the run's own workflow.

    `over` is false while it goes on. `rolled` counts the steps of `rollback` that were done. What was `reused` from
    another run stays: that is the other run's.
    """

    home: str
    undone: tuple[str, ...] = ()
    not_undone: tuple[tuple[str, str], ...] = ()
    rolled: int = 0
    not_rolled: tuple[tuple[str, str], ...] = ()
    over: bool = True
    reused: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        return bool(self.not_undone or self.not_rolled)

    @property
    def words(self) -> str:
        """`rolled back: 3 steps undone`, or `rolling back failed: …` with what is left."""
        stays = f"; what was reused stays: {listed(self.reused, 5)}" if self.reused else ""
        return self._undone + stays

    @property
    def _undone(self) -> str:
        where = f" in {self.home}" if self.home else ""
        parts = [f"{plural(len(self.undone), 'step')} undone"] if self.undone or not self.rolled else []
        parts += [f"{plural(self.rolled, 'rollback step')} done"] if self.rolled else []
        if not self.over:
            return f"rolling back{where}: {', '.join(parts)} so far"
        if not self.failed:
            if not self.undone and not self.rolled:
                return f"rolled back{where}: nothing had to be undone"
            return f"rolled back{where}: {', '.join(parts)}"
        left = [f"{address} is not undone ({why})" for address, why in self.not_undone]
        left += [f"{address} failed ({why})" for address, why in self.not_rolled]
        return f"rolling back{where} failed: {'; '.join([*left, *parts])}"

    def document(self) -> Json:
        return {
            "workflow": self.home,
            "over": self.over,
            "failed": self.failed,
            "undone": list(self.undone),
            "not_undone": [{"step": address, "why": why} for address, why in self.not_undone],
            "rollback_steps_done": self.rolled,
            "rollback_steps_failed": [{"step": address, "why": why} for address, why in self.not_rolled],
            "reused_stays": list(self.reused),
            "words": self.words,
        }


def taken_back(state: RunState) -> tuple[TakenBack, ...]:
    """What was undone and rolled back, a workflow at a time; nothing where that was never begun."""
    homes = dict.fromkeys(
        scope.home for scope in state.scopes.values() if scope.kind in ("undo", "rollback") or _asked_for(scope)
    )
    return tuple(_of(state, home) for home in homes)


def _reused(state: RunState, home: str) -> tuple[str, ...]:
    """The steps of a workflow that would have been undone, had this run done them."""
    return tuple(
        step.id
        for step in state.steps.values()
        if step.reused and step.planned.undo and step.status == "succeeded"
        if any(scope.name == home for scope in holders(state, step.scope))
    )


def _asked_for(scope: Scope) -> bool:
    return scope.is_workflow and scope.then in ("rollback", "compensate")


def _of(state: RunState, home: str) -> TakenBack:
    undo, roll = state.scopes.get(f"{home}~undo"), state.scopes.get(f"{home}~rollback")
    undoing, rolling = _steps(state, undo), _steps(state, roll)
    bad = ("failed", "cancelled", "blocked")
    return TakenBack(
        home,
        undone=tuple(step.id.removesuffix("~undo") for step in undoing if step.status == "succeeded"),
        not_undone=tuple((step.id.removesuffix("~undo"), _why(step)) for step in undoing if step.status in bad),
        rolled=sum(step.status == "succeeded" for step in rolling),
        not_rolled=tuple((step.id, _why(step)) for step in rolling if step.status in bad),
        reused=_reused(state, home),
        over=not any(scope.open for scope in (undo, roll) if scope) and (state.over or not state.scopes[home].open),
    )


def _steps(state: RunState, scope: Scope | None) -> list[StepState]:
    return [state.steps[address] for address in scope.steps] if scope else []


def _why(step: StepState) -> str:
    return one_line(shown(step.failure.message), 160) if step.failure else step.status


def _work(state: RunState) -> list[StepState]:
    """The steps that do work themselves: what only holds others would count it twice."""
    return [step for step in state.steps.values() if not step.planned.holds_steps]


def took(state: RunState, step: StepState, now: float | None = None) -> str:
    """How long a step took, people left out; empty before it has begun.

    One at work took until `now`, which is where a living process has the run; else until the last that is known of it.
    """
    seconds = seconds_at_work(state, step, state.updated if now is None else now)
    return "" if seconds is None else duration(seconds)
