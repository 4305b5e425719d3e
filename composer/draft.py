"""From a request to a draft: the workflow that fits, its parameters as far as the request says, what is missing."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from composer.intent import Filled, fill
from composer.patch import patched
from composer.search import FITS, Match
from workflows.definition.dump import dump
from workflows.definition.parameters import Parameter, bind
from workflows.parts import changed
from workflows.records import dataclass
from workflows.values import Json, canonical


@dataclass(frozen=True)
class Draft:
    """What a request came to. `match` is None where nothing fits well enough; `closest` are then the nearest."""

    request: str
    match: Match | None
    filled: tuple[Filled, ...] = ()
    missing: tuple[Parameter, ...] = ()
    closest: tuple[Match, ...] = ()

    @property
    def parameters(self) -> dict[str, Json]:
        return {filled.name: filled.value for filled in self.filled}

    @property
    def command(self) -> str:
        """The command that runs the draft, with a place for each value that is missing."""
        if self.match is None:
            return ""
        words = ["understudy", "run", self.match.candidate.name]
        for filled in self.filled:
            value = filled.value if isinstance(filled.value, str) else canonical(filled.value)
            words += ["--input", shlex.quote(f"{filled.name}={value}")]
        for parameter in self.missing:
            words += ["--input", f"{parameter.name}=…"]
        return " ".join(words)


def draft(request: str, matches: Sequence[Match], root: Path) -> Draft:
    """The draft of a request, from what `search` found. Nothing runs, and nothing is made up."""
    best = matches[0] if matches and matches[0].score >= FITS else None
    if best is None:
        return Draft(request, None, closest=tuple(matches[:3]))
    return draft_from(request, best, root, tuple(matches[1:4]))


def draft_from(request: str, best: Match, root: Path, others: tuple[Match, ...] = ()) -> Draft:
    """The draft of a request from the workflow that somebody chose for it, however well it fits."""
    parameters = best.candidate.workflow.parameters
    filled = fill(request, parameters, root)
    names = {entry.name for entry in filled}
    missing = tuple(
        parameter
        for parameter in parameters
        if parameter.required and parameter.default is None and parameter.name not in names
    )
    return Draft(request, best, filled, missing, others)


def filled_text(found: Draft) -> str:
    """The YAML of a draft, with what was filled as defaults. Raises UnderstudyError for ill-typed values.

    It is the found workflow's own text, where that can be filled as it stands.
    """
    assert found.match is not None, "there is a workflow to fill"
    workflow = found.match.candidate.workflow
    if not found.filled:
        return found.match.candidate.text
    values = found.parameters
    declared = tuple(parameter for parameter in workflow.parameters if parameter.name in values)
    typed = bind([changed(parameter, required=False) for parameter in declared], values)
    parameters = tuple(
        changed(parameter, required=False, default=typed[parameter.name]) if parameter.name in typed else parameter
        for parameter in workflow.parameters
    )
    # What is made from a template is a workflow of its own, and offered to nobody else's request.
    if (text := patched(found.match.candidate.text, typed)) is not None:
        return text
    return dump(changed(workflow, parameters=parameters, template=None))
