"""Fills the detail pane with one step of a run, or with the run as a whole, and keeps it up to date."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator

from app.present.changes import changes_text, tries_told
from app.present.figures import clock_time, duration
from app.present.forked import taken_over
from app.present.labels import model_label, run_label, step_label
from app.present.remarks import interrupted_lines
from app.present.tools import done_before, tools_text
from app.present.values import value_text
from app.tui.about import about, contents_text
from app.tui.actions import find
from app.tui.bridge import TextArrived
from app.tui.story_log import log_of
from app.tui.widgets.attempts import attempt_rows
from app.tui.widgets.detail import Detail
from app.watch import RunWatch
from skills.output import is_excerpt
from workflows.errors import Failure
from workflows.journal.tail import Tail
from workflows.planning.ready import waits_for
from workflows.readable import readable
from workflows.runs.events import Recorded
from workflows.runs.state import RunState, StepState
from workflows.secrets import hide, shown
from workflows.text import safe_text
from workflows.values import Json

SILENT = 30.0
"""Seconds without a word from an agent after which that is said."""


class StepView:
    """`key` is the step on view, or the run; `attempt` the try that a person chose, 0 for the latest.

    `heard(step, attempt, log)` is how many characters of a text the bridge has had so far, `came(step, attempt)` when
    the last of it came, `now` what time it is.
    """

    def __init__(
        self,
        detail: Detail,
        watch: RunWatch,
        heard: Callable[[str, int, bool], int],
        now: Callable[[], float],
        came: Callable[[str, int], float] = lambda step, attempt: 0.0,
    ) -> None:
        self._detail = detail
        self._watch = watch
        self._heard = heard
        self._now = now
        self._came = came
        self.key = ""
        self.attempt = 0
        self._phase: tuple[object, ...] = ()
        self._seen: dict[bool, int] = {}
        self._tails: dict[bool, tuple[int, Tail]] = {}
        self._input: object = self
        self._told: dict[str, object] = {}
        self._heard_at = 0.0

    @property
    def step(self) -> StepState | None:
        return self._watch.state.steps.get(self.key)

    @property
    def shown_attempt(self) -> int:
        step = self.step
        return self.attempt or (len(step.attempts) if step else 0)

    @property
    def live(self) -> bool:
        """Whether text of what is on view may still come."""
        return self._phase[:1] == ("live",)

    def show(self, key: str, attempt: int = 0) -> None:
        """Put another step, or another of its tries, on view."""
        if (key, attempt) == (self.key, self.attempt):
            return
        self.key, self.attempt = key, attempt
        self._phase, self._input, self._told = (), self, {}
        self._heard_at = 0.0
        tail = self._detail.log_tail
        tail.clear()
        tail.add(log_of(self._watch, key))
        self._remember(log=True)
        self.refresh(self._watch.state.updated)

    def advance(self, events: Iterable[Recorded], now: float) -> None:
        """The run went on."""
        for sentence in log_of(self._watch, self.key, events).splitlines():
            self._detail.log_tail.add_line(sentence)
        self.refresh(now)

    def refresh(self, now: float) -> None:
        """Bring everything but the log to where the run stands."""
        step, state = self.step, self._watch.state
        self._detail.output.label(self._label())
        self._detail.output.about(tuple(self._about(now)) if step else tuple(filter(None, [taken_over(state)])))
        if step is None:
            self._detail.name_step(state.title or state.workflow, f"run {state.run_id}")
            given = state.parameters
        else:
            planned = step.planned
            performer = planned.performers[step.performer]
            attempt = f" · attempt {self.attempt} of {len(step.attempts)}" if self.attempt else ""
            self._detail.name_step(step.id, f"{planned.kind} {performer}".strip() + attempt)
            given = self._given(step) if step.started is not None else planned.fields
        if given is not self._input:
            self._input = given
            self._detail.input_tail.show(value_text(given))
        self._detail.attempts.show(attempt_rows(step, self.shown_attempt, now) if step else [])
        self._fill()
        self.fill_tab(now)
        self._detail.tell_follow()

    def fill_tab(self, now: float) -> None:
        """What the open tab shows of calls and changes: worked out only while somebody looks at it."""
        tab, state, step = self._detail.tab, self._watch.state, self.step
        at = (state, self.shown_attempt)
        if tab not in ("tools", "diff") or self._told.get(tab) == at:
            return
        self._told[tab] = at
        if step is None:
            text = "Choose a step: a run's own row has none."
        elif tab == "tools":
            text = tools_text(state, step, self.shown_attempt, now)
        else:
            text = changes_text(state, step, tries_told(self._watch.journal, self.key), self.shown_attempt)
        tail = self._detail.tools_tail if tab == "tools" else self._detail.diff_tail
        if text != tail.text:
            tail.renew(text)

    def whole(self, tab: str) -> str:
        """All that a tab is about, also the beginning of what is long; cleaned."""
        if tab == "log":
            return safe_text(log_of(self._watch, self.key, whole=True), max_line=None)
        step = self.step
        if tab == "output" and step is not None and self._phase[:1] == ("done",) and not self._excerpt(step):
            said = written_text(step.output) if step.planned.kind == "agent" else None
            whole = value_text(step.output, limit=sys.maxsize) if said is None else said
            return safe_text(whole, max_line=None)
        if tab == "output" and self._phase[:1] in (("live",), ("ended",), ("done",)):
            text = self._watch.text(self.key, self.shown_attempt, whole=True)
            return safe_text("\n".join([text, *(self._ending(step) if step else ())]), max_line=None)
        return self._detail.text

    def _given(self, step: StepState) -> Json:
        """The input of the try on view, where a person chose one."""
        tries = tries_told(self._watch.journal, self.key) if self.attempt else ()
        return next((each.input for each in tries if each.n == self.attempt), step.input)

    def _about(self, now: float) -> Iterator[str]:
        """What the step is, when it is tried again, and that nothing has come from it for long."""
        step = self.step
        assert step is not None
        yield from about(self._watch.state, step, now)
        again = find("run", "retry").key
        if step.retry_at is not None and step.retry_at > now:
            yield f"↻ tried again in {duration(step.retry_at - now)}, at {clock_time(step.retry_at)} · {again} now"
        if silent := self.silence(now):
            cut = f", and is cut off at {duration(step.planned.idle_timeout)}" if step.planned.idle_timeout else ""
            ends = find("run", "abort").key
            yield f"no tokens for {duration(silent)}{cut} · {again} begins it anew · {ends} ends the run"

    def silence(self, now: float) -> float:
        """Seconds for which an agent at work has said nothing, where they are so many that it is worth saying."""
        step = self.step
        if step is None or not self.live or step.status != "running" or step.planned.kind != "agent":
            return 0.0
        last = step.last
        assert last is not None  # it is live
        came = self._came(step.id, last.n)
        silent = now - max(came, self._heard_at, last.started, *(call.ended or 0.0 for call in step.calls.values()))
        return silent if silent >= SILENT else 0.0

    @property
    def impatient(self) -> bool:
        """Whether the step on view waits for its next try, or says nothing for long: a person may not want to wait."""
        now, step = self._now(), self.step
        return step is not None and ((step.retry_at is not None and step.retry_at > now) or self.silence(now) > 0)

    def hear(self, message: TextArrived) -> None:
        """Live text came."""
        if message.step != self.key or message.attempt != self.shown_attempt:
            return
        seen = self._seen.get(message.log, 0)
        fresh = message.text[-(message.end - seen) :] if message.end > seen else ""
        self._seen[message.log] = max(seen, message.end)
        self._add(fresh, log=message.log)

    def poll(self) -> None:
        """Look for live text of a run that another process drives."""
        if self.step is None or not self.live:
            return
        for log, (attempt, tail) in tuple(self._tails.items()):
            text = tail.read() if attempt == self.shown_attempt else self._remember(log=log)
            self._add(text, log=log)

    def _add(self, text: str, *, log: bool) -> None:
        if not text:
            return
        before, self._heard_at = self._heard_at, self._now()
        if self._heard_at - before >= SILENT and self.step is not None:
            self._detail.output.about(tuple(self._about(self._heard_at)))
        if log:
            self._detail.log_tail.add(text)
        elif self.live:
            self._detail.output.add(text)
        self._detail.tell_follow()

    def _remember(self, *, log: bool) -> str:
        """Read a text whole, and note how far that was."""
        if self.step is None:
            return ""
        tail = self._watch.tail(self.key, self.shown_attempt, log=log)
        self._tails[log] = (self.shown_attempt, tail)
        self._seen[log] = self._heard(self.key, self.shown_attempt, log)
        return tail.read()

    def _label(self) -> str:
        """That no AI wrote what is on view: said as soon as it is known who performs."""
        state, step = self._watch.state, self.step
        if step is None:
            return run_label(state)
        planned = step.planned
        if not step.attempts or planned.kind != "agent":
            return ""
        performer = step.attempts[self.shown_attempt - 1].performer
        for use in planned.uses:
            if use.name == performer and use.what == "agent":
                return model_label(use.models[0]) if use.simulated and use.models else ""
        return step_label(step)

    # The output tab

    def _fill(self) -> None:
        """Change what the output shows where its phase changed: waiting, live, failed, done."""
        output, step = self._detail.output, self.step
        phase = self._phase_now()
        if phase == self._phase:
            return
        self._phase = phase
        if step is None:
            output.finish(self._run_text(), markdown=False)
        elif phase[0] == "holds":
            output.renew("\n".join([contents_text(self._watch.state, step), *self._ending(step)]))
        elif phase[0] == "asks":
            output.finish("Waits for your answer.", markdown=False)
        elif phase[0] == "todo":
            output.finish(self._todo_text(step), markdown=False)
        elif phase[0] == "done":
            text = written_text(step.output)
            is_text = step.planned.kind == "agent" and text is not None
            if self._excerpt(step):
                self._restart()
                return
            output.finish(text if is_text and text is not None else value_text(step.output), markdown=is_text)
        else:
            self._restart()
            for line in self._ending(step):
                output.tail.add_line(line)

    def _restart(self) -> None:
        """Show what a try said from as far back as is read at once."""
        text = self._remember(log=False)
        kept = self._tails.get(False)
        self._detail.output.restart(text, kept[1].lines_before() if kept else 0)

    def _excerpt(self, step: StepState) -> bool:
        """Whether a step's output has only the beginning and the end of what its program said, which is all there."""
        given = step.output
        texts = given.values() if isinstance(given, dict) else (given,)
        return step.planned.kind == "skill" and any(isinstance(text, str) and is_excerpt(text) for text in texts)

    def _phase_now(self) -> tuple[object, ...]:
        step, state = self.step, self._watch.state
        if step is None:
            return ("run", self._watch.status, state.over)
        if not step.attempts or step.status == "skipped":
            return ("todo", step.status, tuple(waits_for(state, step.id)))
        latest = self.shown_attempt == len(step.attempts)
        if latest and step.status in ("succeeded", "undone"):
            return ("done", step.ended)
        attempt = step.attempts[self.shown_attempt - 1]
        if latest and any(state.inquiries[entry].asked.reason == "question" for entry in open_entries(state, step)):
            return ("asks", step.inquiries[-1])
        if latest and step.planned.holds_steps and (scope := state.scopes.get(step.id)) is not None:
            return ("holds", attempt.n, attempt.status, scope.opened, *sorted(scope.counts.items()))
        return ("live" if attempt.status == "started" else "ended", attempt.n, attempt.status)

    def _ending(self, step: StepState) -> Iterator[str]:
        attempt = step.attempts[self.shown_attempt - 1]
        if attempt.failure is None:
            return
        yield ""
        if attempt.interrupted and attempt.status == "cancelled":  # nothing is wrong with it: it goes on later
            yield f"■ try {attempt.n} was cut off: {shown(attempt.failure.message)}"
            return
        yield from failure_lines(attempt.failure)
        most = max(step.planned.retry.attempts, attempt.n)
        yield f"  try {attempt.n} of {most}" + (f", by {attempt.performer}" if attempt.performer else "")
        for done in done_before(step, attempt.n):
            yield f"  already done: {done}"
        if self._watch.state.over:
            yield f"  {find('run', 'rerun').key} begins a new run at this step"

    def _todo_text(self, step: StepState) -> str:
        state = self._watch.state
        if step.status == "skipped":
            return f"skipped: {shown(step.why)}"
        if step.status == "blocked":
            return "It can never start any more: what it is part of is over."
        if step.failure is not None:
            return "\n".join(failure_lines(step.failure))
        if waiting := waits_for(state, step.id):
            return f"waits for: {', '.join(waiting)}"
        if state.over:
            return "The run ended before this step."
        return "Waits for your approval." if step.inquiries else "Not started yet."

    def _run_text(self) -> str:
        state = self._watch.state
        if state.failure is not None:
            return "\n".join(failure_lines(state.failure))
        if state.status == "succeeded":
            return value_text(state.outputs) if state.outputs else "Done. This workflow declares no outputs."
        if state.over:
            return f"The run was {state.status}."
        if self._watch.status == "interrupted":
            return "\n".join(interrupted_lines(state, find("run", "pause").key))
        return state.why or "What the run gives back is shown here when it is done. Choose a step to see its output."


def open_entries(state: RunState, step: StepState) -> Iterator[str]:
    """What of a step waits for a person."""
    return (entry for entry in step.inquiries if state.inquiries[entry].open)


def written_text(output: object) -> str | None:
    """What an agent wrote: the output where it is a text, or its `text`. None where it gave data."""
    if isinstance(output, str):
        return output
    if isinstance(output, dict) and isinstance(output.get("text"), str):
        return str(output["text"])
    return None


def failure_lines(failure: Failure) -> list[str]:
    """What went wrong, of which class, and what to do next."""
    lines = [f"✗ {shown(failure.message)}", f"  class: {failure.kind}" + (f" ({failure.name})" if failure.name else "")]
    if failure.hint:
        lines.append(f"  hint: {shown(failure.hint)}")
    if failure.detail is not None:
        lines += ["", *safe_text(readable(hide(failure.detail))).split("\n")]
    return lines
