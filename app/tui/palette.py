"""The palette: every action of the table that has a place here, then the workflows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from app.tui.actions import EVERYWHERE, Action, actions
from app.tui.stage import Stage
from app.tui.text import KEY, QUIET, line
from workflows.text import one_line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.tui.app import UnderstudyApp


LABEL = 16
"""Columns of what an action is called, and a gap."""


class ActionCommands(Provider):
    """What can be done on the screen below. What is not legal now is listed, and says why when it is chosen."""

    async def discover(self) -> Hits:
        for text, shown, command in self._entries():
            yield DiscoveryHit(shown, command, text=text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for text, shown, command in self._entries():
            if (score := matcher.match(text)) > 0:
                yield Hit(score, shown, command, text=text)

    def _entries(self) -> Iterator[tuple[str, Content, Callable[[], Awaitable[None]]]]:
        app = cast("UnderstudyApp", self.app)
        stage = self.screen if isinstance(self.screen, Stage) else None
        facts = stage.facts() if stage else set()
        for action in (*(actions(stage.WHERE) if stage else ()), *actions(EVERYWHERE)):
            act = app.act if action.where == EVERYWHERE else stage.act if stage else app.act
            yield f"{action.label}: {action.about}", _shown(action, action.illegal(facts)), partial(act, action)
        for file in app.workflows:
            if file.shadowed or file.workflow is None:
                continue
            text = one_line(f"run {file.stem}: {file.workflow.description or file.workflow.name}", 200)
            what = file.workflow.description or file.workflow.name
            yield text, _drawn("", "", f"run {file.stem}", what), partial(app.open_form, file.stem)


def _shown(action: Action, why_not: str) -> Content:
    about = f"{action.about}  ({why_not})" if why_not else action.about
    return _drawn(action.key, f"{QUIET} dim" if why_not else KEY, action.label, about, QUIET if why_not else "bold")


def _drawn(key: str, key_style: str, label: str, about: str, style: str = "bold") -> Content:
    shown = Content.styled(f"{key:>6}", key_style)
    # What names are short enough stand in columns.
    return Content.assemble(
        shown, "  ", line(label, 60, style), " " * max(2, LABEL - len(label)), line(about, 200, QUIET)
    )
