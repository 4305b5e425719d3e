"""A workflow, or what somebody asks about it, in plain words. No model is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from app.drafts import plan_of
from app.foresight import foresee
from app.named_workflows import Invalid, WorkflowFile
from app.present.foreseen import cost_told
from composer.conversation.said import Said, folded
from composer.evaluation.subject import subject_of
from composer.explain import Sentence, explain

if TYPE_CHECKING:
    from app.desk import Desk
    from workflows.journal.figures import RunFigures

_ASKS = re.compile(
    r"(?:and |so |but |und |y |et |e )?(?:what|whats|why|how|which|who|when|where|does|do|is|are|will|was|wie|warum|"
    r"wer|wann|wo|welche\w*|macht|que|cual\w*|como|cuanto|por que|quien|donde|quel\w*|comment|pourquoi|qui|combien|"
    r"qual|quanto|quem|o que)\b(?! about\b).*\?"
)
"""Questions, and no polite wishes ("can you …?"), of words as `folded` leaves them."""

_TROUBLE = re.compile(r"\b(?:wrong|fails?|failed|breaks?|errors?|schief|fehl\w*|fall[ae]\w*|echou\w*|falh\w*)\b")
_AFTERWARDS = re.compile(r"\bfails?\b|rolled back|tried up to|take.? over|may have happened")

_COSTS = re.compile(r"\b(?:costs?|price|expensive|kostet?|teuer|cuesta|coute|custa)\b")


def explained(desk: Desk, file: WorkflowFile, runs: Sequence[RunFigures] = ()) -> tuple[Sentence, ...]:
    """A workflow in plain words; `runs` are earlier ones of it. Raises Invalid where it has errors."""
    if file.workflow is None or file.errors:
        raise Invalid(file)
    plan = plan_of(desk, file.workflow)
    foreseen = foresee(plan, desk.services.catalogue, {}, runs, desk.estimate(plan))
    return explain(file.workflow, plan, cost_told(foreseen))


def answered(desk: Desk, file: WorkflowFile, said: str) -> tuple[Sentence, ...]:
    """What answers a question about a draft: the sentences about the steps that are meant, else all of them. Empty
    where nothing was asked. Raises Invalid where the draft has errors."""
    words = folded(said)
    if not _ASKS.fullmatch(words) or file.workflow is None:
        return ()
    whole = explained(desk, file)
    if _COSTS.search(words):
        return tuple(each for each in whole if each.text.startswith(("Cost:", "It may spend")))
    if _TROUBLE.search(words):
        return tuple(_trouble(whole)) or whole
    meant = Said(said, file.text, subject_of(file.workflow)).steps()
    return tuple(_about(whole, meant)) or whole


def _trouble(whole: Sequence[Sentence]) -> Iterator[Sentence]:
    """What is said of failures, below the step that it is said of."""
    heading: Sentence | None = None
    for each in whole:
        if re.match(r".*?\(?\w+\)?: ", each.text) and each.depth:
            heading = each
        elif _AFTERWARDS.search(each.text):
            if each.depth and heading is not None:
                yield Sentence(0, heading.text.partition(":")[0] + ":")
                heading = None
            yield Sentence(min(each.depth, 1), each.text)


def _about(whole: Sequence[Sentence], ids: Sequence[str]) -> list[Sentence]:
    """The sentences of these steps, and those below them."""
    found: list[Sentence] = []
    within: int | None = None
    for each in whole:
        if within is not None and each.depth <= within:
            within = None
        starts = any(re.match(rf"(?:.* \({re.escape(id_)}\)|{re.escape(id_)}): ", each.text) for id_ in ids)
        if within is None and starts:
            within = each.depth
        if within is not None:
            found.append(Sentence(each.depth - within, each.text))
    return found
