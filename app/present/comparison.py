"""Two runs compared: what they were given, did, decided, were told and gave; and where they first part. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from app.present.differences import Difference, differences
from workflows.errors import UnderstudyError
from workflows.records import dataclass
from workflows.runs.state import RunState, StepState
from workflows.runs.tree import stands, walk
from workflows.secrets import hide
from workflows.text import safe_json
from workflows.values import Json


@dataclass(frozen=True)
class Change:
    """What of a step or a run is another: its input, its output, how it ended, what was decided, who answered what."""

    what: str
    places: tuple[Difference, ...]


@dataclass(frozen=True)
class StepCompared:
    """A step that is not the same in both runs; `only` names the run that alone has it."""

    address: str
    only: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Two runs, and all that is not the same in them. Times and costs are no difference: no two runs have the same."""

    first: RunState
    second: RunState
    text: tuple[str, str] | None
    code: tuple[Change, ...]
    parameters: tuple[Difference, ...]
    steps: tuple[StepCompared, ...]
    ending: tuple[Change, ...]
    compared: int
    """How many steps were looked at."""

    @property
    def same(self) -> bool:
        return not (self.text or self.code or self.parameters or self.steps or self.ending)

    @property
    def parts_at(self) -> str:
        """Where they first part: the text, the inputs, or the address of a step, in the order of the workflow."""
        if self.parameters:
            return "the inputs"
        if self.steps:
            return self.steps[0].address
        return "the text" if self.text else "the code" if self.code else "the end" if self.ending else ""


def compare(first: RunState, second: RunState, at: str = "") -> Comparison:
    """The runs compared, or only the step `at` with all that belongs to it.

    Raises UnderstudyError where neither run has such a step.
    """
    order = _order(first, second)
    chosen = [address for address in order if not at or address == at or address.startswith(_inside(at))]
    if at and not chosen:
        from workflows.diagnostics import listed, suggest

        close = suggest(at, order)
        hint = f"{close[0].upper()}{close[1:]}" if close else f"They have: {listed(order)}."
        raise UnderstudyError(f"Neither run {first.run_id} nor run {second.run_id} has a step {at!r}.", hint)
    steps = tuple(found for address in chosen if (found := _step(first, second, address)) is not None)
    whole = not at
    return Comparison(
        first,
        second,
        (first.source, second.source) if whole and first.source != second.source else None,
        tuple(_code(first, second)) if whole else (),
        differences(_plain(first.parameters or {}), _plain(second.parameters or {})) if whole else (),
        steps,
        tuple(_ending(first, second)) if whole else (),
        len(chosen),
    )


def _inside(at: str) -> tuple[str, ...]:
    return tuple(f"{at}{joint}" for joint in ("[", ">", "~"))


def _order(first: RunState, second: RunState) -> list[str]:
    """The addresses of both runs as their trees are read; those of the second alone after what stands before them."""
    order = [step.id for _, step in walk(first) if stands(first, step)]
    known, before = {address: number for number, address in enumerate(order)}, -1
    ranked = [((number, 0), address) for number, address in enumerate(order)]
    for number, (_, step) in enumerate(walk(second), 1):
        if stands(second, step) and step.id not in known:
            ranked.append(((before, number), step.id))
        before = known.get(step.id, before)
    return [address for _, address in sorted(ranked)]


def _step(first: RunState, second: RunState, address: str) -> StepCompared | None:
    one, other = _standing(first, address), _standing(second, address)
    if one is None or other is None:
        # What never began is as good as not there.
        found, run = (one, first) if one is not None else (other, second)
        begun = found is not None and found.status not in ("pending", "blocked")
        return StepCompared(address, run.run_id) if begun else None
    changes = tuple(_changes(first, one, second, other))
    return StepCompared(address, changes=changes) if changes else None


def _standing(state: RunState, address: str) -> StepState | None:
    step = state.steps.get(address)
    return step if step is not None and stands(state, step) else None


