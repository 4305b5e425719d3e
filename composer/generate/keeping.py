"""What a person had, and a model's new draft must have too: gates, ways back, limits. Only people take away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from composer.constraints import read_constraints
from composer.constraints.money import Money
from composer.constraints.starting import Starting
from composer.conversation import vocabulary as v
from composer.conversation.said import folded
from workflows.definition.model import Step, Workflow
from workflows.definition.outline import outline
from workflows.parts import data_of

_PUT_BACK = re.compile(r"undo|roll|restor|revert|put .* back|rueckgaengig|ruckgangig|deshac|annul|desfaz")


def weakened(before: Workflow, after: Workflow, given: str) -> Iterator[str]:
    """What the person had and the new draft has not. `given` is what was said this time."""
    was = {placed.step.id: placed.step for placed in outline(before).placed}
    now = {placed.step.id: placed.step for placed in outline(after).placed}
    words = folded(given)
    for id_, step in was.items():
        other = now.get(id_)
        if other is not None:
            yield from _of_step(step, other, words)
        elif _is_gate(step) and not (re.search(v.REMOVE, words) and _names(words, id_)):
            yield f"the gate of '{id_}' is gone: it stays unless the person takes it out"
    yield from _order(was, now)
    if before.rollback is not None and after.rollback is None and not re.search(v.REMOVE, words):
        yield "its `rollback` is gone"
    rolls_back = [any(each.action == "rollback" for each in one.error_handlers) for one in (before, after)]
    if rolls_back == [True, False] and not re.search(v.REMOVE, words):
        yield "it no longer rolls back when a step fails"
    yield from _money(before, after, given)


def _of_step(step: Step, other: Step, words: str) -> Iterator[str]:
    if step.irreversible and not other.irreversible:
        yield f"step '{step.id}' is no longer `irreversible`: it still is"
    if step.approve and not (other.approve or other.irreversible):
        yield f"step '{step.id}' no longer has `approve: before`"
    if step.type == "approval":
        gate, new = data_of(step.fields), data_of(other.fields)
        if other.type != "approval":
            yield f"step '{step.id}' is no gate any more"
        elif new.get("default") == "approve" != gate.get("default"):
            yield f"the gate of '{step.id}' opens by itself now"
        elif other.when != step.when or other.on_failure != step.on_failure:
            yield f"the gate of '{step.id}' can be gone past now: its `when` and `on_failure` stay as they are"
    for key in ("undo", "verify"):
        one, new_one = getattr(step, key), getattr(other, key)
        if one is not None and new_one is None:
            yield f"step '{step.id}' no longer has `{key}`"
        elif one is not None and one != new_one and other.type == step.type and not _PUT_BACK.search(words):
            yield f"the `{key}` of step '{step.id}' is another one now, and nobody asked for that"


def _order(was: Mapping[str, Step], now: Mapping[str, Step]) -> Iterator[str]:
    """Gates that stand behind what they stood before."""
    old, new = list(was), list(now)
    for gate in (id_ for id_, step in was.items() if step.type == "approval" and id_ in now):
        for id_ in old[old.index(gate) + 1 :]:
            if id_ in now and new.index(id_) < new.index(gate):
                yield f"the gate '{gate}' stands behind '{id_}' now: it was before it"
                break


def _money(before: Workflow, after: Workflow, given: str) -> Iterator[str]:
    if before.budget is None:
        return
    allowed = [each.usd for each in read_constraints(given) if isinstance(each, Money)]
    if after.budget is None:
        yield f"the budget of ${before.budget.usd:g} is gone"
    elif after.budget.usd > before.budget.usd and after.budget.usd not in allowed:
        yield f"the budget went from ${before.budget.usd:g} to ${after.budget.usd:g}"


def unasked_start(before: Workflow | None, after: Workflow, given: str) -> Iterator[str]:
    """A schedule that nobody asked for: it would start by itself."""
    if not after.schedules or (before is not None and before.schedules == after.schedules):
        return
    if not any(isinstance(each, Starting) for each in read_constraints(given)):
        yield "it has a `schedule`, so it would start by itself; nobody asked for that"


def _is_gate(step: Step) -> bool:
    return bool(step.irreversible or step.approve or step.type == "approval")


def _names(words: str, id_: str) -> bool:
    spoken = re.escape(folded(id_.replace("_", " ")))
    return re.search(rf"(?<!\w)(?:{spoken}|{re.escape(id_)})(?!\w)", words) is not None
