"""From words to a draft, and from draft to draft: without a model where that will do, else with one that is guarded."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agents.definition import MODEL_WORDS
from agents.models.port import Message, Request
from app.authoring import MOST_USD, author_of, inventory_of
from app.drafts import candidates, here_of, plan_of, read_draft
from app.present.figures import plural
from composer.constraints import Held, hold, read_constraints
from composer.conversation.safety import Here
from composer.conversation.said import Understood
from composer.conversation.understand import Change, understand
from composer.draft import Draft, draft
from composer.edit.rewrite import rewritten
from composer.generate.author import Listener, Outcome
from composer.generate.prompting import Brief
from composer.inventory import Inventory
from composer.patch import untagged
from composer.search import is_named, search
from composer.versions import Version
from workflows.definition.model import Workflow
from workflows.definition.parameters import Parameter
from workflows.errors import CallFailed, UnderstudyError
from workflows.records import dataclass

if TYPE_CHECKING:
    from app.desk import Desk

WITHOUT = "So this was made without a model."

LONGEST_STEM = 40

BETTER = 3
"""Suggestions that are told with a draft."""

NOT_UNDERSTOOD = (
    "That is not understood, so nothing is changed. What should change? Such as: “make the tests parallel”, “ask me "
    "before it deploys”, “retry the download twice”, "
    "“rename check to verify”, “remove the last step”, “add a rollback”, “undo that”."
)

__all__ = ["Composer", "Listener", "Turned", "Wishes", "missing_of", "stem_of", "version_of"]


WEAK, SURE = 0.95, 0.8
"""Below this score a workflow gives way to skills that fit as well as this: what they say is all that was asked."""


@dataclass(frozen=True)
class Wishes:
    """Whether a model writes, and for how much. `model` names one, which then writes whatever fits without it.

    `no_model`: none is asked, whatever is set. `most_usd`: what one draft or turn may cost; None where nobody said.
    """

    model: str = ""
    no_model: bool = False
    most_usd: float | None = None


@dataclass(frozen=True)
class Turned:
    """What came of something said about a draft. Without a `version` the draft is as it was, and it is said why.

    `back` is how many versions are to be taken back; 0 for all but the first. `listed`: what was asked for was only a
    list, which the notes are.
    """

    version: Version | None = None
    back: int | None = None
    questions: tuple[str, ...] = ()
    why: str = ""
    notes: tuple[str, ...] = ()
    usd: float | None = 0.0
    listed: bool = False


class Composer:
    """Makes drafts and changes them, by what a desk has. Nothing is saved and nothing runs here."""

    def __init__(self, desk: Desk, wishes: Wishes) -> None:
        self._desk = desk
        self._wishes = wishes

    @property
    def model(self) -> str:
        """The model that may be asked; empty where none may, or none is set."""
        return "" if self._wishes.no_model else self._desk.services.models.name_of(self._wishes.model or None)

    async def draft(self, request: str, listener: Listener) -> Draft:
        """A draft of a request. What a model could not do is done without one, and that is said in its notes."""
        root = self._desk.services.paths.root
        found = await asyncio.to_thread(lambda: search(request, candidates(self._desk.workflows())))
        plain = await asyncio.to_thread(draft, request, found, root, here_of(self._desk))
        if not _is_meant(plain, request):
            plain = await self._assembled(plain) or plain
        sure = bool(plain.text) and plain.origin == "template"
        if not self.model or (sure and not self._wishes.model):
            return plain
        demands = tuple(demand.means for demand in plain.demands)
        outcome = await self._write(Brief(request, await self._inventory(), demands=demands), listener)
        usd = _usd(outcome)
        if outcome.text and outcome.workflow is not None:
            held = await asyncio.to_thread(self._held, outcome.text, request)
            return Draft(
                request,
                None,
                missing=missing_of(outcome.workflow),
                closest=tuple(found[:3]),
                text=held.text,
                origin="model",
                demands=held.demands,
                assumed=held.assumed,
                notes=(*_notes(outcome), *await asyncio.to_thread(self._better, held.text)),
                usd=usd,
            )
        if outcome.questions:
            return replace(plain, text="", match=None, questions=outcome.questions, usd=usd)
        if outcome.declined:
            return Draft(request, None, closest=tuple(found[:3]), notes=(_declined(outcome),), usd=usd)
        notes = (f"{outcome.why} {outcome.hint}".strip(), WITHOUT)
        return replace(plain, notes=(*notes, *plain.notes), usd=usd)

    def _better(self, text: str) -> tuple[str, ...]:
        """What the optimiser would suggest, told and not done."""
        from app.optimising import suggest  # few drafts are a model's

        try:
            found = suggest(self._desk, read_draft(self._desk, "draft", text), {})
        except UnderstudyError:
            return ()
        return tuple(f"could be better: {each.reason} (`suggest` lists what could be)" for each in found[:BETTER])

    async def _assembled(self, plain: Draft) -> Draft | None:
        """What can be put together from skills where no workflow fits, or one fits weakly and skills do so well."""
        from composer.assembly.drafting import assemble  # few requests come so far

        inventory, root = await self._inventory(), self._desk.services.paths.root
        closest = (*((plain.match,) if plain.match else ()), *plain.closest)[:3]
        least = SURE if plain.match else 0.0
        sure = plain.match is not None and plain.match.score >= WEAK
        missed = plain.match.missed if plain.match is not None else frozenset()
        here = here_of(self._desk)
        found = await asyncio.to_thread(
            lambda: assemble(plain.request, inventory, root, here, closest, least, missed, only_missed=sure)
        )
        return found if found is None else await self._rehearsed(found, inventory)

    async def _rehearsed(self, found: Draft, inventory: Inventory) -> Draft | None:
        """The draft once a dry run of it came to its end; None where it did not, or it is no workflow that can run."""
        from composer.rehearsal import rehearse

        file = read_draft(self._desk, "draft", found.text)
        if file.workflow is None or file.errors:
            return None
        try:
            played = await rehearse(
                plan_of(self._desk, file.workflow), file.workflow, self._desk.services.kinds, inventory
            )
        except UnderstudyError:
            return None
        note = f"A dry run of it on made-up results came to its end: {plural(played.done, 'step')}. Nothing was done."
        return None if played.problems else replace(found, notes=(*found.notes, note))

    def _held(self, text: str, request: str) -> Held:
        """A model's text with what the request demands in it, whatever the model made of that."""
        here = here_of(self._desk)
        assert here.parse is not None, "a desk reads workflows"
        return hold(text, read_constraints(request), here.parse, None, here.channels)

    async def turn(self, now: Version, said: str, listener: Listener, asked_of: str = "") -> Turned:
        """What was said about a draft, as its next version: by rules, else by a model. A guess is never made.

        `asked_of` is what was said when a question came back: these words answer it, where they mean nothing alone.
        """
        found = await asyncio.to_thread(self._understood, now, said)
        alone = isinstance(found, Change) or (found is not None and (found.back is not None or not self.model))
        if asked_of and not alone:
            said = f"{asked_of}\n{said}"
            found = await asyncio.to_thread(self._understood, now, said)
        if isinstance(found, Change) and not (found.left_over and self.model):
            return self._changed(now, said, found)
        if isinstance(found, Change):
            return await self._by_model(now, Brief(said, await self._inventory(), before=now.text), listener)
        if found is not None and found.back is not None:
            return Turned(back=found.back)
        if found is not None and found.refused:
            return Turned(why=found.refused)
        if self.model:
            return await self._by_model(now, Brief(said, await self._inventory(), before=now.text), listener)
        if found is not None and found.questions:
            return Turned(questions=found.questions[:3])
        return Turned(questions=(NOT_UNDERSTOOD,), notes=("With a model more is understood: set UNDERSTUDY_MODEL.",))

    def _understood(self, now: Version, said: str) -> Understood | Change | None:
        workflow = read_draft(self._desk, now.name, now.text).workflow
        if workflow is None:
            return None
        here = Here(self._desk.services.catalogue, self._cheaper, here_of(self._desk).channels)
        return understand(said, now.text, workflow, here, lambda text: read_draft(self._desk, now.name, text).workflow)

    def _changed(self, now: Version, said: str, change: Change) -> Turned:
        """What rules made of it, where it can still be run."""
        before = {found.message for found in read_draft(self._desk, now.name, now.text).errors}
        errors = [
            found for found in read_draft(self._desk, now.name, change.text).errors if found.message not in before
        ]
        if errors:
            return Turned(why=f"It would be wrong then: line {errors[0].line}: {errors[0].message}.")
        if change.text == now.text:
            return Turned(why="It is so already.")
        made = f"Changed by rules (no AI): {change.means}."
        left = tuple(f"not understood, so not done: “{part}”" for part in change.left_over)
        notes = (*left, *change.notes)
        version = Version(change.text, now.name, made, now.base, now.based_on, now.filled, said=said, notes=notes)
        return Turned(version, notes=version.notes)

    def _cheaper(self, agent: str, model: str) -> tuple[str, ...]:
        """Models that are known to cost less than the one named, else than this agent's; the dearest of them first."""
        services = self._desk.services
        known = services.agents.snapshot.agents
        own = services.models.name_of(model or (known[agent].model if agent in known else None))
        if not own:
            # None is set, so none is dear: a small one, of a provider whose key is there if there is one.
            return tuple(sorted(SMALL, key=lambda name: not services.performers.keys.at_hand(name)))
        price = self._price(own)
        if price is None:
            return ()
        others = {services.models.name_of(name) for each in known.values() for name in each.models}
        prices = {name: self._price(name) for name in (*relatives(own), *others)}
        cheaper = {name: usd for name, usd in prices.items() if usd is not None and 0 < usd < price}
        return tuple(sorted(cheaper, key=lambda name: -cheaper[name]))

    def _price(self, model: str) -> float | None:
        """What a page of questions and answers costs with a model; None where nobody knows."""
        models = self._desk.services.models
        try:
            request = Request(model, (Message("user", "word " * 1000),), max_tokens=1000)
            return None if not model or models.simulated(model) else models.quote(request)[1].usd
        except CallFailed:
            return None

    async def mend(self, now: Version, said: str, why: str, listener: Listener) -> Turned:
        """The draft changed so that what went wrong (`why`, as data) does not go wrong again."""
        if not self.model:
            return Turned(why="Nobody can be asked how to mend it: no model is set.")
        return await self._by_model(now, Brief(said, await self._inventory(), before=now.text, why=why), listener)

    async def _by_model(self, now: Version, brief: Brief, listener: Listener) -> Turned:
        outcome = await self._write(brief, listener)
        usd = _usd(outcome)
        if outcome.questions:
            return Turned(questions=outcome.questions, usd=usd)
        if outcome.declined:
            return Turned(why=_declined(outcome), usd=usd)
        if not outcome.text:
            return Turned(why=f"{outcome.why} {outcome.hint}".strip(), usd=usd)
        if outcome.text.strip() == now.text.strip():
            return Turned(why=f"{outcome.model} changed nothing.", usd=usd)
        made = f"Changed by {outcome.model}: {brief.request}"
        held = await asyncio.to_thread(self._held, rewritten(now.text, outcome.text), brief.request)
        version = Version(
            held.text,
            now.name,
            made,
            now.base,
            now.based_on,
            said=brief.request,
            notes=_notes(outcome),
            usd=usd,
        )
        return Turned(version, notes=_notes(outcome), usd=usd)

    async def _write(self, brief: Brief, listener: Listener) -> Outcome:
        most = self._wishes.most_usd
        author = author_of(self._desk, self._wishes.model, MOST_USD if most is None else most, strict=most is not None)
        return await author.write(brief, listener)

    async def _inventory(self) -> Inventory:
        return await asyncio.to_thread(inventory_of, self._desk)


