"""What a person can do to a run: answer what waits, pause, go on, end it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from app.present.figures import plural
from app.present.inquiry import Card, Choice
from app.tui.actions import actions, find
from app.tui.modals.choices import Choices, Option
from app.tui.modals.json_editor import Edited, JsonEditor
from app.tui.modals.reason import Reason
from workflows.errors import UnderstudyError
from workflows.steps.kind import What
from workflows.values import Json

if TYPE_CHECKING:
    from app.tui.arming import Arming
    from app.tui.stage import Stage
    from app.tui.watch import RunWatch

    Base = Stage
else:
    Base = object

ANSWERS = ("approve", "deny", "retry", "edit", "skip", "happened", "again", "use_new")


class Interventions(Base):
    """Belongs to the run screen, which says what is shown."""

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

    async def _answer(self, card: Card, choice: str, value: Json = None, note: str = "") -> None:
        app = self.understudy
        taken = await app.desk.answer(
            self.run, card.entry, choice, value, note, by=app.person, digest=card.digest if choice == "approve" else ""
        )
        if not taken:
            await app.desk.resume(self.run, attended=True)

    async def _answer_now(self, name: str) -> None:
        if (found := self._choice(name)) is not None:
            await self._answer(found[0], name)

    async def do_approve(self) -> None:
        await self._answer_now("approve")

    async def do_retry(self) -> None:
        await self._answer_now("retry")

    async def do_again(self) -> None:
        await self._answer_now("again")

    async def do_use_new(self) -> None:
        await self._answer_now("use_new")

    async def do_skip(self) -> None:
        await self._answer_now("skip")

    def do_deny(self) -> None:
        if (found := self._choice("deny")) is None:
            return
        card, choice = found

        async def denied(reason: str | None) -> None:
            if reason is not None:
                await self._answer(card, "deny", note=reason)

        self.ask(Reason(card.what, choice.meaning), denied)

    def do_edit(self) -> None:
        if (found := self._choice("edit")) is not None:
            self._edit(found[0], found[0].input)

    def _edit(self, card: Card, value: Json, problem: str = "") -> None:
        """Open the editor; again, with what was entered, where that cannot be used."""

        async def edited(entered: Edited | None) -> None:
            if entered is None:
                return
            try:
                await self._answer(card, "edit", entered.value)
            except UnderstudyError as error:
                self._edit(card, entered.value, f"{error.message} {error.hint}".strip())

        text = "The step's input, for this run only. It is tried again with what you leave here."
        title = f"edit the input of {card.step}"
        self.ask(JsonEditor(title, text, value, wanted="object", problem=problem), edited)

    def do_happened(self) -> None:
        if (found := self._choice("happened")) is None:
            return
        card, _ = found

        async def given(entered: Edited | None) -> None:
            if entered is not None:
                await self._answer(card, "happened", entered.value)

        text = "What did the call give? Later steps read this as its output. null is allowed."
        self.ask(JsonEditor(f"{card.step}: it happened", text, None), given)

    def do_choose(self) -> None:
        card = self.card()
        if card is None or not self._may_answer():
            return

        async def chosen(name: str | None) -> None:
            if name is not None:
                await self._answer(card, name)

        async def given(entered: Edited | None) -> None:
            if entered is not None:
                await self._answer(card, "answer", entered.value)

        if card.choices:
            options = [Option(choice.name, str(n), choice.label) for n, choice in enumerate(card.choices, 1)]
            self.ask(Choices(card.headline, card.what, options), chosen)
        else:
            self.ask(JsonEditor(card.headline, card.what, None), given)

    # The run as a whole

    async def do_pause(self) -> None:
        driver = self.understudy.desk.services.engine.drivers.get(self.run)
        if driver is None:
            await self.understudy.desk.resume(self.run, attended=True)
        elif driver.state.paused:
            await driver.proceed()
        else:
            await driver.pause(f"{self.understudy.person} paused it")

    def do_abort(self) -> None:
        card, state = self.card(), self.watch_run.state
        offered = card is not None and any(choice.name == "abort" for choice in card.choices)
        running = [step.id for step in state.steps.values() if step.status == "running"]
        stops = f"{plural(len(running), 'running step')} stopped: {', '.join(running)}. " if running else ""
        left = sum(step.status == "pending" for step in state.steps.values())
        text = f"{stops}{plural(left, 'step')} not done. What is done stays done, and in the history."

        async def confirmed(name: str | None) -> None:
            if name == "abort" and card is not None:
                await self._answer(card, "abort")
            elif name == "cancel" and (driver := self.understudy.desk.services.engine.drivers.get(self.run)):
                driver.cancel(f"{self.understudy.person} cancelled it")

        if offered and card is not None and self._may_answer():
            options = [Option("abort", "x", "end the run", f"as failed, because of {card.step}", deliberate=True)]
        elif not offered:
            options = [Option("cancel", "x", "end the run", "as cancelled; it cannot be resumed", deliberate=True)]
        else:
            return
        self.ask(Choices(f"end run {self.run}?", text, options), confirmed)

    def do_intervene(self) -> None:
        card, facts = self.card(), self.facts()
        meanings = {choice.name: choice.meaning for choice in card.choices} if card else {}
        options = [
            Option(
                action.name,
                action.keys[0],
                action.label,
                meanings.get(action.name) or action.about,
                action.illegal(facts),
                deliberate=True,
            )
            for action in actions("run")
            if action.name in (*ANSWERS, "pause", "abort")
        ]

        async def taken(name: str | None) -> None:
            if name is None:
                return
            if self.card() != card:
                raise UnderstudyError("What waits has changed since.", "Look at it, then choose again.")
            self.chosen_in_menu = True
            try:
                await self.act(find("run", name))
            finally:
                self.chosen_in_menu = False

        self.ask(Choices(f"run {self.run}", card.what if card else "", options), taken)
