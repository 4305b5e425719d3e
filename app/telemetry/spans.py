"""A run's events as spans and measurements, by the GenAI conventions of OpenTelemetry. Pure: no library is named here.

A run's trace is: run → step (in the step that holds it) → attempt → model call or tool call. What a person is asked is
a span of its own, and never an error. No content leaves: no prompt, no answer, no input, output or error message.

https://opentelemetry.io/docs/specs/semconv/gen-ai/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import TypeAlias

from workflows.effects import Usage
from workflows.records import dataclass
from workflows.runs import events as e
from workflows.runs.state import RunState

Key: TypeAlias = tuple[str, ...]
"""What tells a span of a run from the others: `("run",)`, `("step", address)`, …"""

Value: TypeAlias = str | bool | int | float
Attributes: TypeAlias = Mapping[str, Value]

RUN: Key = ("run",)

PROVIDERS = {
    "gemini": "gcp.gemini",
    "vertex_ai": "gcp.vertex_ai",
    "bedrock": "aws.bedrock",
    "mistral": "mistral_ai",
    "xai": "x_ai",
    "azure": "azure.ai.openai",
    "ollama_chat": "ollama",
    "watsonx": "ibm.watsonx.ai",
}
"""`gen_ai.provider.name` where it is not what the model's name begins with."""


@dataclass(frozen=True)
class Opened:
    """A span begins. `at` is seconds since the epoch; `client` where it asks another program."""

    key: Key
    parent: Key | None
    name: str
    at: float
    attributes: Attributes = field(default_factory=dict)
    client: bool = False


@dataclass(frozen=True)
class Closed:
    """A span ends. `error` is the class of the failure, empty where there was none, `name` a new name."""

    key: Key
    at: float
    error: str = ""
    attributes: Attributes = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True)
class Measured:
    """A value for a histogram."""

    name: str
    value: float
    attributes: Attributes = field(default_factory=dict)


Told: TypeAlias = Opened | Closed | Measured

HISTOGRAMS: Mapping[str, tuple[str, str]] = {
    "gen_ai.client.operation.duration": ("s", "How long a call of a model took"),
    "gen_ai.client.token.usage": ("{token}", "Tokens that a call of a model read and wrote"),
    "understudy.run.duration": ("s", "How long a run took"),
    "understudy.attempt.duration": ("s", "How long a try of a step took"),
}
"""Every metric, with its unit and what it is."""


