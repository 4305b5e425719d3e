"""A draft in the making on its screen: a model writes it, a person says what to change, it is kept over restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING

from app.drafting import Composer, Turned, Wishes, version_of
from app.drafts import place_of, read_draft
from app.explaining import answered, explained
from app.fixing import propose_fix
from app.kept_drafts import keep_draft, kept_draft
from app.present.money import price_words
from app.suggesting import suggested
from app.tui.actions import find
from app.tui.background import in_background
from app.tui.modals.choices import Choices, Option
from app.tui.modals.entry import Entry
from app.tui.modals.json_editor import Edited
from app.tui.stage import Stage
from app.tui.text import line
from app.tui.widgets.draft_view import DraftView
from composer.versions import Version, Versions
from workflows.errors import UnderstudyError
from workflows.text import one_line, safe_text

if TYPE_CHECKING:
    from app.desk import Desk
    from app.named_workflows import WorkflowFile
    from composer.draft import Draft
    from composer.search import Candidate

NOTHING_FITS = "Nothing here fits that. Say it in other words, or choose one of the list: f5 drafts from it."

GROUP = "writing"

ANSWERS = 12
"""Lines of an answer to a question about the draft; all of it is in `understudy explain`."""


class Turning(Stage):
    """Belongs to the compose screen."""

    writing = False
    """Whether a model is being asked, or what was said is being understood."""

    @property
    def versions(self) -> Versions:
        """The draft at hand. It stays when the screen is left."""
        return self.understudy.versions

    @property
    def view(self) -> DraftView:
        return self.query_one(DraftView)

    @property
    def composer(self) -> Composer:
        return Composer(self.understudy.desk, Wishes())

    async def take(self, version: Version) -> None:
        """A new version of the draft, where it is another."""
        raise NotImplementedError

    async def show_draft(self) -> None:
        """Show the newest version anew."""
        raise NotImplementedError

    # Kept over restarts

    async def recall(self) -> None:
        """The draft that this workspace was left with, where none is at hand."""
        if self.versions.count or self.versions.request:
            return
        try:
            found = await kept_draft(self.understudy.desk)
        except UnderstudyError as error:
            self.understudy.tell_error(error)
            return
        if found is not None and found.count and not self.versions.count:
            self.understudy.versions = found

    async def keep(self) -> None:
        """Keep it as it is now."""
        try:
            if not await keep_draft(self.understudy.desk, self.versions):
                self.understudy.tell("The draft is not kept over a restart: it holds a secret.", "warning")
        except UnderstudyError as error:
            self.understudy.tell(f"The draft is not kept over a restart: {error.message}", "warning")

    # What fits the words

    async def draft_of(self, candidate: Candidate) -> None:
        """Draft from a workflow, with what the request says of its inputs."""
        raise NotImplementedError

    async def draft_words(self, request: str) -> bool:
        """Draft what fits a request, or what can be put together for it; no model is asked. Whether there is any."""
        desk = self.understudy.desk
        found = await Composer(desk, Wishes(no_model=True)).draft(request, Teller(self, ""))
        if found.match is not None and found.text:
            await self.draft_of(found.match.candidate)
        elif found.text:
            await self.take(version_of(found, read_draft(desk, "draft", found.text).workflow))
            self.view.open("plan")
        else:
            self.understudy.tell(f"{' '.join(found.notes)} {NOTHING_FITS}".strip(), "warning")
        return bool(found.text)

    # A model writes

    def do_write(self) -> None:
        """Let the model that is set write what the field says."""
        request = self.versions.request.strip()

        async def write() -> None:
            composer = Composer(self.understudy.desk, Wishes(model=self.composer.model))
            found = await composer.draft(request, Teller(self, composer.model))
            await self._drafted(found)

        self._work(write)

    async def _drafted(self, found: Draft) -> None:
        if found.questions:
            self._answer(found.questions, lambda answer: self._ask_again(f"{found.request}\n{answer}"))
        elif not found.text:
            self.understudy.tell(" ".join(found.notes) or "Nothing fits.", "warning")
        else:
            workflow = read_draft(self.understudy.desk, "draft", found.text).workflow
            await self.take(version_of(found, workflow))
            self.view.open("plan")
            if found.origin != "model":
                self.understudy.tell(" ".join(found.notes), "warning")

    def _ask_again(self, request: str) -> None:
        self.versions.request = request
        self.do_write()

    # What a failed run says of it

    def propose(self, run: str) -> None:
        """A change of the workflow whose run failed, by rules or by the model that is set: as a draft, to be saved."""

        async def proposing() -> None:
            desk = self.understudy.desk
            found = await propose_fix(desk, run, Wishes(), Teller(self, self.composer.model))
            if not found.text:
                self.understudy.tell(f"Nothing is proposed for run {run}: {' '.join(found.why)}", "warning")
                return
            file = found.file
            made = f"To mend run {run}: {'; '.join(found.why)}."
            before, based_on = file.written or file.text, f"{file.stem} as it is"
            notes = (*found.notes, *_elsewhere(desk, file, run))
            await self.take(
                Version(found.text, file.stem, made, before, based_on, said=f"fix {run}", notes=notes, usd=found.usd)
            )
            self.view.open("diff")
            self.view.focus_pane()
            save = find(self.WHERE, "save").key
            self.understudy.tell(f"Nothing is written yet: {save} saves it as {file.stem}, u takes it back.")

        self._work(proposing)

    # What a person says of it

    def do_turn(self, told: str = "") -> None:
        """Ask what should change, below what was told to a question before."""

        async def said(result: Edited | None) -> None:
            if result is not None and str(result.value).strip():
                self._turn(str(result.value).strip())

        model = self.composer.model
        help_ = f"What no rule understands is asked of {model}." if model else "Understood by rules: no model is set."
        hint = "Such as “make the tests parallel”, “ask me before it deploys”, “suggest”, “what does step 2 do?”.\n"
        hint = told or f"{hint}{help_}"
        self.ask(Entry("change the draft", hint, "what should change?", lambda text: text, hint="change it"), said)

    def _turn(self, said: str) -> None:
        async def turn() -> None:
            now, desk = self.versions.now, self.understudy.desk
            if now is None:
                return
            file = await asyncio.to_thread(read_draft, desk, now.name, now.text)
            whole = said.lower() in ("explain", "explain it")
            if answers := (explained if whole else partial(answered, said=said))(desk, file):
                self.do_turn("\n".join(f"{'  ' * each.depth}{each.text}" for each in answers[:ANSWERS]))
                return
            composer = self.composer
            turned = await asyncio.to_thread(suggested, desk, now, said)
            turned = turned or await composer.turn(now, said, Teller(self, composer.model))
            await self._turned(said, turned)

        self._work(turn)

    async def _turned(self, said: str, turned: Turned) -> None:
        app = self.understudy
        if turned.back is not None:
            self.versions.undo(turned.back)
            await self.show_draft()
            await self.keep()
        elif turned.version is not None:
            await self.take(turned.version)
            self.view.open("diff")
        elif turned.questions:
            self._answer(turned.questions, lambda answer: self._turn(f"{said}\n{answer}"))
        elif turned.listed:
            self.do_turn("\n".join((*turned.notes, turned.why)))
        else:
            app.tell(f"Nothing is changed: {' '.join((turned.why, *turned.notes))}", "warning")

    def _answer(self, questions: Sequence[str], then: Callable[[str], None]) -> None:
        """Ask what the model, or a rule, asks; at most three things at once."""
        text = "\n".join(f"{number}. {one_line(each, 300)}" for number, each in enumerate(questions, 1))

        async def answered(result: Edited | None) -> None:
            if result is not None and str(result.value).strip():
                then(str(result.value).strip())

        self.ask(Entry("first of all", text, "your answer", lambda given: given, hint="say it"), answered)

    async def do_discard(self) -> None:
        """Drop the draft with all its versions, where a person says so."""
        option = Option("discard", "d", "drop it", "the draft and all its versions are gone", deliberate=True)

        async def answered(choice: str | None) -> None:
            if choice == "discard":
                self.versions.clear()
                await self.show_draft()
                await self.keep()

        text = f"{self.versions.count} versions; saved files stay."
        self.ask(Choices("drop the draft?", text, (option,)), answered)

    # Work beside the screen

    def _work(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Do it beside the screen; what goes wrong is told, and stopping it leaves everything as it was."""

        async def doing() -> None:
            self.writing = True
            self.refresh_bar()
            try:
                await work()
            except UnderstudyError as error:
                self.understudy.tell_error(error)
            # Where it was stopped, whoever did so has shown the draft.
            self.writing = False
            await self.show_draft()

        in_background(self, doing, GROUP)

    async def stop_writing(self) -> None:
        """Stop what is being written. Nothing of it stays."""
        self.workers.cancel_group(self, GROUP)
        self.writing = False
        await self.show_draft()
        self.understudy.tell("Stopped. The draft is as it was.")


