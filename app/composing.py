"""Drafts of this place: from a request to a draft that was read, checked and planned. Nothing runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.drafts import candidates, plan_of, read_draft
from composer.draft import Draft, draft
from composer.evaluation.judge import Answer, Drafter
from composer.search import Match, search
from workflows.errors import UnderstudyError

if TYPE_CHECKING:
    from app.desk import Desk
    from composer.search import Candidate


def drafter(desk: Desk, model: str | None = None) -> Callable[[], Drafter]:
    """Makes what drafts for one request after the other. Raises UnderstudyError for a model, with which none does yet.

    What can be named here is read once.
    """
    if model is not None:
        raise UnderstudyError("Drafts are made without a model here.", "Leave --model out.")
    known = candidates(desk.workflows())
    return lambda: DraftsHere(desk, known)


class DraftsHere:
    """Drafts for an evaluation, from what can be named here, without a model. It has no conversation."""

    def __init__(self, desk: Desk, known: Sequence[Candidate]) -> None:
        self._desk = desk
        self._known = known

    async def start(self, text: str) -> Answer:
        matches = search(text, self._known)
        return self._answer(draft(text, matches, self._desk.services.paths.root), matches)

    async def say(self, text: str) -> Answer:
        return Answer(False, problem="nothing can be said of a draft here")

    def _answer(self, found: Draft, matches: Sequence[Match]) -> Answer:
        kinds = tuple(match.candidate.name for match in matches)
        if not found.text:
            return Answer(False, kinds, questions=len(found.questions), messages=1, usd=found.usd)
        file = read_draft(self._desk, "draft", found.text)
        problem = "\n".join(diagnostic.message for diagnostic in file.errors)
        if file.workflow is not None and not problem:
            try:
                plan_of(self._desk, file.workflow)
            except UnderstudyError as error:
                problem = error.message
        return Answer(
            True,
            kinds,
            found.text,
            file.workflow,
            found.parameters,
            problem,
            len(found.questions),
            len(found.notes) + len(found.assumed),
            found.usd,
        )
