"""From a request to a draft: the workflow that fits, its parameters as far as the request says, what is missing."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from composer.constraints import hold, read_constraints
from composer.demands import Demand
from composer.intent import Filled, fill
from composer.patch import patched, untagged
from composer.search import FITS, Match
from workflows.definition.dump import dump
from workflows.definition.model import Workflow
from workflows.definition.parameters import Parameter, bind
from workflows.errors import UnderstudyError
from workflows.parts import changed
from workflows.records import dataclass
from workflows.values import Json, canonical

Origin = Literal["template", "assembled", "model"]
"""Where a draft comes from: a workflow that is there, the skills that are there, or a model."""


@dataclass(frozen=True)
class Here:
    """What a draft is made for: how a workflow's text is read here, and the channels by which people are told.

    `parse` gives None for a text with an error. Without it demands are read, and nothing is done about them.
    """

    parse: Callable[[str], Workflow | None] | None = None
    channels: frozenset[str] = frozenset({"terminal", "desktop"})


HERE = Here()


@dataclass(frozen=True)
class Draft:
    """What a request came to. Where nothing fits well enough `text` is empty and `closest` are the nearest.

    `text` is the workflow's YAML, with what was filled and what was demanded in it. `match` is the workflow that it
    was made from, None where it was made from none. `missing` are parameters that a run would need. `assumed` is what
    was taken for granted, `notes` what a person should know, `questions` what should be asked (three at most).
    `usd` is what models cost, 0 where none was asked and None where nobody knows.
    """

    request: str
    match: Match | None
    filled: tuple[Filled, ...] = ()
    missing: tuple[Parameter, ...] = ()
    closest: tuple[Match, ...] = ()
    text: str = ""
    origin: Origin = "template"
    demands: tuple[Demand, ...] = ()
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    usd: float | None = 0.0

    @property
    def parameters(self) -> dict[str, Json]:
        return {filled.name: filled.value for filled in self.filled}

    @property
    def is_changed(self) -> bool:
        """Whether its text does more than give values to the parameters of the workflow that it was made from."""
        return any(demand.changed for demand in self.demands)

    @property
    def command(self) -> str:
        """The command that runs the draft, with a place for each value that is missing."""
        if self.match is None:
            return ""
        name = self.match.candidate.name
        if self.is_changed:
            return f"understudy compose --continue --save {name} && understudy run {name}"
        words = ["understudy", "run", name]
        for filled in self.filled:
            value = filled.value if isinstance(filled.value, str) else canonical(filled.value)
            words += ["--input", shlex.quote(f"{filled.name}={value}")]
        for parameter in self.missing:
            words += ["--input", f"{parameter.name}=…"]
        return " ".join(words)


def draft(request: str, matches: Sequence[Match], root: Path, here: Here = HERE) -> Draft:
    """The draft of a request, from what `search` found. Nothing runs, and nothing is made up."""
    best = matches[0] if matches and matches[0].score >= FITS else None
    if best is None:
        return Draft(request, None, closest=tuple(matches[:3]), demands=_open_demands(request))
    return draft_from(request, best, root, tuple(matches[1:4]), here)


def draft_from(request: str, best: Match, root: Path, others: tuple[Match, ...] = (), here: Here = HERE) -> Draft:
    """The draft of a request from the workflow that somebody chose for it, however well it fits."""
    parameters = best.candidate.workflow.parameters
    filled = fill(request, parameters, root)
    names = {entry.name for entry in filled}
    missing = tuple(
        parameter
        for parameter in parameters
        if parameter.required and parameter.default is None and parameter.name not in names
    )
    found = Draft(request, best, filled, missing, others)
    try:
        found = replace(found, text=filled_text(found))
    except UnderstudyError as error:
        return replace(found, text=best.candidate.text, notes=(error.message,), demands=_open_demands(request))
    if here.parse is None:
        return replace(found, demands=_open_demands(request))
    held = hold(found.text, read_constraints(request), here.parse, found.parameters, here.channels)
    return replace(found, text=held.text, demands=held.demands, assumed=held.assumed)


def _open_demands(request: str) -> tuple[Demand, ...]:
    """What the request demands, for whoever drafts: nothing is done about it yet."""
    return tuple(
        Demand(each.said.words, each.means, False, "there is no draft that it could be put into")
        for each in read_constraints(request)
    )


def filled_text(found: Draft) -> str:
    """The YAML of a draft, with what was filled as defaults. Raises UnderstudyError for ill-typed values.

    It is the found workflow's own text, where that can be filled as it stands.
    """
    if found.match is None:
        return found.text
    workflow = found.match.candidate.workflow
    if not found.filled:
        return untagged(found.match.candidate.text)
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
