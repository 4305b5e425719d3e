"""What can be copied of a step, or of a run: each with its key, its name and the text itself. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator

from app.present.acts import act_words
from app.present.inquiry import Card
from app.present.tools import is_act
from workflows.errors import Failure
from workflows.records import dataclass
from workflows.runs.state import RunState, StepState
from workflows.secrets import hide, shown
from workflows.text import one_line, safe_text
from workflows.values import Json


@dataclass(frozen=True)
class Copy:
    """`name` is what a notice calls it. An empty `text` cannot be copied, and `why_not` says so."""

    key: str
    name: str
    text: str
    why_not: str = ""

    @property
    def beginning(self) -> str:
        return one_line(self.text.strip(), 100)


def copies_of(state: RunState, step: StepState | None, card: Card | None, view: str) -> Iterator[Copy]:
    """All that there is to copy where somebody looks at this step, or at the whole run. `view` is what they see."""
    failure = step.failure or (step.last.failure if step.last else None) if step else state.failure
    output = copied(step.output) if step else copied(state.outputs)
    yield Copy("o", "the output", output or view, "there is none yet")
    yield Copy("i", "the input", copied(step.input if step else state.parameters), "it has none yet")
    yield Copy("e", "the error", failure_text(failure), "nothing failed here")
    if card is not None:
        yield Copy("g", "what is asked", "\n".join([card.what, *([card.body] if card.body else [])]))
    command = command_of(state, step)
    yield Copy("c", "the command", command, "it calls nothing that has one")
    yield Copy("l", "the command line for this", cli_of(state, step, card))
    yield Copy("r", "the run's id", state.run_id)
    if step is not None:
        yield Copy("s", "the step's address", step.id)


def copied(value: Json) -> str:
    """A value as it is pasted: a text, or an agent's, as it was written, all else as JSON. Clean, its secrets named."""
    value = hide(value)
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        value = value["text"]
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return safe_text(text, max_line=None)


def failure_text(failure: Failure | None) -> str:
    """A failure with its class, what to do next, and its details."""
    if failure is None:
        return ""
    lines = [failure.message, f"class: {failure.kind}" + (f" ({failure.name})" if failure.name else "")]
    lines += [f"hint: {failure.hint}"] if failure.hint else []
    lines += [copied(failure.detail)] if failure.detail is not None else []
    return safe_text(shown("\n".join(lines)), max_line=None)


def command_of(state: RunState, step: StepState | None) -> str:
    """The program that a step starts, or what it called last, as it would be typed."""
    if step is None:
        return ""
    given = hide(step.input if step.started is not None else step.planned.fields)
    parameters = given.get("parameters") if isinstance(given, dict) else None
    if isinstance(parameters, dict):
        words = parameters.get("argv")
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            return safe_text(shlex.join(words), max_line=None)
    last = next((call for call in reversed(tuple(step.calls.values())) if is_act(call)), None)
    return safe_text(shown(act_words(hide(last.spec)))) if last is not None else ""


def cli_of(state: RunState, step: StepState | None, card: Card | None) -> str:
    """What does the same on the command line: answers what waits, goes on with a run, or tells of it."""
    if card is not None and card.choices:
        return "\n".join(choice.command for choice in card.choices)
    return f"understudy show {state.run_id}" + (" --details" if step is not None else "")
