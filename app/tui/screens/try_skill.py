"""Trying a skill: a form from its parameters, what it would do where it may change something, and what came of it."""

from __future__ import annotations

import json
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from app.failures import explain
from app.paths import from_home
from app.present.figures import duration
from app.present.skills import as_parameter
from app.tryout import Tryout, carry_out, check_arguments, propose_tryout, read_arguments
from app.tui.actions import bindings
from app.tui.background import in_background
from app.tui.modals.choices import Choices, Option
from app.tui.stage import Stage
from app.tui.text import QUIET, STYLES, line
from app.tui.widgets.field import Field
from app.tui.widgets.key_bar import KeyBar
from app.tui.widgets.status_line import Item, StatusLine
from app.tui.widgets.tail import Tail
from skills.registry import UnknownSkill
from workflows.errors import CallFailed, OutcomeUnknown, UnderstudyError
from workflows.text import one_line
from workflows.values import Json

DO_IT = Option("do", "d", "do it", "it is called once, in this workspace; nothing is kept in history", deliberate=True)


class TryScreen(Stage):
    """One skill, called as often as a person wants, each time the version that is current then."""

    WHERE: ClassVar[str] = "try"
    BINDINGS = bindings("try", checked=True)
    CSS_PATH = "try_skill.tcss"

    def __init__(self, name: str) -> None:
        super().__init__()
        self.skill = name
        self._calling = False
        self._began = 0.0
        self._proposed: Tryout | None = None

    def compose(self) -> ComposeResult:
        yield StatusLine()
        with VerticalScroll(id="arguments") as box:
            box.border_title = "arguments"
            skill = self.understudy.desk.services.skills.get(self.skill)
            yield Static(line(skill.description, 400, QUIET), id="about", markup=False)
            required = skill.parameters.get("required", ())
            for name, rule in skill.parameters.get("properties", {}).items():
                yield Field(as_parameter(name, rule, required=name in required))
        yield Tail("result")
        yield KeyBar()

    def on_mount(self) -> None:
        result = self.query_one("#result", Tail)
        result.border_title = "result: nothing has run yet"
        self.set_class(not self.query(Field), "-no-arguments")
        fields = [field for field in self.query(Field) if field.parameter.required]
        (fields[0].control if fields else result).focus()
        self._show_status()

    def _show_status(self, note: str = "", style: str = QUIET) -> None:
        try:
            skill = self.understudy.desk.services.skills.get(self.skill)
        except UnknownSkill:
            self.query_one(StatusLine).show([Item(f"try {self.skill}", "bold"), Item("it is gone", STYLES["bad"])])
            return
        touches = ", ".join(sorted(skill.touches)) or "nothing"
        items = [Item(f"try {skill.name}", "bold"), Item(skill.effect), Item(f"touches {touches}", QUIET)]
        number = self.understudy.reloads.version("skill", skill.name, skill.digest)
        items.append(Item(f"v{number}", QUIET))
        if note:
            items.append(Item(note, style, True))
        self.query_one(StatusLine).show(items)
        self.refresh_bar()

    # What happens

    @on(Field.Changed)
    def changed(self, event: Field.Changed) -> None:
        event.field.judge()

    @on(Input.Submitted)
    def next_field(self, event: Input.Submitted) -> None:
        fields = list(self.query(Field))
        place = next((at for at, field in enumerate(fields) if field.control is event.input), len(fields))
        following = fields[place + 1].control if place + 1 < len(fields) else self.query_one("#result", Tail)
        following.focus()

    def facts(self) -> set[str]:
        found = {"running"} if self._calling else {"ready"}
        return found | ({"arguments"} if self.is_mounted and self.query(Field) else set())

    # Actions

    def do_arguments(self) -> None:
        self.query(Field).first().control.focus()

    def do_stop(self) -> None:
        self.workers.cancel_group(self, "try")
        self._ended("stopped", STYLES["warning"])

    async def do_run(self) -> None:
        services = self.understudy.desk.services
        try:
            skill = services.skills.get(self.skill)
            arguments = self._arguments()
            check_arguments(skill, arguments)
            proposed = self._proposed = await propose_tryout(services, skill, arguments)
        except (CallFailed, UnderstudyError) as error:
            self._tell("✗ not called", _words(error))
            return
        if proposed.why:
            text = "\n".join([f"Asked because {proposed.why}.", "", *proposed.lines()])
            self.ask(Choices(f"call {skill.name}?", text, (DO_IT,)), self._agreed)
        else:
            await self._agreed("do")

    def _tell(self, title: str, words: str) -> None:
        result = self.query_one("#result", Tail)
        result.clear()
        result.add(words)
        result.border_title = Content.assemble("result · ", (title, STYLES["bad"]))
        self._show_status(title, STYLES["bad"])

    def _arguments(self) -> dict[str, Json]:
        skill = self.understudy.desk.services.skills.get(self.skill)
        given = {field.parameter.name: field.text for field in self.query(Field) if field.text is not None}
        texts = {name: value for name, value in given.items() if isinstance(value, str)}
        return {**given, **read_arguments(skill, texts)}

    async def _agreed(self, name: str | None) -> None:
        if name != "do":
            return
        self._calling, self._began = True, self.understudy.clock.monotonic()
        result = self.query_one("#result", Tail)
        result.clear()
        result.border_title = "result"
        result.focus()
        self._show_status("● running", STYLES["active"])
        in_background(self, self._call, "try")

    async def _call(self) -> None:
        tryout, result = self._proposed, self.query_one("#result", Tail)
        assert tryout is not None
        try:
            value = await carry_out(
                self.understudy.desk.services, tryout, result.add, lambda text: result.add(f"· {one_line(text, 400)}\n")
            )
        except (CallFailed, OutcomeUnknown, UnderstudyError) as error:
            result.add(f"\n✗ {_words(error)}\n")
            unknown = isinstance(error, OutcomeUnknown)
            self._ended("? unknown: it may have happened" if unknown else "✗ failed", STYLES["bad"])
            return
        result.add(f"\n{value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)}\n")
        self._ended(f"✓ done after {duration(self.understudy.clock.monotonic() - self._began)}", STYLES["good"])

    def _ended(self, words: str, style: str) -> None:
        self._calling = False
        self.query_one("#result", Tail).border_title = Content.assemble("result · ", (words, style))
        self._show_status(words, style)


def _words(error: CallFailed | OutcomeUnknown | UnderstudyError) -> str:
    """What went wrong, and what to do next."""
    if isinstance(error, UnderstudyError):
        return from_home(explain(error))
    return from_home(f"{error.failure.message}\n{error.failure.hint}".strip())
