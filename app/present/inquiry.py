"""What waits for a person, laid out: what, who, why, where, the body, and each choice with what it leads to.

Every text is cleaned here, so that what a tool or a model wrote cannot act on the terminal it is judged on.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from app.present.carried import carried
from app.present.figures import clock_time
from workflows.diagnostics import terminal_width
from workflows.engine.choices import consequences
from workflows.records import dataclass
from workflows.runs.state import Inquiry, RunState, StepState
from workflows.secrets import hide, shown
from workflows.text import one_line, safe_text
from workflows.values import Json, canonical

_LABELS: Mapping[str, tuple[str, str]] = {
    "approve": ("a", "approve"),
    "allow_pattern": ("p", "allow for this run"),
    "deny": ("d", "deny"),
    "retry": ("r", "retry"),
    "edit": ("e", "edit & retry"),
    "retry_from": ("f", "retry from"),
    "fallback": ("b", "let another one do it"),
    "output": ("o", "type output"),
    "skip": ("s", "skip"),
    "roll_back": ("U", "roll back"),
    "abort": ("x", "abort the run"),
    "answer": ("c", "answer"),
    "default": ("d", "take the default"),
    "happened": ("h", "it happened"),
    "again": ("g", "do it again"),
    "use_new": ("u", "use the new version"),
    "raise": ("m", "raise the budget"),
    "proceed": ("p", "make this one call"),
    "price": ("p", "say its price"),
}

_REASONS: Mapping[str, str] = {
    "approval": "wants your approval",
    "question": "asks you",
    "intervention": "failed and waits for you",
    "unknown": "may have taken effect: only you can say",
    "changed": "has new code",
    "budget": "needs more than the budget has",
}

_OF_A_GATE: Mapping[str, tuple[str, str]] = {"edit": ("e", "edit")}

WHY_NOT: Mapping[str, str] = {
    "edit": "nothing of its input can be edited",
    "retry_from": "no step before it was done",
    "fallback": "nobody else is named who could do it",
    "roll_back": "nothing would be undone",
}
"""Why a failed step does not offer a choice."""

LAPSED: Mapping[str, str] = {
    "late": "it fails",
    "default": "the default is taken",
    "approve": "it is approved",
    "abort": "the run is ended as failed",
    "skip": "the run goes on without it",
    "roll_back": "what was done is rolled back",
    "use_new": "the new version is used",
}
"""What no answer means; where nothing is said, that it is denied."""


@dataclass(frozen=True)
class Choice:
    """One way to answer. `name` is what is journalled, `key` the letter for it, `meaning` what it leads to."""

    name: str
    key: str
    label: str
    meaning: str
    command: str


@dataclass(frozen=True)
class Card:
    """An inbox entry, ready to show. All texts are clean, and secrets are only named in them.

    `facts` are label and text, one line each.
    """

    run: str
    entry: str
    step: str
    reason: str
    headline: str
    what: str
    who: str
    facts: tuple[tuple[str, str], ...]
    body: str
    language: str
    choices: tuple[Choice, ...]
    digest: str
    input: Json = None
    tool: str = ""
    """What an agent wants to use, where it is about that."""

    def offers(self, choice: str) -> bool:
        return any(offered.name == choice for offered in self.choices)


def present_inquiry(state: RunState, inquiry: Inquiry) -> Card:
    """The card of an entry of this run."""
    asked = inquiry.asked
    step = state.steps[asked.step]
    planned = step.planned
    performer = planned.performers[step.performer]
    return Card(
        run=state.run_id,
        entry=asked.entry,
        step=asked.step,
        reason=asked.reason,
        headline=f"{one_line(planned.title, 80)}{_places(asked.step)} {_REASONS[asked.reason]}",
        what=one_line(shown(asked.title), 400),
        who=one_line(f"step {asked.step}" + (f", {planned.kind} {performer}" if performer else ""), 200),
        facts=tuple((one_line(key, 60), one_line(shown(text), 1000)) for key, text in _facts(state, inquiry).items()),
        body=safe_text(shown(asked.body)).rstrip("\n"),
        language=asked.language,
        choices=tuple(_choices(state, inquiry)),
        digest=asked.digest,
        input=hide(step.input),
        tool=one_line(asked.tool, 200),
    )


def closed_by(state: RunState, entry: str, person: str) -> str:
    """Why an entry no longer waits; empty where it does, and where this person answered it themselves."""
    inquiry = state.inquiries[entry]
    if inquiry.voided:
        return f"this no longer counts: {one_line(shown(inquiry.voided), 200)}"
    if inquiry.answer is not None:
        if inquiry.answer.by == "default":
            return f"nobody answered in time, so {LAPSED.get(inquiry.asked.default, 'it is denied')}"
        other = inquiry.answer.by if inquiry.answer.by != person else ""
        return f"{one_line(other, 40)} answered: {_said_by_another(inquiry)}" if other else ""
    if state.over or state.steps[inquiry.asked.step].over:
        return "it waits for you no longer: the run was stopped"
    return ""


def _said_by_another(inquiry: Inquiry) -> str:
    answer = inquiry.answer
    assert answer is not None
    _, label = _LABELS.get(answer.choice, ("", answer.choice))
    return one_line(label, 60)


def item_of(state: RunState, step: StepState) -> tuple[StepState, Json] | None:
    """The item that a step is done for, itself or as a part of what is, and the step that stands for it."""
    while True:
        scope = state.scopes[step.scope]
        if scope.kind == "each":
            return step, step.item
        if not scope.owner:
            return None
        step = state.steps[scope.owner]


def item_text(item: Json, width: int = 60) -> str:
    """An item of a list on one line: of an object what it is called, where it says so."""
    item = hide(item)
    if isinstance(item, dict):
        named = (item[key] for key in ("name", "title", "id", "path") if isinstance(item.get(key), str) and item[key])
        item = next(named, item)
    return one_line(item if isinstance(item, str) else canonical(item), width)


def _places(address: str) -> str:
    """Which items an address is about, as they stand in it: ` [3]`."""
    found = re.findall(r"\[\d+\]", address)
    return f" {''.join(found)}" if found else ""


def _facts(state: RunState, inquiry: Inquiry) -> Mapping[str, str]:
    asked = inquiry.asked
    facts: dict[str, str] = {}
    if (found := item_of(state, state.steps[asked.step])) is not None and found[1] is not None:
        facts["item"] = found[1] if isinstance(found[1], str) else canonical(found[1])
    facts |= asked.facts
    if asked.until is not None:
        facts[f"no answer by {clock_time(asked.until)}"] = LAPSED.get(asked.default, "it is denied")
    return facts


def _choices(state: RunState, inquiry: Inquiry) -> Iterator[Choice]:
    asked, step = inquiry.asked, state.steps[inquiry.asked.step]
    meanings = consequences(state, inquiry)
    for name in asked.choices:
        key, label = _LABELS.get(name, ("", name))
        if asked.reason == "approval":
            key, label = _OF_A_GATE.get(name, (key, label))
        meaning = meanings.get(name, "")
        if name == "default" and isinstance(step.input, dict):
            meaning = f"go on with {shown(canonical(step.input.get('default')))}"
        command = f"understudy answer {state.run_id} {shlex.quote(asked.entry)} {shlex.quote(name)}"
        if (wanted := carried(state, inquiry, name)) is not None:
            command += f" --value {wanted.example}"
        yield Choice(name, key, one_line(label, 60), one_line(meaning, 300), one_line(command, 400))


def inquiry_lines(card: Card, *, most: int | None = None) -> list[str]:
    """The card as plain lines, the choices last and numbered. `most` limits the body's lines and says what is left out.

    What is approved must be seen whole, so a front end that asks shows the body without a limit.
    """
    facts = (("what", card.what), ("who", card.who), *card.facts)
    wide = max(6, *(terminal_width(key) for key, _ in facts))
    lines = [f"‖ {card.headline}", *(f"  {key}{' ' * (wide - terminal_width(key))} {text}" for key, text in facts)]
    body = card.body.split("\n") if card.body and card.body != card.what else []
    shown = body if most is None else body[:most]
    lines += [f"  │ {line}" for line in shown]
    if len(shown) < len(body):
        lines.append(f"  … {len(body) - len(shown)} more lines")
    lines += [f"  {number}  {choice.label}: {choice.meaning}" for number, choice in enumerate(card.choices, 1)]
    return lines


def inquiry_document(card: Card) -> Json:
    """The card as JSON, with the command of every choice."""
    return {
        "entry": card.entry,
        "step": card.step,
        "reason": card.reason,
        "title": card.what,
        "who": card.who,
        "facts": dict(card.facts),
        "body": card.body,
        "digest": card.digest,
        "choices": [{"choice": c.name, "leads_to": c.meaning, "command": c.command} for c in card.choices],
        "command": card.choices[0].command if card.choices else "",
    }
