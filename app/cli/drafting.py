"""A draft on a terminal, turn by turn: said what to change, shown as a diff and a plan, saved or run by a yes alone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.asker import Lines
from app.cli.drafted import Narrator, print_questions, print_text, print_turn, print_version
from app.cli.explain import print_sentences
from app.cli.output import Output
from app.cli.preconditions import ask_trust, ask_values
from app.drafting import Composer, Turned
from app.drafts import NAME, WANTED, Taken, read_draft, save
from app.explaining import answered, explained
from app.kept_drafts import keep_draft
from app.present.differences import text_lines
from app.present.money import cost_words
from app.present.run import SCHEMA_VERSION
from app.suggesting import suggested
from composer.versions import Versions
from workflows.errors import UnderstudyError
from workflows.text import one_line, safe_json
from workflows.values import Json

if TYPE_CHECKING:
    from app.desk import Desk
    from app.named_workflows import WorkflowFile
    from composer.explain import Sentence

CHOICES = "plan · yaml · explain · suggest · undo · save · run · leave · help"

HOW = f"Say what to change, or: {CHOICES}"

ASKED = "Your answer (or something else to change; leave ends it):"

SHOWN = ("plan", "yaml", "explain", "diff", "show")

HELP = """\
Say in your words what should be another, or ask what something does. Such as:
  make the tests parallel · ask me before it deploys · retry the download twice · give up on it after 5 minutes
  rename check to verify · remove the last step · move lint before the tests · add a rollback · at most $1
  use a cheaper model for step 2 · every Monday at 7:30 · set limit to 50 · what does step 2 do?
