"""What the servers of others are made to do, what an agent step should come to, and whether the journal has that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

SECONDS = 20.0
"""How long a turn may take where nothing hangs."""

SHORT = 8.0
"""How long a turn may take where the server hangs."""

SLACK = 20.0
"""Seconds beyond its deadline at which a turn has ended on a busy machine, the model library's loading included."""

FACT = "Water boils at 100 °C."

Cost = Literal["none", "unknown", "known"]


@dataclass(frozen=True)
class Case:
    """An agent step, and what it should come to. `asked` counts turns of models, `tools` tools that ran."""

    name: str
    models: tuple[str, ...]
    status: str = "succeeded"
    kind: str = ""
    asked: int = 1
    tools: int = 0
    cost: Cost = "unknown"
    priced: tuple[str, ...] = ()
    retry_after: float | None = None
    attempts: int = 1
    timeout: float = SECONDS
    agent: Mapping[str, Any] = field(default_factory=dict)
    fixtures: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Fault:
    """What a server does in place of an answer, the failure's class, and what is known of its cost."""

    fixture: Mapping[str, Any]
    kind: str
    cost: Cost = "none"
    retry_after: float | None = None
    hangs: bool = False


def _refused(status: int, kind: str, **more: Any) -> Fault:
    response = {"error": {"message": f"refused with {status}", "type": "error"}, "status": status, **more}
    return Fault({"response": response}, kind, retry_after=more.get("retryAfter"))


def _said(kind: str, cost: Cost, hangs: bool = False, **fixture: Any) -> Fault:
    long = {"content": "This answer is longer than one chunk, and is never told to its end."}
    return Fault({"response": long, **fixture}, kind, cost, hangs=hangs)


LOOK = {"toolCalls": [{"name": "file_read", "arguments": {"path": "facts.txt"}}]}
HALF = {"toolCalls": [{"name": "file_read", "arguments": '{"path": "fac'}]}

FAULTS: Mapping[str, Fault] = {
    "429 with Retry-After": _refused(429, "rate_limited", retryAfter=7),
    "500": _refused(500, "transient"),
    "503": _refused(503, "transient"),
    "529": _refused(529, "transient"),
    "400": _refused(400, "validation"),
    "401": _refused(401, "authentication"),
    "404": _refused(404, "dependency"),
    "malformed body": _said("transient", "unknown", chaos={"malformedRate": 1}),
    "disconnected": _said("transient", "unknown", chaos={"disconnectRate": 1}),
    "cut stream": _said("transient", "unknown", truncateAfterChunks=2),
    "cut tool call": _said("transient", "unknown", response=LOOK, truncateAfterChunks=2, chunkSize=4),
    "cut at the token limit": _said("agent", "known", response={"content": "Half of", "finishReason": "length"}),
    "tool call cut at the limit": _said("agent", "known", response={**LOOK, "finishReason": "length"}),
    "content filter": _said("agent", "known", response={"content": "I", "finishReason": "content_filter"}),
    "empty answer": _said("agent", "known", response={"content": ""}),
    "hang": _said("timeout", "unknown", hangs=True, streamingProfile={"ttft": 60_000, "tps": 10}),
    "stall in the stream": _said("timeout", "unknown", hangs=True, latency=60_000),
}

PLACES = ("first", "after a tool", "in the understudy")


