"""A step's input, edited: as data, or a text of it as it is read, for this run or for the workflow's file too."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static, Tab, Tabs, TextArea

from app.tui.actions import find
from app.tui.modals.json_editor import Edited, JsonEditor, written
from app.tui.text import STYLES, block, keys, line
from workflows.records import dataclass
from workflows.text import one_line, safe_text
from workflows.values import Json

MOST = 4
"""Texts that have a tab of their own."""


@dataclass(frozen=True)
class Text:
    """A text within the input: where it is, and what its tab is called. An empty `optional` one is none."""

    path: tuple[str, ...]
    title: str
    optional: bool = False


def texts_of(value: Json, kind: str) -> tuple[Text, ...]:
    """The texts that are better edited as they are read: what an agent is asked, and what has several lines."""
    prompt = ("input",) if kind == "agent" else ()
    found = [Text(prompt, "Prompt")] if prompt and _plain(value, prompt) else []
    fields = value if isinstance(value, dict) else {}
    parameters = fields.get("parameters")
    paths: list[tuple[str, ...]] = [(key,) for key in fields]
    paths += [("parameters", key) for key in parameters] if isinstance(parameters, dict) else []
    long = (path for path in paths if path != prompt and "\n" in str(_at(value, path)) and _plain(value, path))
    if kind == "agent" and "model" in fields and (fields["model"] is None or _plain(value, ("model",))):
        found.append(Text(("model",), "Model", optional=True))
    return (*found, *(Text(path, one_line(path[-1], 20)) for path in long))[:MOST]


def _plain(value: Json, path: tuple[str, ...]) -> bool:
    """Whether a text can be shown as it is: nothing in it acts or hides."""
    text = _at(value, path)
    return isinstance(text, str) and safe_text(text, max_line=None) == text


class StepEditor(JsonEditor):
    """Dismissed with the new input, and whether it is also to be written to the file.

    `file` is the name of that; `why_not` says why it cannot be written there.
    """

    def __init__(
        self,
        title: str,
        text: str,
        value: Json,
        texts: Sequence[Text] = (),
        *,
        file: str = "",
        why_not: str = "",
        problem: str = "",
        check: Callable[[Json], str] = lambda value: "",
    ) -> None:
        super().__init__(title, text, value, wanted="object", problem=problem, check=check)
        self._texts = tuple(texts)
        self._file, self._why_not = file, why_not
        self._on: Text | None = None
        """The text that is on view; None for all of it as data."""
        self.also = False
        """Whether it is also to be written to the file."""

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = line(self._title, 80)
            yield Static(block(self._text), classes="quiet", markup=False)
            if self._texts:
                tabs = (Tab(line(text.title, 20), id=f"text-{at}") for at, text in enumerate(self._texts))
                yield Tabs(Tab("Input", id="data"), *tabs)
            yield TextArea(written(self._value), show_line_numbers=True, soft_wrap=True)
            yield Static(line(self._problem, 400, STYLES["bad"]), id="error", markup=False)
            yield Static(id="where", classes="quiet", markup=False)
            yield Static(classes="hint", markup=False, id="hints")

    def on_mount(self) -> None:
        super().on_mount()
        for tabs in self.query(Tabs):
            tabs.can_focus = False
        self._tell()

    def _tell(self) -> None:
        """What it is for, and the keys."""
        also, turn = (find("modal", name).keys[0] for name in ("also", "turn"))
        for_file = f"for this run, and {self._file} from now on: you see the change before it is written"
        only = "for this run only" + (f" · {self._file or 'the file'}: {self._why_not}" if self._why_not else "")
        if self._on is not None and self._on.optional:
            only = "its full name, such as ollama_chat/llama3.2; empty: the one that its agent names"
        self.query_one("#where", Static).update(line(for_file if self.also else only, 200))
        hints = [("f5", "use this")]
        hints += [(turn, "next tab")] if self._texts else []
        if not self._why_not:
            hints.append((also, "this run only" if self.also else f"also write to {self._file}"))
        self.query_one("#hints", Static).update(keys(*hints, ("esc", "go back")))

    # The tabs

    def action_turn(self) -> None:
        for tabs in self.query(Tabs):
            tabs.action_next_tab()

    @on(Tabs.TabActivated)
    def turned(self, event: Tabs.TabActivated) -> None:
        """Show the text of the tab. What does not read as data keeps its own tab until it is mended."""
        name = event.tab.id or "data"
        wanted = None if name == "data" else self._texts[int(name.removeprefix("text-"))]
        if wanted is self._on:
            return
        try:
            self._value = self._read()
        except ValueError as error:
            self.query_one("#error", Static).update(line(str(error), 200, STYLES["bad"]))
            event.tabs.active = "data"
            return
        if wanted is not None and not wanted.optional and not _plain(self._value, wanted.path):
            event.tabs.active = "data"
            return
        self._on = wanted
        self._tell()
        area = self.query_one(TextArea)
        area.show_line_numbers = wanted is None
        area.load_text(written(self._value) if wanted is None else str(_at(self._value, wanted.path) or ""))

    def _read(self) -> Json:
        """The whole value, with what is on view. Raises ValueError."""
        text = self.query_one(TextArea).text
        if self._on is None:
            return super()._read()
        value = json.loads(json.dumps(self._value))
        place = value
        for key in self._on.path[:-1]:
            place = place[key]
        place[self._on.path[-1]] = text.strip() or None if self._on.optional else text
        return value

    # The file

    def action_also(self) -> None:
        if self._why_not:
            self.app.bell()
            return
        self.also = not self.also
        self._tell()

    def action_submit(self) -> None:
        self._judge(lambda value: self.dismiss(Edited(value, self.also)))


def _at(value: Json, path: tuple[str, ...]) -> Json:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