class Tracing:
    """Follows one run. Remembers what is open, since events name only what they are about."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._open: dict[Key, Opened] = {}
        self._heard = 0.0

    def tell(self, recorded: e.Recorded, state: RunState) -> Iterator[Told]:
        """What the event comes to; `state` is that after its commit."""
        for fact in e.facts_of(recorded.event):
            yield from self._tell(fact, recorded.at, state)

    def _tell(self, event: e.Event, at: float, state: RunState) -> Iterator[Told]:
        self._heard = max(at, self._heard)
        match event:
            case e.RunStarted() | e.RunResumed():
                yield from self._begin(at, state)
            case e.StepStarted():
                attributes = self._attributes(event.step, **{"understudy.step.kind": _kind(state, event.step)})
                yield self._opened(
                    ("step", event.step), self._holder(state, event.step), f"step {event.step}", at, attributes
                )
            case e.StepFinished() | e.StepSkipped():
                failure = event.failure if isinstance(event, e.StepFinished) else None
                yield from self._close(("step", event.step), at, failure.kind if failure else "")
            case e.AttemptStarted():
                yield self._attempt(event, at, state)
            case e.AttemptFinished():
                yield from self._attempt_over(event, at)
            case e.CallStarted():
                yield self._call(event, at, state)
            case e.CallFinished() | e.CallFailed():
                yield from self._call_over(event, at)
            case e.Asked():
                key, attributes = (
                    ("wait", event.entry),
                    self._attributes(event.step, **{"understudy.wait.reason": event.reason}),
                )
                yield self._opened(key, self._within(event.step), f"wait for {event.reason}", at, attributes)
            case e.Answered() | e.ApprovalVoided():
                yield from self._close(("wait", event.entry), at)
            case e.RunFinished():
                yield from self._end(at, event.failure.kind if event.failure and event.status == "failed" else "")
                yield Measured(
                    "understudy.run.duration",
                    max(at - state.started, 0.0),
                    {"gen_ai.workflow.name": state.workflow, "understudy.run.status": event.status},
                )
            case e.RunInterrupted():
                yield from self._end(at, "")

    def _begin(self, at: float, state: RunState) -> Iterator[Told]:
        attributes: dict[str, Value] = {
            "gen_ai.operation.name": "invoke_workflow",
            "gen_ai.workflow.name": state.workflow,
            "gen_ai.conversation.id": self._run_id,
            "understudy.run.id": self._run_id,
        }
        if RUN not in self._open:
            yield self._opened(RUN, None, f"invoke_workflow {state.workflow}", at, attributes)

    def _attempt(self, event: e.AttemptStarted, at: float, state: RunState) -> Opened:
        attributes = self._attributes(event.step, **{"understudy.attempt": event.n})
        name = f"attempt {event.n}"
        if _kind(state, event.step) == "agent":
            name = f"invoke_agent {event.performer}"
            attributes |= {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": event.performer}
        elif event.performer:
            attributes["understudy.performer"] = event.performer
        return self._opened(("attempt", event.step), self._within(event.step), name, at, attributes)

    def _attempt_over(self, event: e.AttemptFinished, at: float) -> Iterator[Told]:
        key = ("attempt", event.step)
        # One that stood back for a person, was stopped or cancelled did not go wrong.
        bad = event.status in ("failed", "timed_out") and not event.interrupted
        error = (event.failure.kind if event.failure else event.status) if bad else ""
        if (opened := self._open.get(key)) is not None and not event.interrupted:
            attributes = _some(opened.attributes, "gen_ai.agent.name", "understudy.performer", "gen_ai.operation.name")
            yield Measured("understudy.attempt.duration", max(at - opened.at, 0.0), _with_error(attributes, error))
        yield from self._close(key, at, error)

    def _call(self, event: e.CallStarted, at: float, state: RunState) -> Opened:
        attributes = self._attributes(event.step)
        if chat := _is_chat(event):
            # Which model it is that costs nothing, its answer says.
            name = f"chat {_model(event.model)}".strip()
            attributes |= {"gen_ai.operation.name": "chat", **(_asked(event.model) if event.model else {})}
        else:
            tool = _tool(event, state)
            name = f"execute_tool {tool}"
            attributes |= {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": tool}
        key = ("call", event.step, event.key)
        return self._opened(key, self._within(event.step), name, at, attributes, client=chat)

    def _call_over(self, event: e.CallFinished | e.CallFailed, at: float) -> Iterator[Told]:
        key = ("call", event.step, event.key)
        error = event.failure.kind if isinstance(event, e.CallFailed) and event.status != "interrupted" else ""
        opened, usage = self._open.get(key), event.usage
        if opened is None or not opened.client:
            yield from self._close(key, at, error)
            return
        answered = _used(usage) if usage else {}
        if usage and "gen_ai.request.model" not in opened.attributes:
            answered |= _asked(usage.model)
        both = {**opened.attributes, **answered}
        asked = _some(both, "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model")
        duration = max(at - opened.at, 0.0)
        yield Measured("gen_ai.client.operation.duration", duration, _with_error(asked, error))
        for kind, count in (("input", usage.tokens_in), ("output", usage.tokens_out)) if usage else ():
            if count is not None:
                yield Measured("gen_ai.client.token.usage", count, {**asked, "gen_ai.token.type": kind})
        name = f"chat {both.get('gen_ai.request.model', '')}".strip()
        yield from self._close(key, at, error, answered, name)

    def leave(self) -> Iterator[Told]:
        """This process has the run no more: what is open ends with the last that was heard of it, and is no error."""
        yield from self._end(self._heard, "")

    def _end(self, at: float, error: str) -> Iterator[Told]:
        for key in [key for key in reversed(self._open) if key != RUN]:
            yield from self._close(key, at)
        yield from self._close(RUN, at, error)

    def _opened(
        self, key: Key, parent: Key | None, name: str, at: float, attributes: Attributes, *, client: bool = False
    ) -> Opened:
        found = Opened(key, parent, name, at, attributes, client)
        self._open[key] = found
        return found

    def _close(
        self, key: Key, at: float, error: str = "", attributes: Attributes | None = None, name: str = ""
    ) -> Iterator[Closed]:
        if self._open.pop(key, None) is not None:
            yield Closed(key, at, error, attributes or {}, name)

    def _attributes(self, step: str, **more: Value) -> dict[str, Value]:
        return {"understudy.run.id": self._run_id, "understudy.step.id": step, **more}

    def _within(self, step: str) -> Key:
        """The try that is under way, else the step, else the run."""
        return next((key for key in (("attempt", step), ("step", step)) if key in self._open), RUN)

    def _holder(self, state: RunState, step: str) -> Key:
        """The step that holds this one, where it was seen to begin."""
        found = state.steps.get(step)
        scope = state.scopes.get(found.scope) if found else None
        key = ("step", scope.owner if scope else "")
        return key if key in self._open else RUN


def _kind(state: RunState, step: str) -> str:
    found = state.steps.get(step)
    return found.planned.kind if found else ""


def _tool(event: e.CallStarted, state: RunState) -> str:
    """What is called: an agent's tool, the skill of a step, or the kind of step that acts."""
    if isinstance(event.spec, dict) and isinstance(tool := event.spec.get("tool"), str):
        return tool
    found = state.steps.get(event.step)
    performer = found.attempts[-1].performer if found and found.attempts else ""
    return performer or _kind(state, event.step) or "call"


def _is_chat(event: e.CallStarted) -> bool:
    """Whether a model is asked: one that costs something is named, and each agent's turn says what was heard."""
    return bool(event.model) or (isinstance(event.spec, dict) and {"agent", "heard"} <= event.spec.keys())


def _model(name: str) -> str:
    return name.partition("/")[2] or name


def _asked(name: str) -> dict[str, Value]:
    provider, slash, _ = name.partition("/")
    given = PROVIDERS.get(provider, provider) if slash else "openai"
    return {"gen_ai.provider.name": given, "gen_ai.request.model": _model(name)}


def _used(usage: Usage) -> dict[str, Value]:
    found: dict[str, Value | None] = {
        "gen_ai.response.model": _model(usage.model),
        "gen_ai.usage.input_tokens": usage.tokens_in,
        "gen_ai.usage.output_tokens": usage.tokens_out,
        "gen_ai.usage.cache_read.input_tokens": usage.tokens_cached,
        "understudy.cost.usd": usage.cost_usd,
        "understudy.simulated": usage.simulated or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _some(attributes: Attributes, *names: str) -> dict[str, Value]:
    return {name: attributes[name] for name in names if name in attributes}


def _with_error(attributes: Attributes, error: str) -> dict[str, Value]:
    return {**attributes, "error.type": error} if error else dict(attributes)