def _changes(first: RunState, one: StepState, second: RunState, other: StepState) -> Iterator[Change]:
    pairs: list[tuple[str, Json, Json]] = [
        ("status", one.status, other.status),
        ("item", one.item, other.item),
        ("why", *((one.why, other.why) if "skipped" in (one.status, other.status) else ("", ""))),
        ("input", one.input, other.input),
        ("branch", _branch(one), _branch(other)),
    ]
    if not one.reused and not other.reused:
        # Of a step that was reused the other run has its tries and its answers.
        pairs += [
            ("tries", _tries(one), _tries(other)),
            ("handlers", [taken.action for taken in one.handled], [taken.action for taken in other.handled]),
            ("answers", _answers(first, one), _answers(second, other)),
        ]
    pairs.append(("failure", _failure(one), _failure(other)))
    pairs.append(("given by", _giver(one), _giver(other)))
    if not (_is_made_of_others(first, one) and _is_made_of_others(second, other)):
        pairs.append(("output", one.output, other.output))
    for what, before, after in pairs:
        places = differences(_plain(before), _plain(after)) if before != after else ()
        if places := tuple(place for place in places if what != "output" or not _is_a_time(place)):
            yield Change(what, places)


def _giver(step: StepState) -> Json:
    return (step.reused.by or None) if step.reused else None


def _is_made_of_others(state: RunState, step: StepState) -> bool:
    """Whether a step's output is put together from those of the steps it holds, which are compared themselves."""
    return step.planned.holds_steps and step.planned.child is None and step.id in state.scopes


def _is_a_time(place: Difference) -> bool:
    """Skills that measure how long they took say it as `seconds`."""
    return place.path.endswith(".seconds") and all(
        isinstance(each, int | float) for each in (place.before, place.after)
    )


def _branch(step: StepState) -> Json:
    """The condition of the branch that a decision took."""
    if step.planned.kind != "decision" or not isinstance(step.input, dict):
        return None
    taken = step.input.get("branch")
    if not isinstance(taken, int) or taken >= len(step.planned.inside):
        return "no branch"
    return step.planned.inside[taken].when or "the default"


def _tries(step: StepState) -> Json:
    """Who tried, and how it ended, where that is more than one try that succeeded. What a stop cut off is no try."""
    tries = [attempt for attempt in step.attempts if attempt.counts]
    told = [
        {"by": attempt.performer, "status": attempt.status, "class": attempt.failure.kind if attempt.failure else None}
        for attempt in tries
    ]
    return [] if len(tries) == 1 and tries[0].status == "succeeded" else told


def _answers(state: RunState, step: StepState) -> Json:
    """What people answered."""
    inquiries = (state.inquiries[entry] for entry in step.inquiries)
    return [
        {"asked": each.asked.reason, "choice": each.answer.choice, "value": each.answer.value, "note": each.answer.note}
        for each in inquiries
        if each.answer is not None
    ]


def _failure(step: StepState) -> Json:
    failure = step.failure if step.status not in ("succeeded", "skipped") else None
    return failure and {"class": failure.kind, "name": failure.name, "message": failure.message}


def _code(first: RunState, second: RunState) -> Iterator[Change]:
    for name in sorted({*first.digests, *second.digests}):
        pair = first.digests.get(name), second.digests.get(name)
        if None not in pair and pair[0] != pair[1]:
            before, after = ((digest or "")[:12] for digest in pair)
            yield Change(name, (Difference("", before, after),))


def _ending(first: RunState, second: RunState) -> Iterator[Change]:
    for what, before, after in (
        ("status", first.status, second.status),
        ("failure", first.failure and first.failure.message, second.failure and second.failure.message),
        ("outputs", first.outputs, second.outputs),
    ):
        if places := differences(_plain(before), _plain(after)):
            yield Change(what, places)


def _plain(value: Json) -> Json:
    """The value as people see it: secrets by their names, which are the same in every run."""
    return safe_json(hide(value))
