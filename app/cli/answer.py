"""understudy answer RUN ENTRY CHOICE: answer what waits, and go on with the run where nobody else does."""

from __future__ import annotations

import json

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk_of, person, somebody_is_here, wait_for
from workflows.values import Json


@click.command("answer")
@click.argument("run")
@click.argument("entry")
@click.argument("choice")
@click.option("--value", metavar="JSON", help="What the choice carries: the new input, or the output.")
@click.option("--note", default="", help="A reason; a denied agent is told it.")
@click.option("--no-resume", is_flag=True, help="Leave the answer, and do not go on with the run.")
@json_option
@plain_option
def command(
    run: str, entry: str, choice: str, value: str | None, note: str, no_resume: bool, as_json: bool, plain: bool
) -> int:
    """Answer ENTRY of RUN with CHOICE; `understudy show RUN` lists them.

    Where no living process has the run, it goes on from here to its next stop.
    """
    from app.present.inquiry import NEEDS_VALUE

    data: Json = None
    if value is not None:
        try:
            data = json.loads(value)
        except ValueError as error:
            raise click.UsageError(f"--value is not JSON: {error}.") from None
    elif choice in NEEDS_VALUE:
        what = "the step's new input" if choice == "edit" else "the output it gave"
        raise click.UsageError(f"{choice} needs --value with {what} as JSON (`null` where there is none).")
    return wait_for(_answer(run, entry, choice, data, note, no_resume, as_json, Output(plain=plain)))


async def _answer(
    run: str, entry: str, choice: str, value: Json, note: str, no_resume: bool, as_json: bool, out: Output
) -> int:
    from app.cli.resume import resume
    from app.failures import Exit
    from app.present.run import run_document
    from workflows.journal.port import RunOwned

    async with open_desk_of(run, unfinished=True) as desk:
        run = await desk.unfinished(run)
        taken = await desk.answer(run, entry, choice, value, note, by=person())
        state = await desk.state(run)
    if not taken and not no_resume:
        try:
            return await resume(state.run_id, as_json, somebody_is_here(), False, out)
        except RunOwned:
            taken = True  # another process went on with the run meanwhile, and finds the answer
    if taken:
        out.say(f"Recorded. The process that has run {state.run_id} takes it from here.")
    else:
        out.say(f"Recorded. It counts when somebody goes on with: understudy resume {state.run_id}")
    if as_json:
        out.document({**run_document(state), "answered": {"entry": entry, "choice": choice, "taken": taken}})
    return Exit.OK
