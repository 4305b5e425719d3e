"""Which model agents get that name none: chosen on the Setup screen, kept in the settings file."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from app.paths import from_home
from app.present.setup import Line
from app.settings_edit import keep_setting
from app.tui.modals.entry import Entry
from app.tui.modals.json_editor import Edited
from app.tui.modals.pick import Pick, Pickable
from app.tui.stage import Stage
from workflows.errors import UnderstudyError

OTHER = "another one …"
MOST = 8
"""Models that are offered by name."""

VARIABLE = "UNDERSTUDY_MODEL"


class Choosing(Stage):
    """The part of the screen that changes the default model."""

    found: dict[str, list[Line]]

    def do_choose(self) -> None:
        services = self.understudy.desk.services
        if services.environ.get(VARIABLE):
            raise UnderstudyError(
                f"{VARIABLE} is set, and wins over what is kept.", f"Leave, `unset {VARIABLE}`, and start again."
            )
        names = list(dict.fromkeys(self._known()))[:MOST]
        if not names:
            self._ask_name()
            return
        here = services.settings.model
        values = [Pickable(name, name, "it is now" if name == here else "") for name in names]
        text = "Which one do agents get that name none? Nothing is sent to it by choosing."
        self.ask(Pick("the default model", text, [*values, Pickable("", OTHER)], "choose it"), self._named)

    def _known(self) -> Iterator[str]:
        """The one that is chosen now, those that were tried, and those that were found."""
        for line in self.found.get("models", ()):
            if line.act in ("choose", "model"):
                yield from filter(None, (line.subject, *line.more))

    def _ask_name(self) -> None:
        text = "Which one do agents get that name none? Nothing is sent to it by choosing; p tests it."
        self.ask(
            Entry("the default model", text, "provider/model, such as openai/gpt-4o-mini", _name, hint="choose it"),
            self._named,
        )

    async def _named(self, given: Edited | None) -> None:
        if given is None:
            return
        if not given.value:
            self._ask_name()
            return
        app, name = self.understudy, str(given.value)
        path = await asyncio.to_thread(keep_setting, app.desk.services.paths.config, "model", name)
        when = "" if app.reopen() else "\nIt counts from the next start."
        app.tell(f"The default model is {name} (not tested).\nKept in {from_home(str(path))}.{when}")


def _name(text: str) -> str:
    """Raises UnderstudyError where it is no name of a model."""
    provider, slash, model = text.strip().partition("/")
    if not (provider and slash and model) or any(character.isspace() for character in text.strip()):
        raise UnderstudyError("Give its provider and its name, such as openai/gpt-4o-mini.")
    return text.strip()
