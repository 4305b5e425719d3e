"""understudy fix RUN: a change of the workflow whose run failed, proposed, shown, and written on a yes."""

from __future__ import annotations

import click

from app.cli.changing import Way, change_options, settle
from app.cli.options import read_budget
from app.cli.output import Output
from app.cli.session import open_desk, wait_for


@click.command("fix")
@click.argument("run", default="")
@click.option(
    "--model", default="", metavar="PROVIDER/MODEL", help="Let this model propose it, whatever rules would do."
)
@click.option("--no-model", is_flag=True, help="Ask no model, whatever is set.")
@click.option("--budget", metavar="USD", help="What models may cost for it.")
@change_options
def command(run: str, model: str, no_model: bool, budget: str | None, way: Way) -> int:
    """Propose a change of the workflow whose RUN failed, from what its journal says. Nothing is written without a yes.

    Rules come first: more time for what ran out of it, another try for what passes by itself, an understudy for an
    agent that cannot answer. Else the model is asked, where one is set; what it says is checked as a draft is. RUN is
    the newest run in which a step failed, where none is named.
    """
    if model and no_model:
        raise click.UsageError("Choose --model or --no-model.")
    return wait_for(_fix(run, model, no_model, budget, way))


async def _fix(run: str, model: str, no_model: bool, budget: str | None, way: Way) -> int:
    from app.cli.drafted import Narrator
    from app.drafting import Wishes
    from app.drafts import place_of
    from app.edits import must_be_writable, proposed_text, write_change
    from app.failures import Exit
    from app.fixing import GONE, newest_failed, propose_fix
    from app.present.money import cost_words
    from workflows.errors import UnderstudyError
    from workflows.text import one_line

    most = read_budget(budget)
    wishes = Wishes(model, no_model, float("inf") if most == "none" else most)
    out = Output(plain=way.plain)
    async with open_desk() as desk:
        run = run or await newest_failed(desk)
        found = await propose_fix(desk, run, wishes, Narrator(out, live=not way.as_json))
        out.say(f"Run {run} of {found.file.stem}:")
        for why in found.why:
            out.say(f"  {one_line(why, 500)}")
        for note in found.notes:
            out.say(f"  note: {one_line(note, 400)}", "attention")
        if found.usd != 0.0:
            out.say(f"  {cost_words(found.usd)}")
        if not found.text:
            out.say(f"Nothing is proposed. See all of it: understudy show {run}", "attention")
            return Exit.FAILED
        if found.file.scope == GONE and not way.name and not way.dry_run:
            hint = f"Save the change as a workflow: understudy fix {run} --as NAME"
            raise UnderstudyError(f"The file of run {run} cannot be found by its name.", hint)
        if not way.name and not way.dry_run:
            must_be_writable(desk, found.file)
        to = place_of(desk, way.name) if way.name else None
        proposed = proposed_text(desk, found.file, found.text, to)
        return settle(desk, found.file, proposed, found.why, way, lambda: write_change(desk, proposed))