Each change is shown as a diff, and `undo` takes it back. By a word alone:
  plan      the whole plan              yaml      its text
  explain   it in plain words           suggest   what could be better; `suggest 2` takes the second
  diff      all changes since the first draft     undo      take the last change back
  save      save it; `save NAME`        run       show the plan, save it and start it
  discard   drop it with all versions   leave     it is kept for `understudy compose --continue`"""


class Dialogue:
    """One sitting. `run` has the name that is to be run when it is over, "" for none, and `given` its inputs."""

    def __init__(self, desk: Desk, composer: Composer, versions: Versions, out: Output, *, quiet: bool = False) -> None:
        """`quiet`: stdout is for one document, so nothing is shown there."""
        self._desk = desk
        self._composer = composer
        self._versions = versions
        self._out = out
        self._lines = Lines()
        self._quiet = quiet
        self._telling = Narrator(out, live=not quiet)
        self._turned = Turned()
        self._asked_of = ""
        """What was said when a question came back: the next words may be its answer."""
        self._planned = ""
        """The text whose plan was shown whole."""
        self.run = ""
        self.given: dict[str, str] = {}

    async def hold(self) -> None:
        """Until the person leaves, or wants it run. Whatever is said last counts: nothing is done by silence."""
        while True:
            text = await self._line(ASKED if self._asked_of else HOW)
            if text is None or text in ("leave", "q", "quit", "exit"):
                self._out.say("The draft is kept: `understudy compose --continue` goes on with it.")
                return
            if await self._done(text):
                return

    async def _done(self, text: str) -> bool:
        """Do what was said; whether that ends it."""
        word, _, rest = text.partition(" ")
        if word == "save" and len(rest.split()) < 2:
            await self.save(rest.strip())
        elif text == "run":
            return await self._to_run()
        elif text == "undo":
            await self.undo()
        elif text in SHOWN:
            self._show(text)
        elif text in ("help", "?"):
            self._out.say(HELP)
        elif text in ("discard", "drop it"):
            return await self._discard()
        elif text:
            await self.turn(text)
        return False

    async def turn(self, said: str) -> bool:
        """Change the draft as a person says, or answer. Whether what was said came to anything."""
        now = self._versions.now
        assert now is not None
        if answers := self._answers(said):
            self._turned = Turned(notes=tuple(each.text for each in answers))
            if not self._quiet:
                print_sentences(answers, self._out)
            return True
        try:
            turned = suggested(self._desk, now, said) or await self._composer.turn(
                now, said, self._telling, self._asked_of
            )
        except asyncio.CancelledError:
            self._out.say("The draft is as it was: `understudy compose --continue` goes on with it.")
            raise
        asked, self._asked_of = self._asked_of, ""
        self._turned = turned
        if turned.back is not None:
            return await self.undo(turned.back)
        if turned.version is None:
            self._told(turned)
            if turned.questions:
                self._asked_of = f"{asked}\n{said}".strip()
        else:
            self._versions.add(turned.version)
            await self.keep()
            self._changed()
        if turned.usd != 0.0:
            self._out.say(f"({cost_words(turned.usd)})")
        return turned.version is not None or turned.listed

    def _answers(self, said: str) -> tuple[Sentence, ...]:
        """What answers a question about the draft. A question that came back is answered by words, not by another."""
        try:
            return answered(self._desk, self.file(), said)
        except UnderstudyError:
            return ()

    def _told(self, turned: Turned) -> None:
        """Why nothing is changed, and what is asked or could be done."""
        if turned.questions:
            print_questions(turned.questions, self._out)
        for note in turned.notes:
            self._out.say(f"  {one_line(note, 400)}")
        if turned.listed:
            self._out.say(f"  {turned.why}")
        elif turned.why:
            self._out.say(f"Nothing is changed: {one_line(turned.why, 500)}", "attention")

    async def undo(self, count: int = 1) -> bool:
        """Back by so many versions, with 0 to the first. Whether there were so many."""
        if self._versions.count <= max(1, count):
            few = (
                "this is the first draft" if self._versions.count < 2 else f"there are {self._versions.count} versions"
            )
            self._out.say(f"There is nothing to undo: {few}.", "attention")
            return False
        undone = self._versions.now
        assert undone is not None
        self._versions.undo(count)
        await self.keep()
        self._out.say("Undone.")
        self._changed((undone.text, "what was undone"))
        return True

    async def keep(self) -> None:
        """Keep the draft over restarts."""
        try:
            if not await keep_draft(self._desk, self._versions):
                self._out.say("The draft is not kept: it holds a secret. Save it, or it is gone with this.", "warning")
        except UnderstudyError as error:
            self._out.say(f"The draft is not kept: {error.message}", "warning")

    def file(self) -> WorkflowFile:
        now = self._versions.now
        assert now is not None
        return read_draft(self._desk, now.name, now.text)

    def document(self, saved: str) -> Json:
        """Where the draft stands after what was said last."""
        now, turned = self._versions.now, self._turned
        assert now is not None
        before, what = self._versions.before
        return safe_json(
            {
                "schema_version": SCHEMA_VERSION,
                "request": self._versions.request,
                "said": now.said,
                "changed": turned.version is not None,
                "why": turned.why or None,
                "questions": list(turned.questions),
                "notes": list(turned.notes),
                "cost_usd": turned.usd,
                "version": self._versions.count,
                "against": what or None,
                "diff": text_lines(before, now.text),
                "yaml": now.text,
                "saved": saved or None,
            }
        )

    def _changed(self, against: tuple[str, str] | None = None) -> None:
        if not self._quiet:
            print_turn(self._desk, self._versions, self.file(), self._out, against)

    def show(self) -> None:
        """The draft as it is, whole."""
        self._show("show")

    def _show(self, what: str) -> None:
        now = self._versions.now
        assert now is not None
        if what in ("plan", "show"):
            self._planned = now.text
            print_version(self._desk, self._versions, self.file(), self._out, text=what == "show")
        elif what == "yaml":
            print_text(now, self._out)
        elif what == "diff":
            first = self._versions.all[0]
            base = (first.text, "the first draft") if now is not first else self._versions.before
            print_turn(self._desk, self._versions, self.file(), self._out, base)
        else:
            try:
                print_sentences(explained(self._desk, self.file()), self._out)
            except UnderstudyError as error:
                self._out.say(error.message, "bad")

    def _plan_first(self) -> None:
        """Nothing is saved or run before its plan was seen as it is now."""
        now = self._versions.now
        if now is not None and now.text != self._planned and not self._quiet:
            self._show("plan")

    async def _to_run(self) -> bool:
        """Save it where it is not, ask for what a run needs, and have it run when this is over. Whether it is to."""
        if self._versions.is_saved:
            self._plan_first()
            name = self._versions.saved[1]
        else:
            name = await self.save("", to_run=True)
        workflow = self.file().workflow
        if not name or workflow is None:
            return False
        given = await ask_values(workflow, self._line, self._out)
        if given is None or not await ask_trust(self._desk, self._line, self._out):
            self._out.say(f"Nothing ran. Start it with: understudy run {name}")
            return False
        self.run, self.given = name, given
        return True

    async def save(self, name: str, *, to_run: bool = False) -> str:
        """Save it, asking for what is not said. The name that it was saved under; "" where it was not."""
        now, file = self._versions.now, self.file()
        assert now is not None
        if file.errors:
            self._out.say("It has errors, so it is not saved: mend them first.", "bad")
            return ""
        self._plan_first()
        usual = self._versions.saved[1] or now.name
        while True:
            if not name:
                given = await self._line(
                    f"A name to save it under, in .understudy/workflows (enter: {usual}; -: do not save):"
                )
                if given is None or given == "-":
                    return ""
                name = given or usual
            try:
                path = save(self._desk, name, now.text)
            except Taken:
                answer = await self._line(f"{name} is there already. Type `replace` to replace it, or another name:")
                if answer is None or answer in ("", "-"):
                    return ""
                if answer != "replace":
                    name = answer
                    continue
                path = save(self._desk, name, now.text, replace=True)
            except UnderstudyError as error:
                self._out.say(f"{error.message} {WANTED if not NAME.fullmatch(name) else error.hint}", "bad")
                name = ""
                continue
            break
        await self._saved(name, path, to_run=to_run)
        return name

    async def save_as(self, name: str) -> str:
        """Save it under this name, where nobody can be asked. Raises Taken, and UnderstudyError for what is wrong."""
        now, file = self._versions.now, self.file()
        assert now is not None
        if file.errors:
            raise UnderstudyError(
                "It has errors, so it is not saved.", "Mend them first: understudy compose --continue"
            )
        await self._saved(name, save(self._desk, name, now.text))
        return name

    async def _saved(self, name: str, path: Path, *, to_run: bool = False) -> None:
        now = self._versions.now
        assert now is not None
        self._versions.saved = (now.text, name)
        await self.keep()
        self._out.say(f"Saved as {path}", "good")
        if not to_run and not self._desk.trusted():  # before a run it is asked for
            self._out.say("Nothing of this workspace acts before `understudy trust`.", "warning")

    async def _discard(self) -> bool:
        if await self._line("Type `discard` again to drop the draft with all its versions:") != "discard":
            self._out.say("It stays.")
            return False
        self._versions.clear()
        await self.keep()
        self._out.say("Discarded. Nothing was saved.")
        return True

    async def _line(self, prompt: str) -> str | None:
        # What was typed before it was asked is no answer to it.
        self._lines.forget()
        self._out.say(prompt, "attention")
        text = await self._lines.read()
        return None if text is None else text.strip()
