"""How a person answers what waits: with a key, with a value from a box, or after a look at the consequence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from app.edits import propose_change, write_change
from app.present.carried import Carried, carried, read_carried
from app.present.inquiry import Card, Choice
from app.step_edits import edits_of, file_of
from app.tui.actions import find
from app.tui.modals.choices import Choices, Option
from app.tui.modals.entry import Entry
from app.tui.modals.frame import Modal
from app.tui.modals.json_editor import Edited, JsonEditor
from app.tui.modals.pick import Pick, Pickable
from app.tui.modals.reason import Reason
from app.tui.modals.step_editor import StepEditor, texts_of
from skills.difference import unified
from workflows.definition.fitting import why_unfit
from workflows.errors import UnderstudyError
from workflows.runs.state import RunState
from workflows.steps.kind import What
from workflows.values import Json, canonical

if TYPE_CHECKING:
    from app.tui.arming import Arming
    from app.tui.stage import Stage
    from app.watch import RunWatch

    Base = Stage
else:
    Base = object

APPROVING = ("approve", "allow_pattern")
"""Choices that are bound to what was shown."""

NUMBERS = {"number": "a number", "integer": "a whole number"}


class Answers(Base):
    """Belongs to the run screen, which says what is shown. An answer is for the card that was shown, and no other."""

    run: str
    watch_run: RunWatch
    arming: Arming
    chosen_in_menu = False

    def card(self) -> Card | None:
        raise NotImplementedError

    def _choice(self, name: str) -> tuple[Card, Choice] | None:
        """The shown card and its choice; None, and nothing happens, where it has only just appeared."""
        card = self.card()
        choice = next((choice for choice in card.choices if choice.name == name), None) if card else None
        if card is None or choice is None or not self._may_answer():
            return None
        return card, choice

    def _may_answer(self) -> bool:
        """What the menu showed with its consequences need not be looked at once more."""
        return self.chosen_in_menu or self.arming.armed()

    def notes(self, card: Card) -> Iterator[str]:
        """Lines for the card: what was mended since, and that nobody drives the run."""
        state = self.watch_run.state
        catalogue = self.understudy.desk.services.catalogue
        if card.reason == "intervention":
            for use in state.steps[card.step].planned.uses:
                entry = catalogue.find(cast(What, use.what), use.name)
                known = state.digests.get(use.reference, "")
                if entry is not None and known and entry.digest and entry.digest != known:
                    yield f"{use.name} was changed since ({known[:8]} → {entry.digest[:8]}): r uses the new version"
        if self.watch_run.resumable:
            yield "Nobody drives this run now: your answer also resumes it."
        yield from self._hints(card)

    def _hints(self, card: Card) -> Iterator[str]:
        if (tour := self.understudy.tour) is not None and (hint := tour.hint(card)):
            yield f"tour: {hint}"

    async def _answer(self, card: Card, choice: str, value: Json = None, note: str = "") -> None:
        app = self.understudy
        taken = await app.desk.answer(
            self.run, card.entry, choice, value, note, by=app.person, digest=card.digest if choice in APPROVING else ""
        )
        if not taken:
            await app.desk.resume(self.run, attended=True)

    async def _answer_now(self, name: str) -> None:
        if (found := self._choice(name)) is not None:
            await self._answer(found[0], name)

    async def do_approve(self) -> None:
        await self._answer_now("approve")

    async def do_allow_pattern(self) -> None:
        await self._answer_now("allow_pattern")

    async def do_retry(self) -> None:
        await self._answer_now("retry")

    async def do_again(self) -> None:
        await self._answer_now("again")

    async def do_use_new(self) -> None:
        await self._answer_now("use_new")

    async def do_proceed(self) -> None:
        await self._answer_now("proceed")

    async def do_skip(self) -> None:
        await self._answer_now("skip")

    async def do_default(self) -> None:
        await self._answer_now("default")

    def do_deny(self) -> None:
        if (found := self._choice("deny")) is None:
            return
        card, choice = found

        async def denied(reason: str | None) -> None:
            if reason is not None:
                await self._answer(card, "deny", note=reason)

        self.ask(Reason(card.what, choice.meaning), denied)

    def do_roll_back(self) -> None:
        if (found := self._choice("roll_back")) is None:
            return
        card, choice = found

        async def confirmed(name: str | None) -> None:
            if name is not None:
                await self._answer(card, name)

        option = Option("roll_back", find("run", "roll_back").keys[0], "roll back", deliberate=True)
        self.ask(Choices(f"roll back because of {card.step}?", f"{choice.meaning}.", [option]), confirmed)

    # Choices that carry a value

    def do_edit(self) -> None:
        self._give("edit")

    def do_happened(self) -> None:
        self._give("happened")

    def do_output(self) -> None:
        self._give("output")

    def do_retry_from(self) -> None:
        self._give("retry_from")

    def do_raise(self) -> None:
        self._give("raise")

    def do_price(self) -> None:
        self._give("price")

    def do_fallback(self) -> None:
        self._give("fallback")

    def do_choose(self) -> None:
        card = self.card()
        if card is None or not self._may_answer():
            return
        if card.offers("answer"):
            self._give("answer")
            return

        async def chosen(given: Edited | None) -> None:
            if given is not None:
                await self._answer(card, given.value)

        values = [Pickable(choice.name, choice.label, choice.meaning) for choice in card.choices]
        self.ask(Pick(card.headline, card.what, values, "answer"), chosen)

    def _give(self, name: str) -> None:
        if (found := self._choice(name)) is None:
            return
        state = self.watch_run.state
        wanted = carried(state, state.inquiries[found[0].entry], name)
        assert wanted is not None  # each of these choices carries a value
        self._ask_for(found[0], wanted, wanted.beginning)

    def _ask_for(self, card: Card, wanted: Carried, value: Json, problem: str = "") -> None:
        """Open the box for what a choice carries; again, with what was entered, where that is refused."""

        async def given(entered: Edited | None) -> None:
            if entered is None:
                return
            before = self.watch_run.state
            try:
                await self._answer(card, wanted.choice, entered.value)
            except UnderstudyError as error:
                self._ask_for(card, wanted, entered.value, f"{error.message} {error.hint}".strip())
                return
            if entered.also:
                self._offer_to_write(before, card, wanted.before, entered.value)

        if wanted.choice == "edit":
            self.ask(self._step_editor(card, wanted, value, problem), given)
        else:
            self.ask(box_for(self.watch_run.state, card, wanted, value, problem), given)

    def _step_editor(self, card: Card, wanted: Carried, value: Json, problem: str) -> StepEditor:
        state, why_not, name = self.watch_run.state, "", ""
        step = state.steps[card.step]
        try:
            name = file_of(self.understudy.desk, state, step).path.name
        except UnderstudyError as error:
            why_not = error.message
        title, text = _words(card, wanted)
        text = "\n".join(filter(None, [text, *self._hints(card)]))
        texts = texts_of(value, step.planned.kind)
        return StepEditor(title, text, value, texts, file=name, why_not=why_not, problem=problem)

    def _offer_to_write(self, state: RunState, card: Card, before: Json, after: Json) -> None:
        """Show what an edit makes of the workflow's file, and write that on a yes."""
        desk, step = self.understudy.desk, state.steps[card.step]
        edits = edits_of(before, after, step.planned.id)
        if not edits:
            self.understudy.tell("Nothing is different, so there is nothing to write.")
            return
        change = propose_change(desk, file_of(desk, state, step), edits)
        if change.problems:
            told = "\n".join(f"line {each.line}: {each.message}" for each in change.problems[:3])
            raise UnderstudyError(f"{change.path.name} would have errors, so it was not written.\n{told}")

        async def confirmed(name: str | None) -> None:
            if name is not None:
                write_change(desk, change)
                self.understudy.tell(f"{change.path.name} says so from now on. Runs under way keep theirs.")

        diff = unified(change.before, change.after, change.path.name, change.path.name)
        option = Option("write", "w", f"write to {change.path.name}", "what it said before is kept", deliberate=True)
        self.ask(Choices(f"{card.step}: also in {change.path.name}?", diff, [option]), confirmed)


