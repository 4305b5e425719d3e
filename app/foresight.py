"""What a run would come to, as far as it can be told before: its files, where people may be needed, time and cost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING

from app.present.planned import asks, effect_of, every_step
from workflows.planning.plan import Plan, PlannedStep
from workflows.records import dataclass
from workflows.steps.kind import Catalogue
from workflows.values import Json

if TYPE_CHECKING:
    from app.estimate import Estimate
    from workflows.journal.figures import RunFigures

LATER = "(known when it runs)"

NEWEST = 20
"""Runs, the newest that succeeded, that time and cost are told from."""

_PARAMETER = re.compile(r"\$\{\{\s*parameters\.(\w+)\s*\}\}")

_SOURCES = frozenset({"source", "repo", "project", "folder", "cwd", "base", "releases", "input"})
"""Names of paths that a skill reads, though it writes others."""


@dataclass(frozen=True)
class Range:
    """The least, the usual (the median) and the most, of so many runs."""

    least: float
    usual: float
    most: float
    runs: int


@dataclass(frozen=True)
class Need:
    """Where a person may be needed, and why. `surely`: whenever the step comes to its turn."""

    step: str
    why: str
    surely: bool = False


@dataclass(frozen=True)
class Foreseen:
    """`seconds` is from the beginning to the end, waits for people included, `usd` what models cost; None where
    nobody knows. `usd_at_most` is of one call of each agent, None where a price is not known. `unset` are agents that
    no model is set for."""

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    seconds: Range | None = None
    usd: Range | None = None
    usd_at_most: float | None = None
    unset: tuple[str, ...] = ()


def foresee(
    plan: Plan, catalogue: Catalogue, parameters: Json, runs: Sequence[RunFigures], estimate: Estimate
) -> Foreseen:
    """What can be told of a plan. `runs` are earlier ones of this workflow, in the order they began."""
    every = every_step(plan)
    given = parameters if isinstance(parameters, Mapping) else {}
    files = [found for step in every.values() for found in _files(step, catalogue, given)]
    tools = (tool for step in every.values() for use in step.uses for tool in use.tools)
    good = [run for run in runs if run.status == "succeeded" and run.finished is not None][-NEWEST:]
    costs = [run.cost_usd or 0.0 for run in good if run.cost_known and not run.simulated]
    return Foreseen(
        tuple(dict.fromkeys(path for path, written in files if not written)),
        tuple(dict.fromkeys(path for path, written in files if written)),
        tuple(dict.fromkeys(tools)),
        tuple(_needs(every)),
        _range([run.finished - run.started for run in good if run.finished is not None]),
        _range(costs),
        None if estimate.unknown else estimate.usd,
        estimate.unset,
    )


def _range(values: Sequence[float]) -> Range | None:
    return Range(min(values), median(values), max(values), len(values)) if values else None


def _files(step: PlannedStep, catalogue: Catalogue, given: Mapping[str, Json]) -> Iterator[tuple[str, bool]]:
    """The paths that a step is given, and whether it writes there."""
    fields = step.fields if isinstance(step.fields, Mapping) else {}
    if step.kind == "agent":
        listed = fields.get("files")
        for path in listed if isinstance(listed, list) else ():
            yield _path(path, given), False
    entry = catalogue.find("skill", str(fields.get("skill"))) if step.kind == "skill" else None
    schema = entry.parameters if entry is not None else None
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    arguments = fields.get("parameters")
    if entry is None or not isinstance(properties, Mapping) or not isinstance(arguments, Mapping):
        return
    for name, about in properties.items():
        if not isinstance(about, Mapping) or arguments.get(name) is None:
            continue
        of_items = about.get("items")
        formats = (about.get("format"), of_items.get("format") if isinstance(of_items, Mapping) else None)
        if "path" not in formats:
            continue
        values = arguments[name]
        for value in values if isinstance(values, list) else (values,):
            yield _path(value, given), "writes" in entry.touches and name not in _SOURCES


def _path(value: Json, given: Mapping[str, Json]) -> str:
    if not isinstance(value, str) or "${{" not in value:
        return str(value)
    found = _PARAMETER.fullmatch(value.strip())
    known = given.get(found[1]) if found else None
    return known if isinstance(known, str) else LATER


def _needs(every: Mapping[str, PlannedStep]) -> Iterator[Need]:
    for path, step in every.items():
        if asks(step):
            yield Need(path, "before it acts" if step.approve else "it asks", surely=True)
        for use in step.uses:
            if use.asks:
                yield Need(path, f"{use.name} may ask about {', '.join(use.asks)}")
        if effect_of(step) == "unsafe" and step.verify is None:
            yield Need(path, "where nobody knows whether it happened")
        # What is done about a failure, or at the end, is asked about by nobody.
        works = not re.search(r"~|(?:rollback|finally|handler\d+):", path) and not step.holds_steps
        if works and step.on_failure in ("", "ask") and step.kind != "approval":
            yield Need(path, "where it fails and somebody is there")
