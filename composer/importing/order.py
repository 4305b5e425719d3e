"""What steps of a document come after, and under which condition: `needs` and `when` of ours."""

from __future__ import annotations

from graphlib import CycleError

from composer.importing.guards import conditions
from composer.importing.parts import At
from composer.importing.steps import Converter, Data, Source
from workflows.source import Report


def check_ids(sources: list[Source], report: Report) -> None:
    first: dict[str, Source] = {}
    for source in sources:
        other = first.setdefault(source.name, source)
        if other is not source:
            hint = f"it stands in line {other.id.node.mark.line} already"
            report(source.id.node, "duplicate-id", f"the id '{source.name}' is given twice", hint)


def guard(sources: list[Source], steps: list[Data], converter: Converter, silent: list[Source], word: str) -> None:
    """Add `needs` and `when`, and say what the document leaves open."""
    after = {source.name: [str(each.value) for each in source.after] for source in sources}
    within = {each.name: source.name for source in sources for each in source.all()}
    try:
        guards = conditions(converter.targets, after, within)
    except CycleError as error:
        _report_circle(sources, error.args[1], converter.report, word)
        return
    for source, step in zip(sources, steps, strict=True):
        if source.after:
            step["needs"] = source.after
        targets = [target for target in converter.targets if target.step == source.name]
        node = targets[0].node if targets else source.id.node
        if condition := guards.get(source.name):
            step["when"] = At(condition, node)
        elif source in silent and any(after.values()):
            message = f"'{source.name}' depends on nothing: it starts at once, beside the others"
            converter.report(source.id.node, "look-at-this", message, f"give it a {word}", warning=True)
        for target in targets:
            if condition and target.conditional not in after[source.name]:
                message = f"'{source.name}' is done only where '{target.conditional}' chooses it"
                hint = "take its 'when' out where it is to follow both branches"
                converter.report(target.node, "look-at-this", message, hint, warning=True)


def _report_circle(sources: list[Source], names: list[str], report: Report, word: str) -> None:
    """Say so at the first of the steps that wait for each other."""
    circle = names[:0:-1]
    first = next(source for source in sources if source.name in circle)
    place = circle.index(first.name)
    way = " → ".join([*circle[place:], *circle[:place], first.name])
    hint = f"take a {word} or a branch out"
    report(first.id.node, "cycle", f"these steps wait for each other: {way}", hint)
