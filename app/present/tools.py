"""What a step did outside, call by call: the tool, who let it, what it was given and what it gave. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from app.present.acts import act_words
from app.present.figures import duration
from app.present.status import Badge, status_badge
from app.present.story import TOOL_FAILED
from app.present.values import value_text
from workflows.runs.state import Call, Inquiry, RunState, StepState
from workflows.secrets import hide, shown
from workflows.steps.context import OF_A_CALL
from workflows.text import one_line
from workflows.values import Json

MOST = 20_000
"""Characters of one result that are shown."""

ACTS = ("tool", "skill", "method", "channel")
"""What the spec of a call has that is no question to a model."""


def tools_text(state: RunState, step: StepState, attempt: int, now: float) -> str:
    """The calls of one try, in order; those that are set aside too."""
    calls = [call for call in step.calls.values() if call.attempt == attempt and is_act(call)]
    if not calls:
        if step.planned.holds_steps:
            return "It holds other steps: each of them has its own calls."
        return "No tool was used yet." if not step.over else "No tool was used."
    asked = {inquiry.asked.key: inquiry for inquiry in map(state.inquiries.__getitem__, step.inquiries)}
    blocks = [_block(call, asked.get(call.key.partition("@")[0] + OF_A_CALL), now) for call in calls]
    return "\n\n".join("\n".join(lines) for lines in blocks)


def is_act(call: Call) -> bool:
    """Whether a call does something, other than asking a model."""
    return isinstance(call.spec, dict) and any(name in call.spec for name in ACTS)


def done_before(step: StepState, attempt: int) -> Iterator[str]:
    """What a try did outside before it ended: calls that change something, and took effect or may have."""
    for call in step.calls.values():
        if (
            call.attempt == attempt
            and call.effect != "pure"
            and is_act(call)
            and call.status in ("succeeded", "unknown")
        ):
            doubt = " (nobody knows whether)" if call.status == "unknown" else ""
            yield f"{one_line(shown(act_words(hide(call.spec))), 120)}{doubt}"


def _block(call: Call, inquiry: Inquiry | None, now: float) -> Iterator[str]:
    spec = call.spec if isinstance(call.spec, dict) else {}
    name = next((spec[each] for each in ACTS if isinstance(spec.get(each), str)), "")
    took = duration((now if call.ended is None else call.ended) - call.started)
    set_aside = "  (set aside: it counts no more)" if "@" in call.key else ""
    yield f"{_badge(call)}  {one_line(name, 80)}  {call.key.partition('@')[0]}  {took}{set_aside}"
    yield f"  decision   {_decision(call, inquiry)}"
    if inquiry is not None and (why := inquiry.asked.facts.get("asked because")):
        rule = inquiry.asked.facts.get("rule from")
        yield f"  because    {one_line(shown(why), 200)}" + (f", rule from {one_line(rule, 120)}" if rule else "")
    yield f"  effect     {call.effect}"
    given = next((spec[each] for each in ("arguments", "parameters") if each in spec), None)
    if given is None:
        given = {key: value for key, value in spec.items() if key != "method"}
    if isinstance(given, dict) and isinstance(words := given.get("argv"), list) and all(map(_is_text, words)):
        given = {**given, "argv": shlex.join(words)}
    yield from _told("arguments", given)
    if call.failure is not None:
        yield from _told("failure", shown(call.failure.message))
    elif call.status != "started":
        yield from _told("result", _result(call.output))


def _badge(call: Call) -> Badge:
    answer = call.output if isinstance(call.output, dict) else {}
    if "declined" in answer or answer.get("misuse") is True:
        return Badge("↷", "not done", "quiet")
    if str(answer.get("text", "")).startswith(TOOL_FAILED):
        return status_badge("failed")
    return status_badge(call.status)


def _decision(call: Call, inquiry: Inquiry | None) -> str:
    answer = call.output if isinstance(call.output, dict) else {}
    if answer.get("misuse") is True:
        return "not made: the call cannot be"
    if inquiry is None:
        if "declined" in answer:
            return "refused by a rule"
        return one_line(call.allowed, 300) or "allowed without asking"
    if inquiry.answer is None:
        return "waits for you" if inquiry.open else "no longer asked"
    by = f" by {one_line(inquiry.answer.by, 40)}" if inquiry.answer.by else ""
    match inquiry.answer.choice:
        case "approve":
            return f"approved{by}, once"
        case "allow_pattern":
            return f"approved{by}, and {one_line(inquiry.asked.pattern, 120)} for this run"
    note = f": {one_line(inquiry.answer.note, 200)}" if inquiry.answer.note else ""
    return f"declined{by}{note}"


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _result(output: Json) -> Json:
    if isinstance(output, dict) and "misuse" in output and isinstance(output.get("text"), str):
        return output["text"]
    return output


def _told(word: str, value: Json) -> Iterator[str]:
    text = value_text(value, limit=MOST).rstrip("\n")
    if "\n" not in text and len(text) < 100:
        yield f"  {word:<10} {text or 'none'}"
        return
    yield f"  {word}"
    yield from (f"    {line}" for line in text.split("\n"))
