"""One input of a workflow: its name, what it is, a control that fits its type, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Select, Static, Switch

from app.tui.text import QUIET, STYLES, line
from app.tui.widgets.line_field import LineField
from workflows.definition.parameters import WANTED, Parameter, bind
from workflows.errors import UnderstudyError
from workflows.records import dataclass
from workflows.values import Json, canonical


class Field(Vertical):
    """Posts `Changed` whenever what it holds may be another value."""

    DEFAULT_CSS = """
    Field {
        height: auto;
        margin-bottom: 1;
        Input { border: none; background: $panel; height: 1; padding: 0 1; }
        Input:focus { border: none; background: $primary 20%; }
        Select, SelectCurrent { height: 1; border: none; padding: 0; background: $panel; }
        Select > SelectOverlay { border: round $primary 60%; background: $surface; }
        Select:focus SelectCurrent { background: $primary 20%; border: none; }
        Switch, Switch:focus { border: none; background: transparent; height: 1; padding: 0; }
        Switch:focus { background: $primary 20%; }
        .error { height: auto; display: none; }
        &.-wrong .error { display: block; }
    }
    """

    @dataclass
    class Changed(Message):
        """What a field holds changed."""

        field: Field

    def __init__(self, parameter: Parameter, given: Json = None, why: str = "") -> None:
        super().__init__()
        self.parameter = parameter
        self._why = why
        self._first = parameter.default if given is None else given

    def compose(self) -> ComposeResult:
        parameter = self.parameter
        wanted = f"one of {', '.join(map(_text, parameter.enum))}" if parameter.enum else WANTED[parameter.type]
        name = Content.assemble(
            line(parameter.name, 60, "bold"),
            (" *" if parameter.required else "", STYLES["attention"]),
            "  ",
            line(parameter.description or wanted, 200, QUIET),
            "  " if self._why else "",
            line(f"({self._why})" if self._why else "", 100, STYLES["warning"]),
        )
        yield Static(name, markup=False)
        yield from self._control()
        yield Static(classes="error", markup=False)

    def _control(self) -> Iterator[Widget]:
        parameter, value = self.parameter, self._first
        if parameter.enum:
            options = [(line(_text(each), 80), _text(each)) for each in parameter.enum]
            chosen = _text(value) if value in parameter.enum else Select.NULL
            yield Select(options, value=chosen, allow_blank=not parameter.required or chosen is Select.NULL)
        elif parameter.type == "boolean":
            yield Switch(value is True)
        else:
            yield LineField(_text(value), placeholder=_example(parameter))

    @property
    def control(self) -> Widget:
        """What takes the focus."""
        return self.query("Input, Select, Switch").first(Widget)

    @property
    def text(self) -> Json:
        """What is held: a text that is still to be read, a boolean, or None for nothing."""
        match self.control:
            case Switch() as switch:
                return switch.value
            case Select() as select:
                return None if select.value is Select.NULL else select.value
            case Input() as field:
                return field.value if field.value.strip() else None
        return None

    def judge(self) -> bool:
        """Whether it may be so; what is wrong is shown below it."""
        problem = ""
        try:
            bind((self.parameter,), {} if self.text is None else {self.parameter.name: self.text})
        except UnderstudyError as error:
            problem = error.message.removeprefix("A parameter is wrong: ")
        self.set_class(bool(problem), "-wrong")
        self.query_one(".error", Static).update(line(f"✗ {problem}", 300, STYLES["bad"]))
        return not problem

    @on(Input.Changed)
    @on(Select.Changed)
    @on(Switch.Changed)
    def changed(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Changed(self))


def _text(value: Json) -> str:
    return "" if value is None else value if isinstance(value, str) else canonical(value)


def _example(parameter: Parameter) -> str:
    return {"array": "one, two", "object": "{key: value}", "path": "a path"}.get(parameter.type, WANTED[parameter.type])
