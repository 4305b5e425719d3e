"""What models there are for agents, in a few lines: for the first screen, where none has been asked yet."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.detect import Finding

USABLE = ("untested", "ready")


def model_lines(findings: Sequence[Finding], chosen: str) -> list[str]:
    """The state in the first line, what was looked at below, and where nothing is chosen, what works without."""
    usable = [finding for finding in findings if finding.state in USABLE]
    if chosen:
        first = f"{chosen} (from the settings, not tested)"
    elif usable:
        first = "none chosen"
    else:
        first = "none ready"
    lines = [first, *(f"{finding.name}: {finding.words}" for finding in findings)]
    if chosen:
        return lines
    if usable:
        example = usable[0].models[0] if usable[0].models else f"{usable[0].name}/<model>"
        return [*lines, f"Choose one: UNDERSTUDY_MODEL={example}"]
    return [
        *lines,
        "Works now: all tools, templates, history, editing, validation",
        "Needs a model: agent steps with an AI; 7 keeps a key or sets up Ollama",
    ]