def _elsewhere(desk: Desk, file: WorkflowFile, run: str) -> tuple[str, ...]:
    """That a file which is not the workspace's is not where a draft is saved."""
    if file.path == place_of(desk, file.stem):
        return ()
    return (f"saved here, it is a workflow of this project; `understudy fix {run}` changes {file.path}",)


class Teller:
    """Shows, where the text of the draft stands, what a model writes as it comes; and above it whom is asked what."""

    def __init__(self, screen: Turning, model: str) -> None:
        self._screen = screen
        self._model = model
        self._text = ""
        self._shown = 0

    def asking(self, model: str, round_: int, most_usd: float | None) -> None:
        self._text, self._shown = "", 0
        which = f", answer {round_} of at most 3" if round_ > 1 else ""
        title = f"{model} writes{which} · {price_words(most_usd)} · esc stops it"
        self._screen.view.open("yaml")
        self._screen.view.border_title = line(title, 120)
        self._screen.view.text.show("", ())

    def text(self, delta: str) -> None:
        self._text += delta
        # Drawn line by line: a screen that is drawn for every word has no time for keys.
        if self._text.count("\n") > self._shown:
            self._shown = self._text.count("\n")
            self._screen.view.text.show(safe_text(self._text), ())

    def judged(self, problems: Sequence[str]) -> None:
        if problems:
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            self._screen.understudy.tell(f"That will not do yet: {one_line(problems[0], 300)}{more}", "warning")
