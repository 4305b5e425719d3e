"""What the language has and the engine does not do yet. Whoever builds it deletes its line here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.definition.modifiers import Action
from workflows.definition.outline import Outline, Path
from workflows.steps.kind import Finding, StepKind

NOT_YET: Mapping[str, str] = {"budget": "a budget"}
"""Keys of the workflow, and what each would be."""

HINT = "take it out to run the workflow now"


def check_runnable(outline: Outline, kinds: Mapping[str, StepKind]) -> Iterator[Finding]:
    for key, what in NOT_YET.items():
        if getattr(outline.workflow, key) is not None:
            yield _finding((key,), what)
    for placed in outline.placed:
        works: list[tuple[Path, str]] = [(placed.path, placed.step.type)]
        for key in ("undo", "verify"):
            action = getattr(placed.step, key)
            if isinstance(action, Action):
                works.append(((*placed.path, key), action.type))
        for path, type_ in works:
            if type_ in kinds and not kinds[type_].runnable:
                yield _finding((*path, "type"), f"steps of the kind '{type_}'")


def _finding(path: Path, what: str) -> Finding:
    return Finding(path, "not-runnable-yet", f"not runnable yet: {what}", HINT)
