"""What a workflow needs and what it would do. Nothing runs before the plan was on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from app.desk import Proposal
from app.estimate import Estimate
from app.failures import explain
from app.named_workflows import WorkflowFile
from app.present.plan import plan_lines
from app.present.workflow_page import SOURCES
from app.tui.actions import bindings, find
from app.tui.screens.run import RunScreen
from app.tui.stage import Stage
from app.tui.text import QUIET, STYLES, block, keys, line
from app.tui.widgets.field import Field
from app.tui.widgets.key_bar import KeyBar
from app.tui.widgets.status_line import Item, StatusLine
from workflows.errors import UnderstudyError
from workflows.values import Json


class FormScreen(Stage):
    """Fields for the parameters, and the plan that they lead to, made anew with every change."""

    WHERE: ClassVar[str] = "form"
    BINDINGS = bindings("form", checked=True)
    CSS_PATH = "form.tcss"

    def __init__(
        self, file: WorkflowFile, given: Mapping[str, Json], why: Mapping[str, str], *, at_inputs: bool = False
    ) -> None:
        super().__init__()
        self._at_inputs = at_inputs
        self.file = file
        self._given, self._why = given, why
        self._proposal: Proposal | None = None
        self._starting = False

    def compose(self) -> ComposeResult:
        yield StatusLine()
        with VerticalScroll(id="inputs") as inputs:
            inputs.border_title = "inputs"
            workflow = self.file.workflow
            if workflow is not None:
                if workflow.description:
                    yield Static(line(workflow.description, 400, QUIET), id="about", markup=False)
                for parameter in workflow.parameters:
                    yield Field(parameter, self._given.get(parameter.name), self._why.get(parameter.name, ""))
        with VerticalScroll(id="plan") as plan:
            plan.border_title = "plan: nothing runs yet"
            yield Static(id="steps", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.set_class(not self._fields, "-no-inputs")
        self._propose()
        unfilled = [field for field in self._fields if field.has_class("-wrong")]
        if unfilled:
            # An empty form is not yet a mistake.
            for field in unfilled:
                field.set_class(field.text is not None, "-wrong")
            unfilled[0].control.focus()
        elif self._at_inputs and self._fields:
            self.do_edit()
        else:
            self.query_one("#plan").focus()

    @property
    def _fields(self) -> list[Field]:
        return list(self.query(Field))

    @on(Field.Changed)
    def changed(self, event: Field.Changed) -> None:
        event.field.judge()
        self._propose()

    def _propose(self) -> None:
        """The plan for what is entered, or why there is none."""
        given = {field.parameter.name: field.text for field in self._fields if field.text is not None}
        self._proposal = None
        shown = self.query_one("#steps", Static)
        try:
            self._proposal = self.understudy.desk.propose(self.file, given)
        except UnderstudyError as error:
            for field in self._fields:
                if field.text is None:
                    field.judge()
            shown.update(block(explain(error), STYLES["bad"]))
        else:
            shown.update(_drawn(self._proposal, self.understudy.desk.estimate(self._proposal.plan), bool(self._fields)))
        self._show_status()
        self.refresh_bar()

    def _show_status(self) -> None:
        workflow = self.file.workflow
        items = [Item(workflow.name if workflow else self.file.stem, "bold"), Item(SOURCES[self.file.scope], QUIET)]
        items.append(
            Item(f"ready: {find(self.WHERE, 'start').key} starts it", STYLES["good"])
            if self._proposal
            else Item("not ready", QUIET)
        )
        self.query_one(StatusLine).show(items)

    @on(Input.Submitted)
    def next_field(self, event: Input.Submitted) -> None:
        fields = self._fields
        place = next((at for at, field in enumerate(fields) if field.control is event.input), len(fields))
        if place + 1 < len(fields):
            fields[place + 1].control.focus()
        else:
            self.query_one("#plan").focus()

    def facts(self) -> set[str]:
        found = {"startable"} if self._proposal is not None else set()
        return found | ({"inputs"} if self.is_mounted and self._fields else set())

    async def do_start(self) -> None:
        if self._proposal is None or self._starting:
            return
        self._starting = True
        try:
            driver = await self.understudy.desk.start(self._proposal, attended=True)
        finally:
            self._starting = False
        await self.app.switch_screen(RunScreen(driver.state.run_id))

    def do_edit(self) -> None:
        self._fields[0].control.focus()


def _drawn(proposal: Proposal, estimate: Estimate, inputs: bool) -> Content:
    """The plan's lines: what a person decides stands out, notes stand back."""
    lines: list[Content] = []
    for place, text in enumerate(plan_lines(proposal.plan, proposal.parameters, estimate)):
        bare = text.strip()
        style = "bold" if place == 0 else STYLES["attention"] if bare.startswith("‖") else ""
        lines.append(Content.styled(text, style or ("" if bare.startswith("○") else QUIET)))
    change = (("e", "change the inputs"),) if inputs else ()
    start = (find("form", "start").key, "start")
    return Content("\n").join([*lines, Content(""), keys(start, *change, ("esc", "back"))])
