"""What a person takes from a run to elsewhere: a copy, their pager, their editor."""

from __future__ import annotations

from app.clipboard import keep
from app.present.carried import carried, read_json
from app.present.copies import copies_of
from app.present.inquiry import Card
from app.present.workflow_page import short_path
from app.tui.modals.choices import Choices, Option
from app.tui.modals.json_editor import written
from app.tui.screens.answers import Answers
from app.tui.step_view import StepView
from app.tui.widgets.detail import Detail
from workflows.errors import UnderstudyError


class Taking(Answers):
    """Belongs to the run screen."""

    view: StepView

    def do_copy(self) -> None:
        """The menu of all that can be copied here; what is marked with the mouse first."""
        app, seen = self.understudy, self.query_one(Detail).text
        state = self.watch_run.state
        marked = self.screen.get_selected_text() or ""
        texts = {each.key: each for each in copies_of(state, self.view.step, self._card_here(), seen)}
        options = [Option("m", "m", "the marked text", marked.strip())] if marked else []
        options += [
            Option(key, key, each.name, each.beginning, "" if each.text else each.why_not)
            for key, each in texts.items()
        ]
        tab = self.query_one(Detail).tab
        why_not = "" if seen else "there is nothing in it"
        options.append(Option("f", "f", "to a file", f"all of the tab {tab}, also where it is long", why_not))

        def chosen(name: str | None) -> None:
            if name == "m":
                app.copy(marked, "the marked text")
            elif name == "f":
                app.copy(self.view.whole(tab), self._named(tab), to_file=True)
            elif name:
                app.copy(texts[name].text, texts[name].name)

        app.push_screen(Choices("copy", "", options), chosen)

    def _card_here(self) -> Card | None:
        card = self.card()
        return card if card is not None and card.step == self.view.key else None

    async def do_pager(self) -> None:
        tab = self.query_one(Detail).tab
        await self.understudy.page_text(self._named(tab), self.view.whole(tab))

    def _named(self, tab: str) -> str:
        return f"{self.view.step.id if self.view.step else self.run} {tab}"

    async def do_editor(self) -> None:
        """Change the input in one's own editor, where it may be changed; else look at a copy of what is on view."""
        card = self.card()
        if card is None or not card.offers("edit"):
            tab = self.query_one(Detail).tab
            await self.understudy.edit_text(f"copy of {tab}", self.view.whole(tab))
            return
        if (found := self._choice("edit")) is None:
            return
        state = self.watch_run.state
        wanted = carried(state, state.inquiries[found[0].entry], "edit")
        assert wanted is not None
        before = written(wanted.beginning)
        text = await self.understudy.edit_text(f"input of {card.step}.json", before)
        if text.strip() == before.strip():
            self.understudy.tell("Nothing was changed, so nothing was answered.")
            return
        try:
            try:
                value = read_json(text)
            except ValueError as error:
                raise UnderstudyError(f"What you saved is not right: {error}.", "") from None
            await self._answer(found[0], "edit", value)
        except UnderstudyError as error:
            path = keep(self.understudy.paths.data / "copied", f"input of {card.step}", text)
            raise UnderstudyError(
                error.message, f"{error.hint} What you wrote is in {short_path(path)}".strip()
            ) from None
