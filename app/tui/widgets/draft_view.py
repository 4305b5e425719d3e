"""A draft in four tabs: what it would do, what it is written as, what it changes, what it needs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from textual.content import Content

from app.desk import Desk
from app.drafts import missing_for, plan_of
from app.named_workflows import WorkflowFile
from app.present.checks import check_lines
from app.present.differences import text_lines
from app.present.figures import plural
from app.present.money import cost_words as spent_words
from app.present.plan import cost_words, shown_value, sum_words
from app.tui.text import QUIET, STYLES, keys, line
from app.tui.widgets.draft_text import DraftText
from app.tui.widgets.listing import Listing
from app.tui.widgets.page import Page
from app.tui.widgets.plan_graph import GraphPane, plan_rows
from app.tui.widgets.tabbed import Tab, Tabbed
from composer.versions import Version, Versions
from workflows.errors import UnderstudyError

NOTHING_YET = (
    "No draft yet. Say what you want, choose the workflow that comes nearest, and f5 drafts yours from it. "
    "Nothing is saved or run before you say so."
)


class DraftView(Tabbed):
    """Is shown versions of a draft with `show`; `look` adds what takes longer to find out."""

    def __init__(self, ident: str) -> None:
        tabs = [
            Tab("plan", "Plan", GraphPane(id="graph-pane")),
            Tab("yaml", "YAML", DraftText("draft-text")),
            Tab("diff", "Diff", Listing("difference")),
            Tab("checks", "Checks", Page("check-page")),
        ]
        super().__init__(tabs, ident)

    @property
    def text(self) -> DraftText:
        return self.query_one(DraftText)

    def show(self, versions: Versions, file: WorkflowFile | None) -> None:
        """The newest version, as `file` has it read; None where there is none."""
        now = versions.now
        self.text.show(file.text if file else "", file.diagnostics if file else ())
        self.query_one("#difference", Listing).list_difference(*_difference(versions))
        if now is None or file is None:
            self.border_title, self.border_subtitle = line("draft", 20), ""
            self.query_one(GraphPane).begin(line(NOTHING_YET, 400, QUIET))
            self.query_one(Page).show(Content(""))
            return
        state = ("✓ ok", "good") if not file.errors else (f"✗ {plural(len(file.errors), 'error')}", "bad")
        title = f"draft {versions.count} · {now.name} ·"
        self.border_title = Content.assemble(line(title, 80), " ", Content.styled(state[0], STYLES[state[1]]))  # type: ignore[index]  # one of two roles
        saved = f"saved as {versions.saved[1]}" if versions.is_saved else "not saved"
        self.border_subtitle = line(saved, 60, QUIET if versions.is_saved else STYLES["warning"])

    async def look(self, desk: Desk, version: Version, file: WorkflowFile) -> None:
        """Draw its plan, and list what it uses, does, costs and lacks."""
        pane, checks = self.query_one(GraphPane), self.query_one(Page)
        pane.begin(Content("\n").join(_about(version)))
        checks.show(_checked(check_lines(file, None, None, ())))
        if file.workflow is None:
            pane.sum_up(
                Content.assemble("No plan before it is right. ", keys(("e", "edits the text"), ("u", "undoes")))
            )
            return
        try:
            plan = await asyncio.to_thread(plan_of, desk, file.workflow)
            pane.draw(plan_rows(plan))
            pane.sum_up(line(sum_words(plan), 600, QUIET))
            missing = list(missing_for(desk, file.workflow, plan))
            checks.show(_checked(check_lines(file, plan, None, missing)))
            estimate = await asyncio.to_thread(desk.estimate, plan)
        except UnderstudyError as error:
            pane.sum_up(line(f"No plan yet: {error.message}", 400, STYLES["bad"]))
            return
        pane.sum_up(
            Content("\n").join([line(sum_words(plan), 600, QUIET), line(cost_words(plan, estimate), 400, QUIET)])
        )
        checks.show(_checked(check_lines(file, plan, estimate, missing)))

    def edit(self, file: WorkflowFile) -> None:
        """Let a person change the text here."""
        self.open("yaml")
        self.text.edit(file.text, file.diagnostics)
        self.border_title = line(f"editing {file.stem}", 80)


def _about(version: Version) -> Iterator[Content]:
    """How it was made, what the request said of its inputs, and what it did not say."""
    yield line(version.made, 300, QUIET)
    for note in version.notes:
        yield line(note, 400, STYLES["attention"])
    if version.usd != 0.0:
        yield line(spent_words(version.usd), 80, QUIET)
    for filled in version.filled:
        yield Content.assemble(
            line(f"{filled.name} = {shown_value(filled.value)}", 120), "  ", line(f"({filled.why})", 120, QUIET)
        )
    if version.missing:
        names = ", ".join(parameter.name for parameter in version.missing)
        yield line(f"not said, so asked for before it runs: {names}", 300, STYLES["attention"])


def _difference(versions: Versions) -> tuple[Sequence[str], str]:
    """What the newest version changes, and what that is compared with."""
    now = versions.now
    if now is None:
        return (), ""
    before, what = versions.before
    lines = text_lines(before, now.text)
    added, gone = (sum(each.startswith(sign) for each in lines) for sign in "+-")
    return lines, f"against {what}: {added} added, {gone} gone" if lines else f"the same as {what}"


def _checked(lines: Iterator[tuple[str, object]]) -> Content:
    drawn: list[Content] = []
    for text, role in lines:
        if role is None:
            drawn += [*([Content("")] if drawn else []), Content.styled(text, "bold")]
        else:
            drawn.append(Content.assemble("  ", line(text, 400, STYLES[role])))  # type: ignore[index]  # a role
    return Content("\n").join(drawn)
