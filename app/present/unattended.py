"""What a plan says of a run that nobody attends: who is told, how long is waited, and what no answer means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from app.present.figures import duration, plural
from workflows.planning.plan import Unattended
from workflows.text import one_line
from workflows.values import Json

if TYPE_CHECKING:
    from workflows.diagnostics import Diagnostic

REASONS = ("approval", "question", "intervention", "unknown", "budget", "changed")


def unattended_lines(said: Unattended | None, found: Sequence[Diagnostic]) -> Iterator[str]:
    """Whether it can run with nobody there, and how."""
    if found:
        places = ", ".join(dict.fromkeys(f"line {each.line}" for each in found))
        what = f"it may wait for a person in {plural(len(found), 'place')}: {places}"
        yield one_line(f"unattended: {what}; `understudy validate --unattended` says what to write", 300)
    elif said is None:
        yield "unattended: it never waits for a person"
    else:
        choices = ", ".join(f"{reason} {word.replace('_', ' ')}" for reason, word in _words(said))
        yield one_line(f"unattended: {said.channel} is told, and after {duration(said.timeout)}: {choices}", 300)


def unattended_document(said: Unattended | None, found: Sequence[Diagnostic]) -> Json:
    """The same as data."""
    from workflows.diagnostics import to_json

    silence: Json = None
    if said is not None:
        silence = {"channel": said.channel, "timeout": said.timeout, "default": dict(_words(said))}
    return {"proven": not found, "waits": [to_json(each) for each in found], "silence": silence}


def _words(said: Unattended) -> Iterator[tuple[str, str]]:
    for reason in REASONS:
        if word := getattr(said, reason):
            yield reason, word
