"""What is typed of a step: `KEY=VALUE`, and where it is to stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from composer.edit import Place
    from workflows.definition.places import Path
    from workflows.values import Json


def read_path(text: str) -> Path:
    """`retry.max_attempts`, `branches.0.steps`. Raises click.UsageError."""
    parts = text.split(".")
    if not all(re.fullmatch(r"[\w-]+", part) for part in parts):
        raise click.UsageError(f"'{text}' is no name of a field, such as timeout or retry.max_attempts.")
    return tuple(int(part) if part.isdigit() else part for part in parts)


def read_settings(words: Sequence[str]) -> list[tuple[Path, Json]]:
    """`timeout=5m` and the like. Raises click.UsageError."""
    found = []
    for word in words:
        name, sign, value = word.partition("=")
        if not sign:
            raise click.UsageError(f"'{word}' is not KEY=VALUE, such as timeout=5m.")
        found.append((read_path(name), read_value(value)))
    return found


def read_value(text: str) -> Json:
    """A value as a file would have it: `5`, `true`, `[a, b]`, `{a: 1}`; what is none of these is a text."""
    from workflows.source import read, value_of

    inside = text.lstrip()[:1] in ("{", "[", '"', "'") and bool(text.strip())
    if not text or ("${{" in text and not inside):
        return text
    document, problems = read(text, ""), list[object]()
    if document.root is None:
        if inside:
            raise click.UsageError(f"{text} cannot be read as YAML: {document.diagnostics[0].message}.")
        return text
    value = value_of(document.root, lambda *given, **_: problems.append(given))
    return text if problems or (isinstance(value, (dict, list, str)) and not inside) else value


def place_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--before`, `--after`, `--stage` and `--inside`."""
    for option in (
        click.option("--inside", metavar="STEP", help="Last in a step that holds others, in `rollback` or `finally`."),
        click.option("--stage", metavar="NAME", help="Last in this stage."),
        click.option("--after", metavar="STEP", help="Behind this step."),
        click.option("--before", metavar="STEP", help="In front of this step."),
    ):
        command = option(command)
    return command


def read_place(before: str | None, after: str | None, stage: str | None, inside: str | None) -> Place:
    """The place that was named, at most one; else the end. Raises click.UsageError."""
    from composer.edit import After, AtEnd, Before, Inside

    if sum(each is not None for each in (before, after, stage, inside)) > 1:
        raise click.UsageError("Say one place: --before, --after, --stage or --inside.")
    if before is not None:
        return Before(before)
    if after is not None:
        return After(after)
    if inside in ("rollback", "finally"):
        return Inside((inside, "steps"))
    if inside is not None:
        step, *path = read_path(inside)
        return Inside(tuple(path) or ("steps",), str(step))
    return AtEnd(stage or "")