def wanted_of(state: RunState, card: Card) -> str:
    """What an answer to a question must be, in a few words."""
    wanted = carried(state, state.inquiries[card.entry], "answer") if card.offers("answer") else None
    if wanted is None:
        return ""
    schema = wanted.schema if isinstance(wanted.schema, dict) else {}
    if "enum" in schema:
        return f"one of: {', '.join(_shown(value) for value in schema['enum'])}"
    if schema.get("type") == "boolean":
        return "yes or no"
    return NUMBERS.get(str(schema.get("type")), "a text" if wanted.plain else wanted.wanted)


def box_for(state: RunState, card: Card, wanted: Carried, value: Json, problem: str = "") -> Modal[Edited]:
    """The box that fits what a choice carries: a list, yes or no, a line of text, or JSON."""
    title, text = _words(card, wanted)
    if wanted.names:
        return Pick(title, text, _names(state, card, wanted), "take it")
    if wanted.choice == "answer":
        schema = wanted.schema if isinstance(wanted.schema, dict) else {}
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            return Pick(title, text, [Pickable(each, _shown(each)) for each in schema["enum"]], "answer")
        if schema.get("type") == "boolean":
            return Pick(title, text, [Pickable(True, "yes", key="y"), Pickable(False, "no", key="n")], "answer")
        if schema.get("type") in NUMBERS or wanted.plain:
            hint = NUMBERS.get(str(schema.get("type")), "a text")
            return Entry(title, text, hint, lambda typed: _read(wanted, typed), problem)
    if wanted.choice in ("raise", "price"):
        return Entry(title, text, NUMBERS["number"], lambda typed: _read(wanted, typed), problem)

    def unfit(entered: Json) -> str:
        return why_unfit(wanted.schema, entered)

    return JsonEditor(title, text, value, problem=problem, check=unfit)


