"""The menu of what of a thing is of use elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.tui.modals.choices import Choices, Option
from workflows.text import one_line

if TYPE_CHECKING:
    from app.tui.stage import Stage


def offer(stage: Stage, texts: Mapping[str, tuple[str, str]]) -> None:
    """Ask which of these texts is to be copied: by its key, with its name."""

    async def chosen(key: str | None) -> None:
        if key is not None:
            name, text = texts[key]
            stage.understudy.copy(text, name)

    options = [Option(key, key, name, one_line(text, 80)) for key, (name, text) in texts.items()]
    stage.ask(Choices("copy", "", options), chosen)
