"""Permission rules and what was allowed in a run: as lines, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from app.present.figures import clock_time, timestamp
from skills.permissions.matching import alike
from skills.permissions.rules import Rule
from workflows.diagnostics import suggest, terminal_width
from workflows.runs.state import Permit, RunState
from workflows.text import one_line, safe_json
from workflows.values import Json

if TYPE_CHECKING:
    from app.steering import Steered

USUAL = "What no rule decides is allowed where it changes nothing and stays on this machine; all else is asked for."


def rule_lines(rules: Sequence[Rule], sandbox: str) -> Iterator[tuple[str, str]]:
    """A line for each rule, those that deny first, each with the role of its colour."""
    wide = max((terminal_width(rule.text) for rule in rules), default=0)
    for word, role in (("deny", "bad"), ("ask", "attention"), ("allow", "good")):
        for rule in rules:
            if rule.word == word:
                yield f"{word:<5}  {rule.text}{' ' * (wide - terminal_width(rule.text))}  {rule.source}", role
    yield USUAL if rules else f"There are no rules. {USUAL}", ""
    yield f"sandbox: {sandbox}", ""


def aimless(rules: Sequence[Rule], names: Sequence[str]) -> list[tuple[Rule, str]]:
    """Rules for no tool that is here, each with what may have been meant. A server's tools may come later."""
    return [
        (rule, suggest(rule.skill, names))
        for rule in rules
        if not rule.skill.startswith("mcp__") and not any(alike(name, rule.skill) for name in names)
    ]


def permit_lines(state: RunState) -> Iterator[tuple[str, str]]:
    """What was allowed in a run, with the numbers by which it is taken back."""
    yield "", ""
    if not state.permits:
        yield f"Nothing was allowed for the whole of run {state.run_id}.", ""
        return
    yield f"Allowed for the whole of run {state.run_id}:", "strong"
    for number, permit in enumerate(state.permits, 1):
        yield f"  {number}  {permit.pattern}  {permit_words(permit)}{_revoked(permit)}", ""
    if not state.over and any(permit.revoked is None for permit in state.permits):
        yield f"  next: understudy permissions revoke {state.run_id} NUMBER", ""


def permit_words(permit: Permit) -> str:
    """When it was allowed, and by whom."""
    return clock_time(permit.at) + (f" by {one_line(permit.by, 40)}" if permit.by else "")


def _revoked(permit: Permit) -> str:
    if permit.revoked is None:
        return ""
    by = f" by {one_line(permit.revoked_by, 40)}" if permit.revoked_by else ""
    return f", taken back {clock_time(permit.revoked)}{by}"


def revoked_line(steered: Steered, number: int) -> str:
    """What became of taking something back."""
    pattern = steered.state.permits[number - 1].pattern
    if steered.became == "so already":
        return f"{pattern} had been taken back before."
    if steered.became == "asked for":
        return f"The process that has run {steered.run_id} was asked to take back {pattern}, and has not said so yet."
    return f"{pattern} is taken back in run {steered.run_id}: it is asked for again."


def rules_document(rules: Sequence[Rule]) -> Json:
    """The rules as JSON."""
    return [{"rule": rule.text, "verdict": rule.word, "source": rule.source} for rule in rules]


def permits_document(state: RunState) -> Json:
    """What was allowed in a run, as JSON."""
    return safe_json(
        [
            {
                "number": number,
                "pattern": permit.pattern,
                "entry": permit.entry,
                "by": permit.by,
                "at": timestamp(permit.at),
                "revoked": None if permit.revoked is None else timestamp(permit.revoked),
                "revoked_by": permit.revoked_by,
            }
            for number, permit in enumerate(state.permits, 1)
        ]
    )