def _read(wanted: Carried, typed: str) -> Json:
    """What was typed. A text is one, even where it could be read as JSON."""
    if wanted.plain:
        if not (unfit := why_unfit(wanted.schema, typed)):
            return typed
        if isinstance(wanted.schema, dict) and wanted.schema.get("type") == "string":
            raise UnderstudyError(f"It does not fit: {unfit}", "Mend it, then give it again.")
    return read_carried(wanted, typed)


def _words(card: Card, wanted: Carried) -> tuple[str, str]:
    """The title of the box, and what it says above the value."""
    step = card.step
    fits = f"\nWanted: {wanted.wanted}." if wanted.schema is not None else ""
    match wanted.choice:
        case "edit" if card.reason == "approval":
            return f"edit what {step} will do", "You are asked again, with the change shown."
        case "edit":
            return f"edit the input of {step}", "It is tried again with what you leave here."
        case "happened":
            text = "What did the call give? Later steps read this as its output. null is allowed."
            return f"{step}: it happened", text
        case "output":
            return f"the output of {step}", f"Later steps read this, as if the step had given it.{fits}"
        case "retry_from":
            return f"{step}: where to begin again", "What comes after the step you choose is done again too."
        case "fallback":
            return f"who does {step}", "The input stays as it is."
        case "raise":
            least = wanted.schema["minimum"] if isinstance(wanted.schema, dict) else 0
            return (
                "raise the budget",
                f"{card.what}\nThe new limit in US dollars, {least:g} at least, for this run only.",
            )
        case "price":
            return "what it costs", f"{card.what}\nUS dollars per million tokens at most, for this run only."
    text = card.body or card.what
    return card.headline, text + (fits if not wanted.plain else "")


def _names(state: RunState, card: Card, wanted: Carried) -> list[Pickable]:
    if wanted.choice == "retry_from":
        titles = {name: state.steps[name].planned.title for name in wanted.names}
        return [Pickable(name, name, "" if title == name else title) for name, title in titles.items()]
    tried = [attempt.performer for attempt in state.steps[card.step].attempts]
    meanings = {name: f"tried {tried.count(name)}x" for name in tried}
    return [
        Pickable(name, name or state.steps[card.step].planned.kind, meanings.get(name, "")) for name in wanted.names
    ]


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else canonical(value)
