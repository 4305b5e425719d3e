"""One workflow in four tabs: what it would do, what it is written as, what it takes, how its last runs went."""

from __future__ import annotations

import asyncio
import re
from functools import partial

from textual.content import Content

from app.desk import Desk
from app.drafts import plan_of
from app.named_workflows import WorkflowFile
from app.present.plan import cost_words, sum_words
from app.present.workflow_page import (
    LAST_GOOD,
    SOURCES,
    input_lines,
    problem_of,
    problems_of,
    short_path,
    state_line,
    text_of,
)
from app.publishing import published_words
from app.tui.text import KEY, QUIET, STYLES, cell, keys, line
from app.tui.widgets.listing import Listing
from app.tui.widgets.overview import run_row
from app.tui.widgets.page import Page
from app.tui.widgets.plan_graph import GraphPane, plan_rows
from app.tui.widgets.rows import Row, Rows
from app.tui.widgets.tabbed import Tab, Tabbed
from workflows.errors import UnderstudyError
from workflows.journal.port import Query

RUNS = 50
"""Last runs that are listed."""


class WorkflowPreview(Tabbed):
    """Is shown a workflow with `show`; `look` adds what takes longer to find out."""

    def __init__(self, ident: str) -> None:
        tabs = [
            Tab("graph", "Graph", GraphPane(id="graph-pane")),
            Tab("yaml", "YAML", Listing("text")),
            Tab("inputs", "Inputs", Page("input-page")),
            Tab("runs", "Last runs", Rows("last-runs")),
        ]
        super().__init__(tabs, ident)
        self._drawn: WorkflowFile | None = None
        self._place = Content("")

    @property
    def text(self) -> Listing:
        return self.query_one("#text", Listing)

    def show(self, file: WorkflowFile | None) -> None:
        """Everything about it that is known at once; of None, nothing."""
        if file is None:
            self._drawn = None
            self.border_title = self.border_subtitle = ""
            self.text.list_text("")
            self.query_one(GraphPane).begin(Content(""))
            self.query_one(Page).show(Content(""))
            self.query_one("#last-runs", Rows).show(())
            return
        words, role = state_line(file)
        title = [line(file.stem, 40, "bold"), Content.styled(f" · {SOURCES.get(file.scope, file.scope)} · ", QUIET)]
        self.border_title = Content.assemble(*title, line(words, 160, STYLES[role]))
        kept = Content.styled(f"{LAST_GOOD} · ", STYLES["warning"]) if file.newer else Content("")
        path = short_path(file.path) if file.scope != "built-in" else ""
        self._place = Content.assemble(kept, line(path, 120))
        self.border_subtitle = self._place
        self.text.list_text(text_of(file), problems_of(file))
        self.query_one(Page).show(_inputs(file))

    async def look(self, desk: Desk, file: WorkflowFile, now: float) -> None:
        """Draw its plan, sum up what it may cost, and list its last runs. Raises UnderstudyError (the journal)."""
        if file != self._drawn:
            await self._draw(desk, file)
            self._drawn = file
        if words := await published_words(desk, file):
            self.border_subtitle = Content.assemble(self._place, Content.styled(f" · {words}", QUIET))
        runs = await desk.runs(Query(workflow=file.stem, limit=RUNS))
        rows = [Row(partial(run_row, run, now), run.run_id) for run in runs]
        self.query_one("#last-runs", Rows).show(rows or [Row(_never)])

    async def _draw(self, desk: Desk, file: WorkflowFile) -> None:
        pane, workflow = self.query_one(GraphPane), file.workflow
        if workflow is None:
            pane.begin(_unreadable(file))
            return
        kept = Content.styled(f"! {LAST_GOOD}, and is shown here.  ", STYLES["warning"]) if file.newer else Content("")
        # The list has no room for all that is wrong, and the title neither.
        first = problem_of(file)
        wrong = line(f"✗ line {first.line}: {first.message}", 600, STYLES["bad"]) if first else Content("")
        pane.begin(Content.assemble(wrong, "\n" if first else "", kept, line(workflow.description, 600, QUIET)))
        try:
            plan = await asyncio.to_thread(plan_of, desk, workflow)
            pane.draw(plan_rows(plan))
            sums = line(sum_words(plan), 600, QUIET)
            pane.sum_up(sums)
            estimate = await asyncio.to_thread(desk.estimate, plan)
            pane.sum_up(Content.assemble(sums, "\n", line(cost_words(plan, estimate), 400, QUIET)))
        except UnderstudyError as error:
            pane.sum_up(line(f"No plan yet: {error.message}", 400, STYLES["bad"]))

    def show_problem(self, file: WorkflowFile) -> None:
        """To the first thing that is said of its text."""
        if found := problems_of(file):
            self.show_line(found[0].line)

    def show_step(self, file: WorkflowFile, path: str) -> None:
        """To where the step stands in the file: the outermost one of the way to it."""
        self.show_line(_line_of(text_of(file), re.split(r"[>~:]", path)[0]))

    def show_line(self, number: int) -> None:
        self.open("yaml")
        self.call_after_refresh(self.text.go_to, number)


def _line_of(text: str, step: str) -> int:
    """The line that names a step; the first where none does."""
    found = re.search(rf"\bid:\s*[\"']?{re.escape(step)}\b", text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _unreadable(file: WorkflowFile) -> Content:
    first = problem_of(file)
    words = f"✗ line {first.line}: {first.message}" if first else "✗ it cannot be read"
    hint = [Content("\n"), line(f"  {first.hint}", 300, QUIET)] if first and first.hint else []
    return Content.assemble(
        line(words, 400, STYLES["bad"]), *hint, "\n\n", keys(("→", "shows it in the file"), ("E", "edits it"))
    )


def _inputs(file: WorkflowFile) -> Content:
    lines: list[Content] = []
    for name, wanted, about in input_lines(file):
        lines += [Content.assemble(line(name, 60, KEY), "  ", line(wanted, 300, QUIET))]
        lines += [Content.assemble("  ", line(about, 400))] if about else []
        lines.append(Content(""))
    if not lines:
        return Content.styled("It takes no inputs." if file.workflow else "They are shown when it can be read.", QUIET)
    return Content("\n").join(lines)


def _never(width: int) -> Content:
    return Content.assemble(" ", cell("It was not run yet. r runs it.", max(0, width - 1), QUIET))
