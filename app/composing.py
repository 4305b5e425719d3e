"""Drafts for an evaluation: as `understudy compose` makes them, read, checked and planned. Nothing runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.drafting import Composer, Wishes, version_of
from app.drafts import plan_of, read_draft
from composer.draft import Draft
from composer.evaluation.judge import Answer, Drafter
from composer.versions import Version
from workflows.errors import UnderstudyError

if TYPE_CHECKING:
    from app.desk import Desk
    from app.named_workflows import WorkflowFile


def drafter(desk: Desk, model: str | None = None) -> Callable[[], Drafter]:
    """Makes what drafts for one request after the other, with a model or without."""
    composer = Composer(desk, Wishes(model or "", no_model=model is None))
    return lambda: DraftsHere(desk, composer)


class Silent:
    """Listens to how a model goes about it, and says nothing."""

    def asking(self, model: str, round_: int, most_usd: float | None) -> None: ...

    def text(self, delta: str) -> None: ...

    def judged(self, problems: Sequence[str]) -> None: ...


class DraftsHere:
    """One draft, and what is said of it."""

    def __init__(self, desk: Desk, composer: Composer) -> None:
        self._desk = desk
        self._composer = composer
        self._versions: list[Version] = []

    async def start(self, text: str) -> Answer:
        found = await self._composer.draft(text, Silent())
        matches = (*((found.match,) if found.match else ()), *found.closest)
        kinds = tuple(match.candidate.name for match in matches)
        if not found.text:
            return Answer(False, kinds, questions=len(found.questions), messages=1, usd=found.usd)
        file = read_draft(self._desk, "draft", found.text)
        self._versions = [version_of(found, file.workflow)]
        return Answer(
            True,
            kinds,
            found.text,
            file.workflow,
            found.parameters,
            self._problem(file),
            len(found.questions),
            len(found.notes) + len(found.assumed) + _unheld(found),
            found.usd,
        )

    async def say(self, text: str) -> Answer:
        if not self._versions:
            return Answer(False, problem="there is no draft to say anything of")
        turned = await self._composer.turn(self._versions[-1], text, Silent())
        if turned.version is not None:
            self._versions.append(turned.version)
        elif turned.back is not None:
            del self._versions[max(1, len(self._versions) - max(turned.back, 1)) :]
        now = self._versions[-1]
        file = read_draft(self._desk, "draft", now.text)
        told = len(turned.notes) + bool(turned.why)
        problem = self._problem(file)
        return Answer(True, (), now.text, file.workflow, {}, problem, len(turned.questions), told, turned.usd)

    def _problem(self, file: WorkflowFile) -> str:
        """Why the draft cannot be run; empty where it can."""
        if file.workflow is None or file.errors:
            return "; ".join(found.message for found in file.errors) or "it is no workflow"
        try:
            plan_of(self._desk, file.workflow)
        except UnderstudyError as error:
            return error.message
        return ""


def _unheld(found: Draft) -> int:
    return sum(not demand.held for demand in found.demands)