def version_of(found: Draft, workflow: Workflow | None) -> Version:
    """A draft as the first version of what is being written."""
    if found.match is not None:
        candidate = found.match.candidate
        kind = "template" if candidate.workflow.template else "workflow"
        based_on = f"the {kind} {candidate.name}"
        made, base, name = f"From {based_on}, by words (search, not AI).", untagged(candidate.text), candidate.name
    else:
        by = {"model": "Written by a model.", "assembled": "Put together from the skills that are here (no AI)."}
        made, base, based_on = by.get(found.origin, ""), "", ""
        name = stem_of(workflow.name if workflow else found.request)
    return Version(
        found.text,
        name,
        made,
        base,
        based_on,
        found.filled,
        found.missing,
        said=found.request,
        notes=(*found.notes, *open_ends(found)),
        usd=found.usd,
    )


def open_ends(found: Draft) -> tuple[str, ...]:
    """What was demanded and could not be held, and what was taken for granted."""
    return (*(f"not done: {each.means} ({each.how})" for each in found.demands if not each.held), *found.assumed)


def stem_of(name: str) -> str:
    """A file's stem from a name that is for people."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    name = "-".join(words)
    if len(name) > LONGEST_STEM:  # between words, where there is more than one
        name = name[: LONGEST_STEM + 1].rpartition("-")[0] or name[:LONGEST_STEM]
    return name.strip("-") or "draft"


SMALL = (MODEL_WORDS["haiku"] or "", "openai/gpt-4o-mini", "gemini/gemini-2.0-flash")
"""Small models of makers that many have a key of."""

SMALLER = (("sonnet", "haiku"), ("opus", "sonnet"), ("-pro", "-flash"), ("large", "small"), ("-large", "-medium"))
"""How makers call a model and a smaller one of the same family."""


def relatives(model: str) -> tuple[str, ...]:
    """Names that smaller models of the same family may have. Whether there are such is for the price list to say."""
    swapped = [model.replace(big, small) for big, small in SMALLER if big in model]
    return tuple(dict.fromkeys([*swapped, f"{model}-mini", f"{model}-nano", f"{model}-lite"]))


def missing_of(workflow: Workflow) -> tuple[Parameter, ...]:
    """The parameters that a run cannot start without."""
    return tuple(each for each in workflow.parameters if each.required and each.default is None)


def _usd(outcome: Outcome) -> float | None:
    """What it cost; None where nobody knows."""
    spent = outcome.spent
    return (spent.cost_usd or 0.0) if spent.cost_known else None


def _notes(outcome: Outcome) -> tuple[str, ...]:
    return (*_sentences(outcome.doubts), *outcome.notes, *((outcome.why,) if outcome.why else ()))


def _sentences(doubts: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"to be checked: {doubt}" for doubt in doubts)


def _is_meant(plain: Draft, request: str) -> bool:
    """Whether nothing that is put together from skills could be meant rather than the workflow that was found."""
    if (match := plain.match) is None:
        return False
    return is_named(match.candidate, request) or (match.score >= WEAK and not match.missed)


def _declined(outcome: Outcome) -> str:
    return f"{outcome.model} says that it cannot be done here: {outcome.declined}"
