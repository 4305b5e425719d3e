"""What a draft uses, does outside, may cost and still needs, in lines: what a person looks at before it is saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from app.drafts import Lacking
from app.estimate import Estimate
from app.named_workflows import WorkflowFile
from app.present.figures import plural
from app.present.plan import cost_words
from app.present.planned import asks, channel_of, effect_of, every_step
from app.present.status import Role
from workflows.planning.plan import Plan, PlannedStep, Use
from workflows.text import one_line

Line = tuple[str, Role | None]
"""A line, and what its colour means; None for a heading."""

SHOWN = 12
"""Problems of a text that are listed here; the text itself has all."""


def check_lines(
    file: WorkflowFile, plan: Plan | None, estimate: Estimate | None, missing: Sequence[Lacking]
) -> Iterator[Line]:
    """All that is known of a draft before anything runs."""
    yield from _validity(file)
    if plan is None:
        return
    every = every_step(plan)
    yield "Tools and agents", None
    uses = list(_uses(every.values()))
    yield from uses or [("none", "quiet")]
    yield "Side effects", None
    effects = [line for path, step in every.items() for line in _effects(path, step)]
    yield from effects or [("none: it changes nothing outside", "good")]
    yield "Estimated cost", None
    yield (cost_words(plan, estimate) if estimate is not None else "not known yet"), "quiet"
    yield "Missing", None
    for each in dict.fromkeys(missing):
        yield ("! " if each.covered else "✗ ") + each.text, "warning" if each.covered else "bad"
    asked = [each.name for each in file.workflow.parameters if each.required] if file.workflow else []
    if asked:
        yield f"asked for before it runs: {', '.join(asked)}", "attention"
    if not missing and not asked:
        yield "nothing", "good"


def _validity(file: WorkflowFile) -> Iterator[Line]:
    errors, warnings = file.errors, [found for found in file.diagnostics if not found.is_error]
    yield "Validity", None
    if not errors:
        yield "✓ nothing is wrong with it" + (f", {plural(len(warnings), 'warning')}" if warnings else ""), "good"
    for found in (*errors, *warnings)[:SHOWN]:
        hint = f" · {found.hint}" if found.hint else ""
        text = f"{'✗' if found.is_error else '!'} line {found.line}: {found.message}{hint}"
        yield one_line(text, 300), "bad" if found.is_error else "warning"


def _uses(steps: Iterable[PlannedStep]) -> Iterator[Line]:
    found: dict[str, Use] = {use.reference: use for step in steps for use in step.uses}
    for use in found.values():
        parts = [f"{use.what} {use.name}", *use.models]
        parts += ["no AI"] if use.simulated else []
        parts += [f"touches {', '.join(use.touches)}"] if use.touches else []
        parts += [f"tools {', '.join(use.tools)}"] if use.tools else []
        parts += [f"may ask you about {', '.join(use.asks)}"] if use.asks else []
        yield one_line(" · ".join(parts), 300), "quiet"


def _effects(path: str, step: PlannedStep) -> Iterator[Line]:
    said = []
    if step.irreversible:
        said.append("cannot be undone")
    elif effect_of(step) == "unsafe":
        said.append("unsafe: not repeated where it may have happened")
    touches = {touch for use in step.uses for touch in use.touches} & {"writes", "network"}
    said += sorted(touches) if not said else []
    said += [f"host {', '.join(step.hosts)}"] if step.hosts else []
    said += [f"tells {channel}"] if (channel := channel_of(step)) else []
    if said:
        said += ["‖ you are asked before"] if asks(step) else []
        yield f"{path}: {' · '.join(said)}", "attention" if asks(step) else "warning"
