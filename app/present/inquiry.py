"""What waits for a person, laid out: what, who, why, where, the body, and each choice with what it leads to.

Every text is cleaned here, so that what a tool or a model wrote cannot act on the terminal it is judged on.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from workflows.engine.choices import consequences
from workflows.runs.state import Inquiry, RunState
from workflows.secrets import hide, shown
from workflows.text import one_line, safe_text
from workflows.values import Json

_LABELS: Mapping[str, tuple[str, str]] = {
    "approve": ("a", "approve once"),
    "deny": ("d", "deny"),
    "retry": ("r", "retry"),
    "edit": ("e", "edit the input, then retry"),
    "skip": ("s", "skip"),
    "abort": ("x", "abort the run"),
    "happened": ("h", "it happened"),
    "again": ("g", "do it again"),
    "use_new": ("u", "use the new version"),
}

_REASONS: Mapping[str, str] = {
    "approval": "wants your approval",
    "question": "asks you",
    "intervention": "failed and waits for you",
    "unknown": "may have taken effect: only you can say",
    "changed": "has new code",
}

NEEDS_VALUE = frozenset({"edit", "happened"})
"""Choices that carry a JSON value: the new input, the output."""


@dataclass(frozen=True)
class Choice:
    """One way to answer. `name` is what is journalled, `key` the letter for it, `meaning` what it leads to."""

    name: str
    key: str
    label: str
    meaning: str
    command: str

    @property
    def needs_value(self) -> bool:
        return self.name in NEEDS_VALUE


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

    def offers(self, choice: str) -> bool:
        return any(offered.name == choice for offered in self.choices)


def present_inquiry(state: RunState, inquiry: Inquiry) -> Card:
    """The card of an entry of this run."""
    asked = inquiry.asked
    planned = state.steps[asked.step].planned
    performer = planned.performers[state.steps[asked.step].performer]
    meanings = consequences(state, inquiry)
    return Card(
        run=state.run_id,
        entry=asked.entry,
        step=asked.step,
        reason=asked.reason,
        headline=f"{one_line(planned.title, 80)} {_REASONS[asked.reason]}",
        what=one_line(shown(asked.title), 400),
        who=one_line(f"step {asked.step}" + (f", {planned.kind} {performer}" if performer else ""), 200),
        facts=tuple((one_line(key, 60), one_line(shown(text), 1000)) for key, text in asked.facts.items()),
        body=safe_text(shown(asked.body)).rstrip("\n"),
        language=asked.language,
        choices=tuple(_choice(state.run_id, asked.entry, name, meanings.get(name, "")) for name in asked.choices),
        digest=asked.digest,
        input=hide(state.steps[asked.step].input),
    )


def _choice(run: str, entry: str, name: str, meaning: str) -> Choice:
    key, label = _LABELS.get(name, ("", name))
    command = f"understudy answer {run} {shlex.quote(entry)} {shlex.quote(name)}"
    if name in NEEDS_VALUE:
        command += " --value JSON"
    return Choice(name, key, one_line(label, 60), one_line(meaning, 300), command)


def inquiry_lines(card: Card, *, most: int | None = None) -> list[str]:
    """The card as plain lines, the choices last and numbered. `most` limits the body's lines and says what is left out.

    What is approved must be seen whole, so a front end that asks shows the body without a limit.
    """
    lines = [f"‖ {card.headline}", f"  what   {card.what}", f"  who    {card.who}"]
    lines += [f"  {key:<6} {text}" for key, text in card.facts]
    body = card.body.split("\n") if card.body else []
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
