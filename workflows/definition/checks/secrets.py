"""A secret may only stand where a program sends it, and as it is: never in a prompt, on a screen, in a decision."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from workflows.definition.checks.expressions import Reading
from workflows.definition.checks.inside import FindingInside, spot
from workflows.definition.fields import IDENTIFIER
from workflows.definition.modifiers import Action
from workflows.definition.outline import Placed
from workflows.expressions import ROOTS, Reference, compile_text
from workflows.steps.kind import Finding

SENT: Mapping[str, frozenset[str]] = {
    "skill": frozenset({"parameters"}),
    "http": frozenset({"url", "headers", "body"}),
}
"""By kind, the fields that a program sends. What is put in there at the last moment stands in no record."""

_WHERE = "secrets belong into the parameters of a skill, and into url, headers and body of an http step"


def check_secrets(readings: Iterable[Reading]) -> Iterator[Finding]:
    for reading in readings:
        if reading.reference.root != "secrets":
            continue
        if harm := _harm(reading):
            offset, length = _place(reading.use.text, reading.reference)
            message = f"{_named(reading.reference)} cannot be read here: {harm}"
            yield FindingInside(reading.use.path, "secret-exposed", message, _WHERE, offset=offset, length=length)
        else:
            yield from _computed(reading)


def _harm(reading: Reading) -> str:
    """What would become of a secret in this place; empty where it is only sent."""
    placed, path = reading.placed, reading.use.path
    if reading.use.condition:
        return "it would decide, and history keeps what decides"
    if placed is not None:
        kind, field = _work(placed, path[len(placed.path) :])
        if field in SENT.get(kind, ()):
            return ""
        if (kind, field) == ("agent", "input"):
            return "it would be sent to a model"
    return "it would be shown and kept"


def _work(placed: Placed, inside: tuple[str | int, ...]) -> tuple[str, str]:
    """The kind that does the work, and which of its fields this is: of the step, or of what undoes or verifies it."""
    key = str(inside[0])
    if key in ("undo", "verify"):
        action = getattr(placed.step, key)
        return (action.type, str(inside[1])) if isinstance(action, Action) else ("", "")
    return (placed.step.type, key)


def _computed(reading: Reading) -> Iterator[Finding]:
    """Reads of this secret that do more than pass it on."""
    path = reading.reference.path
    named = len(path) == 1 and re.fullmatch(IDENTIFIER, str(path[0])) is not None
    text = reading.use.text
    # Whatever names this text may read, it was compiled with before.
    for expression in compile_text(text, roots={*ROOTS, *_own_roots(reading)}).expressions:
        if reading.reference not in expression.references or (named and expression.plain):
            continue
        offset, length = _place(expression.source, reading.reference)
        name = str(path[0]) if named else "NAME"
        hint = f"write ${{{{ secrets.{name} }}}}, in braces of its own; text may stand around them"
        message = f"{_named(reading.reference)} can only be passed on as it is"
        if not named:
            message = "a secret is read by its name alone, which is of letters, digits and _"
        yield FindingInside(
            reading.use.path, "secret-computed", message, hint, offset=expression.at + offset, length=length
        )


def _own_roots(reading: Reading) -> Iterator[str]:
    """The names of items that expressions of this step may read."""
    if reading.placed is not None:
        for step in (*reading.placed.inside, reading.placed.step):
            if step.foreach is not None:
                yield step.foreach.as_


def _named(reference: Reference) -> str:
    return f"the secret {reference.path[0]}" if reference.path else "a secret"


def _place(text: str, reference: Reference) -> tuple[int, int]:
    """Where `secrets.NAME` stands in the text, as offset and length."""
    start, length = spot(text, reference, -1)
    if reference.path:
        last, more = spot(text, reference, 0)
        if last > start:
            length = last + more - start
    return start, length