def aimock_cases() -> Iterator[Case]:
    """What the server of npm is asked, with the fixtures that make it do so. Each case has models of its own."""

    def fixture(model: str, response: Mapping[str, Any], **match: Any) -> Mapping[str, Any]:
        return {"match": {"model": model, **match}, "response": response}

    hello, looked = {"content": "Hello."}, {"content": "It boils."}
    done, before = {"hasToolResult": True}, {"hasToolResult": False}
    known: dict[str, Any] = {"cost": "known"}

    def case(name: str, *fixtures: Mapping[str, Any], priced: bool = True, **more: Any) -> Case:
        models = tuple(dict.fromkeys(f"openai/{each['match']['model']}" for each in fixtures))
        return Case(name, models, priced=models if priced else (), fixtures=fixtures, **more)

    yield case("answer", fixture("plain", hello), **known)
    yield case("answer of a model without a price", fixture("unpriced", hello), priced=False)
    uncounted = {"usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}}
    yield case("answer without a count", fixture("uncounted", {**hello, **uncounted}))
    found = {**done, "toolResultContains": FACT}
    yield case("tool", fixture("tool", LOOK, **before), fixture("tool", looked, **found), asked=2, tools=1, **known)
    two = {"toolCalls": [*LOOK["toolCalls"], {"name": "file_read", "arguments": {"path": "more.txt"}}]}
    yield case("two tools", fixture("two", two, **before), fixture("two", looked, **done), asked=2, tools=2, **known)
    half = (fixture("half", HALF, **before), fixture("half", looked, **done))
    yield case("broken tool arguments, then an answer", *half, asked=2, **known)
    busy = {"error": {"message": "Slow down", "type": "rate_limit_error"}, "status": 429, "retryAfter": 1}
    again = (fixture("again", busy, sequenceIndex=0), fixture("again", hello))
    yield case("429, then an answer", *again, asked=2, attempts=2, retry_after=1, **known)
    down = {"error": {"message": "down", "type": "server_error"}, "status": 503}
    yield case("503, then the next model", fixture("down", down), fixture("next", hello), asked=2, **known)
    for name, fault in FAULTS.items():
        for place in PLACES:
            yield _faulty(name, fault, place, down)


def _faulty(name: str, fault: Fault, place: str, down: Mapping[str, Any]) -> Case:
    model = f"{name} {place}".replace(" ", "-").lower()
    first, match, cost, kind = (), {"model": model}, fault.cost, fault.kind
    models: tuple[str, ...] = (model,)
    if place == "after a tool":
        first = ({"match": {**match, "hasToolResult": False}, "response": LOOK},)
        match = {**match, "hasToolResult": True}
        cost = "known" if cost == "none" else cost
    elif place == "in the understudy":
        models = (f"{model}-before", model)
        first = ({"match": {"model": models[0]}, "response": down},)
        kind = "transient"  # of several models' failures, the class that a retry may cure
    models = tuple(f"openai/{each}" for each in models)
    return Case(
        f"{name}, {place}",
        models,
        "failed",
        kind,
        asked=1 + (place != "first"),
        tools=int(place == "after a tool"),
        cost=cost,
        priced=models,
        retry_after=fault.retry_after,
        timeout=SHORT if fault.hangs else SECONDS,
        fixtures=(*first, {**fault.fixture, "match": match}),
    )


def mock_ai_api_cases() -> Iterator[Case]:
    """What the server of PyPI is asked, of OpenAI's kind and of Anthropic's."""
    of = {"OpenAI's": "openai/some:mock-", "Anthropic's": "anthropic/some:mock-"}
    statuses = {400: "validation", 401: "authentication", 429: "rate_limited", 500: "transient", 503: "transient"}
    for whose, model in of.items():
        answer = (f"{model}text",)
        yield Case(f"{whose}: answer", answer, cost="known", priced=answer)
        yield Case(f"{whose}: answer of a model without a price", answer)
        yield Case(f"{whose}: slow stream", (f"{model}delay",))
        # It never does anything else than to ask for a tool that the agent has not.
        wants = {"max_turns": 3}
        yield Case(f"{whose}: a tool there is not", (f"{model}tool-stream",), "failed", "agent", asked=3, agent=wants)
        for status, kind in statuses.items():
            yield Case(f"{whose}: {status}", (f"{model}{status}",), "failed", kind, cost="none")
        yield Case(f"{whose}: 503, then the next model", (f"{model}503", *answer), asked=2)
    yield Case("Anthropic's: error in the stream", ("anthropic/some:mock-stream-error",), "failed", "transient")


def violations(case: Case, events: Sequence[Mapping[str, Any]], shown: Mapping[str, Any]) -> list[str]:
    """What the journal of a run of the case has that it should not have, or has not that it should."""
    found: list[str] = []

    def check(what: str, is_: object, should: object) -> None:
        if is_ != should:
            found.append(f"{what}: {is_!r} instead of {should!r}")

    steps = [event for event in events if event["event"] == "StepFinished"]
    runs = [event["status"] for event in events if event["event"] == "RunFinished"]
    check("the run's ends", runs, [case.status])
    check("the step's ends", [step["status"] for step in steps], [case.status])
    check("the failure's class", "".join((step["failure"] or {}).get("kind", "") for step in steps), case.kind)
    started = [event for event in events if event["event"] == "CallStarted"]
    ended = [event for event in events if event["event"] in ENDS]
    check("calls without an end", len(started) - len(ended), 0)
    tools = [end for end in ended if "/tool" in end["key"] and not (end.get("output") or {}).get("misuse")]
    turns = [event for event in started if "/tool" not in event["key"]]
    check("tools that ran", len(tools), case.tools)
    check("turns asked for", len(turns), case.asked)
    check("attempts", sum(event["event"] == "AttemptStarted" for event in events), case.attempts)
    waits = [e["failure"]["retry_after"] for e in events if e["event"] == "CallFailed" and e["failure"]["retry_after"]]
    check("Retry-After", waits, [] if case.retry_after is None else [case.retry_after])
    late = [seconds for seconds in turn_times(events) if seconds > case.timeout + SLACK]
    check(f"turns that took longer than {case.timeout} s", late, [])
    for end in ended:
        usage = end["usage"] or {}
        if usage.get("cost_usd") == 0 or (usage.get("tokens_out") is None and usage.get("cost_usd") is not None):
            found.append(f"{end['key']} has a cost that nobody counted: {usage}")
    check("the cost", cost_of(shown.get("spent")), case.cost)
    return found


ENDS = ("CallFinished", "CallFailed")


def turn_times(events: Sequence[Mapping[str, Any]]) -> list[float]:
    """Seconds that each turn of a model took, as the journal has it."""
    began: dict[str, datetime] = {}
    times: list[float] = []
    for event in events:
        if event["event"] == "CallStarted":
            began[event["key"]] = datetime.fromisoformat(event["at"])
        elif event["event"] in ENDS and "/tool" not in event["key"]:
            times.append((datetime.fromisoformat(event["at"]) - began[event["key"]]).total_seconds())
    return times


def cost_of(spent: Mapping[str, Any] | None) -> str:
    """What is said of a run's cost: none, unknown, known, or zero, which nothing here costs."""
    if spent is None:
        return "none"
    if not spent["cost_known"]:
        return "unknown"
    return "none" if spent["cost_usd"] is None else "known" if spent["cost_usd"] > 0 else "zero"
