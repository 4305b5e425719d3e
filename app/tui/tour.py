"""Leads through the demo: a line where something waits for the first time, a skill to change, and how to go on."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from app.present.inquiry import Card
from app.present.labels import DEMO
from app.present.workflow_page import short_path
from app.tui.actions import find
from app.tui.background import in_background
from app.tui.demo import Demo, Lesson
from app.tui.modals.choices import Choices, Option
from workflows.errors import UnderstudyError
from workflows.runs.state import RunState

if TYPE_CHECKING:
    from app.tui.app import UnderstudyApp


class Tour:
    """What of the demo was shown already. It asks what comes next, and whoever goes back goes on by themselves."""

    def __init__(self, app: UnderstudyApp, demo: Demo) -> None:
        self._app = app
        self._demo = demo
        self._hinted: dict[str, str] = {}
        self._ended: dict[str, RunState] = {}
        self._changing = False

    def hint(self, card: Card) -> str:
        """The line for what waits, the first time that its step does."""
        first = self._hinted.setdefault(card.step, card.entry)
        return self._demo.hint(card) if first == card.entry else ""

    def advanced(self, state: RunState) -> None:
        """A run of the demo's workspace went on."""
        if not state.over or state.run_id in self._ended:
            return
        self._ended[state.run_id] = state
        if state.status == "succeeded" and self._demo.lesson is not None and len(self._ended) == 1:
            self._offer_lesson(state, self._demo.lesson)
        else:
            self._close(state)

    def reloaded(self, text: str) -> None:
        """Something was read again; whether it is the skill that was to be changed says the text."""
        lesson = self._demo.lesson
        if self._changing and lesson is not None and lesson.skill in text:
            self._changing = False
            self._offer_again(lesson)

    # The skill

    def _offer_lesson(self, state: RunState, lesson: Lesson) -> None:
        text = (
            f"All {len(state.steps)} steps are done. Both tries of the check are kept, in the tab Attempts.\n\n"
            f"Now change the skill: {lesson.step} was done by {lesson.skill}, a function of this project.\n"
            f"{lesson.how} Then begin again at that step: the rest is reused."
        )
        options = (
            Option("change", "c", "change the skill", "opens its file here"),
            Option("close", "n", "no, close the tour", "says how to go on"),
        )

        async def taken(name: str | None) -> None:
            if name == "change":
                await self._change(lesson)
            elif name == "close":
                self._close(state)

        self._app.push_screen(Choices("the tour: the check passes now", text, options), taken)

    async def _change(self, lesson: Lesson) -> None:
        from app.tui.screens.skills import SkillsScreen
        from app.tui.widgets.editor import Editor

        screen = SkillsScreen()
        await self._app.push_screen(screen)
        await screen.look_again()
        screen.go_to("skill", lesson.skill)
        self._changing = True
        await screen.act(find("skills", "edit"))
        screen.query_one(Editor).advise(f"tour: {lesson.how}")

    def _offer_again(self, lesson: Lesson) -> None:
        text = (
            f"{lesson.skill} was read again. Runs that are over keep what they gave.\n"
            f"A new run that begins at {lesson.step} reuses what came before it."
        )
        option = Option("again", "b", "to the run", f"and begin again at {lesson.step}")

        async def taken(name: str | None) -> None:
            if name == "again":
                await self._again(lesson)

        self._app.push_screen(Choices("the tour: the skill is new", text, (option,)), taken)

    async def _again(self, lesson: Lesson) -> None:
        from app.tui.screens.run import RunScreen

        self._app.do_home()
        await self._app.open_run(next(iter(self._ended)), lesson.step)
        screen = self._app.screen
        if isinstance(screen, RunScreen):
            await screen.act(find("run", "rerun"))

    # The end

    def _close(self, state: RunState) -> None:
        app, demo = self._app, self._demo
        path = f"./{(app.own.workspace / 'workflows').relative_to(app.own.root)}/{demo.workflow}.yaml"
        went = "is over" if state.status == "succeeded" else f"ended early: the run {state.status}"
        text = (
            f"{demo.used(tuple(self._ended.values()))}\n{DEMO}: all but the reviewers' words was real.\n\n"
            f"On the command line, once it is saved:\n  understudy run {path}"
        )
        options = [
            Option("keep", "s", "save it as a start", path),
            Option("key", "k", "use a real model", "paste a key, or see which is found"),
            Option("ollama", "o", "a model of your own", "how to set up Ollama"),
            Option("own", "w", "to your workspace", "what was run stays in the history"),
        ]

        async def taken(name: str | None) -> None:
            try:
                await self._go_on(name or "")
            except UnderstudyError as error:
                app.tell_error(error)

        app.push_screen(Choices(f"the tour {went}", text, options if demo.keep else options[1:]), taken)

    async def _go_on(self, name: str) -> None:
        app = self._app
        if name == "keep" and self._demo.keep is not None:
            path = await asyncio.to_thread(self._demo.keep, app.own.root)
            app.tell(f"Saved: {short_path(path)}, with its agents and its skill.\nw on the first screen goes there.")
        elif name == "own":
            app.do_home()
            app.leave_demo()
        elif name in ("key", "ollama"):
            from app.tui.screens.setup import SetupScreen

            screen = SetupScreen()
            await app.push_screen(screen)
            in_background(screen, partial(screen.act, find("setup", name)), "tour")
