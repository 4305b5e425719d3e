"""What a replay came to, against what a test expects of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from app.testing.case import Expectations, OfCalls, OfFiles, OfStep
from app.testing.expected import unmet
from workflows.money import money
from workflows.recordings import Exchange, Played
from workflows.records import dataclass
from workflows.runs.state import RunState, StepState
from workflows.secrets import hide
from workflows.steps.kind import Catalogue
from workflows.values import Json


@dataclass(frozen=True)
class Problem:
    """One thing that is not as expected. `about` is where to look: `status`, `outputs.text`, `steps.notes.attempts`."""

    about: str
    message: str


def judge(played: Played, expect: Expectations, catalogue: Catalogue) -> Iterator[Problem]:
    """Every expectation that is not met, in the order of the test's file."""
    state = played.state
    status = "waiting" if played.unanswered and not state.over else state.status
    if status != expect.status:
        yield Problem("status", f"the run ended as {status}, not as {expect.status}{_why(state, played)}")
    outputs = hide(state.outputs) if isinstance(state.outputs, dict) else {}
    for name, wanted in expect.outputs.items():
        if name not in outputs:
            there = ", ".join(outputs) or "none"
            yield Problem(f"outputs.{name}", f"there is no such output; there are: {there}")
            continue
        for why in unmet(wanted, outputs[name]):
            yield Problem(f"outputs.{name}", f"it {why}")
    for address, step in expect.steps.items():
        yield from _judge_step(address, step, state)
    spent = state.spent
    if expect.cost_at_most is not None and (spent.cost_usd or 0.0) > expect.cost_at_most:
        words = f"it cost {money(spent.cost_usd or 0.0)} when it was recorded, more than {money(expect.cost_at_most)}"
        yield Problem("cost.at_most", words)
    if expect.cost_at_most is not None and not spent.cost_known:
        yield Problem("cost.at_most", "what it cost when it was recorded is not known")
    called = [name for exchange in played.replay.called for name in names_of(exchange)]
    yield from _judge_calls(expect.calls, called)
    yield from _judge_files(expect.files, tuple(files_written(played.replay.called, catalogue)))


def _judge_step(address: str, expect: OfStep, state: RunState) -> Iterator[Problem]:
    about = f"steps.{address}"
    step = state.steps.get(address)
    if step is None:
        yield Problem(about, f"there is no such step; there are: {', '.join(state.steps)}")
        return
    if expect.status is not None and step.status != expect.status:
        why = f": {step.failure.message}" if step.failure else ""
        yield Problem(f"{about}.status", f"it is {step.status}, not {expect.status}{why}")
    tries = _tries(step)
    if expect.attempts is not None and tries != expect.attempts:
        yield Problem(f"{about}.attempts", f"it took {tries}, not {expect.attempts}")
    for why in unmet(expect.output, hide(step.output)):
        yield Problem(f"{about}.output", f"it {why}")


def _tries(step: StepState) -> int:
    return sum(not attempt.stood_back for attempt in step.attempts)


def _judge_calls(expect: OfCalls, called: Sequence[str]) -> Iterator[Problem]:
    there = ", ".join(dict.fromkeys(called)) or "nothing"
    for name in expect.used:
        if not any(_is(name, each) for each in called):
            yield Problem("calls.used", f"{name} was never called; what was: {there}")
    for name in expect.never:
        if found := next((each for each in called if _is(name, each)), None):
            yield Problem("calls.never", f"{found} was called")
    left = iter(called)
    for place, name in enumerate(expect.order):
        if not any(_is(name, each) for each in left):
            before = f" after {expect.order[place - 1]}" if place else ""
            yield Problem(
                "calls.order", f"{name} was not called{before}; the order was: {', '.join(called) or 'nothing'}"
            )
            return


def _judge_files(expect: OfFiles, written: Sequence[str]) -> Iterator[Problem]:
    there = ", ".join(written) or "none"
    for name in expect.written:
        if not any(fnmatchcase(path, name) for path in written):
            yield Problem("files.written", f"{name} was not written; what was: {there}")
    for name in expect.never:
        if found := next((path for path in written if fnmatchcase(path, name)), None):
            yield Problem("files.never", f"{found} was written")


def names_of(exchange: Exchange) -> Iterator[str]:
    """What a call is called by in a test: the skill, the tool, the agent, or `http` and `http GET host`."""
    request = exchange.request if isinstance(exchange.request, dict) else {}
    if isinstance(name := request.get("skill") or request.get("tool"), str):
        yield name
    elif isinstance(agent := request.get("agent"), str):
        yield agent
    elif "method" in request and "url" in request:
        host = re.sub(r"^[a-z]+://(?:[^/@]*@)?([^/?#]*).*", r"\1", str(request["url"]), flags=re.DOTALL)
        yield f"http {request['method']} {host}"
    elif isinstance(channel := request.get("channel"), str):
        yield f"notification {channel}"


def files_written(called: Sequence[Exchange], catalogue: Catalogue) -> Iterator[str]:
    """The paths that skills which write were given, where they succeeded."""
    for exchange in called:
        name = next(names_of(exchange), "")
        entry = catalogue.find("skill", name) or catalogue.find("skill", name.replace("_", ".", 1))
        writes = exchange.effect != "pure" and entry is not None and "writes" in entry.touches
        if writes and exchange.outcome == "output":
            yield from _paths(exchange.request)


def _paths(request: Json) -> Iterator[str]:
    given = request.get("parameters") or request.get("arguments") if isinstance(request, dict) else None
    for name in ("path", "to", "target", "file"):
        if isinstance(given, dict) and isinstance(given.get(name), str):
            yield given[name].removeprefix("./")
            return


def _is(pattern: str, name: str) -> bool:
    """Whether a name in a test means this call. A model knows `git.log` as `git_log`; `http` is any request."""
    plain = re.sub(r"[^A-Za-z0-9_*?-]", "_", pattern)
    kind = name.partition(" ")[0]
    return any(
        fnmatchcase(each, pattern) or fnmatchcase(re.sub(r"[^A-Za-z0-9_-]", "_", each), plain) for each in (name, kind)
    )


def _why(state: RunState, played: Played) -> str:
    if played.unanswered:
        return f": nobody had an answer for {', '.join(played.unanswered)}"
    if not state.over:
        return ": it stands still, waiting for a call that something else ended when it was recorded"
    return f": {state.failure.message}" if state.failure else ""
