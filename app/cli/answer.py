"""understudy answer RUN ENTRY CHOICE: answer what waits, and go on with the run where nobody else does."""

from __future__ import annotations

import json
import os
import shlex
import sys

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk_of, person, somebody_is_here, wait_for
from app.present.carried import Carried, carried, read_carried
from workflows.diagnostics import suggest
from workflows.errors import UnderstudyError
from workflows.runs.state import Inquiry, RunState
from workflows.text import one_line
from workflows.values import Json

MOST = 4 * 1024 * 1024
"""Bytes of a value that is read from a file."""


@click.command("answer")
@click.argument("run")
@click.argument("entry", required=False)
@click.argument("choice", required=False)
@click.option("--value", metavar="VALUE", help="What the choice carries. JSON, but for texts and names.")
@click.option("--value-file", metavar="FILE", help="The same, read from a file; - is stdin.")
@click.option("--note", default="", help="A reason; a denied agent is told it.")
@click.option("--no-resume", is_flag=True, help="Leave the answer, and do not go on with the run.")
@json_option
@plain_option
def command(
    run: str,
    entry: str | None,
    choice: str | None,
    value: str | None,
    value_file: str | None,
    note: str,
    no_resume: bool,
    as_json: bool,
    plain: bool,
) -> int:
    """Answer ENTRY of RUN with CHOICE. Without them, what waits in RUN is shown with each command that answers it.

    Where no living process has the run, it goes on from here to its next stop.

    \b
    An approval    approve · deny · edit (carries the new input)
                   allow_pattern (a tool: also its like, in this run)
    A question     answer (carries the answer) · default
    A failed step  retry · edit (the new input) · retry_from (an earlier step)
                   fallback (who takes over) · output (the step's output)
                   skip · roll_back · abort
    In doubt       happened (carries the output) · again · skip · abort
    Changed code   use_new · abort
    Over budget    raise (the new limit in dollars) · proceed (this one call)
                   price (dollars per million tokens, where nobody knows it)
                   retry (the price is in the settings by now)
                   fallback · skip · abort

    \b
    What a choice carries follows --value:
      understudy answer last ask:1 answer --value latest
      understudy answer last send:1 edit --value parameters.to=ada@example.org
      understudy answer last load:1 output --value '{"rows": 3}'
    Without it, `edit` opens the input in $EDITOR where a person is at the terminal.
    """
    if value is not None and value_file is not None:
        raise click.UsageError("Choose --value or --value-file.")
    if entry is None or choice is None:
        raise SystemExit(wait_for(_tell_what_waits(run, entry, as_json, Output(plain=plain))))
    text = value if value_file is None else _from_file(value_file)
    return wait_for(_answer(run, entry, choice, text, note, no_resume, as_json, Output(plain=plain)))


async def _tell_what_waits(run: str, entry: str | None, as_json: bool, out: Output) -> int:
    """Show what could be answered: all of the run, or one entry. The command itself was not whole."""
    from app.cli.report import print_answered, print_waiting
    from app.failures import Exit
    from app.present.run import run_document

    async with open_desk_of(run, unfinished=True) as desk:
        state = await desk.state(await desk.unfinished(run))
        cards = desk.services.code.waiting(state)
        owner = (await desk.summary(state.run_id)).owner
        left = [] if state.over else await desk.answers(state.run_id)
    if entry is not None:
        _waiting(state, entry)
    left = [each for each in left if entry in (None, each.entry)]
    waits = {each.asked.entry for each in state.open_inquiries} - {each.entry for each in left}
    asked = waits if entry is None else waits & {entry}
    if as_json:
        out.document({**run_document(state), "exit_code": int(Exit.USAGE)})
        return Exit.USAGE
    print_answered(state, left, owner, out.say)
    if asked:
        others = {card.entry for card in cards} - asked
        print_waiting(state, out.say, most=None, answered=others, cards=cards)
        out.say("Nothing was answered. Type one of these commands.", "attention")
    elif not left:
        out.say(f"Nothing waits for a person in run {state.run_id}.")
    return Exit.USAGE


def _from_file(name: str) -> str:
    """The text of a file. Raises UnderstudyError."""
    try:
        if name == "-":
            content = sys.stdin.buffer.read(MOST + 1)
        else:
            with open(name, "rb") as file:
                content = file.read(MOST + 1)
        if len(content) > MOST:
            raise UnderstudyError(f"{name} has more than {MOST // (1024 * 1024)} MB.", "Give a smaller value.")
        return content.decode("utf-8").removesuffix("\n")
    except OSError as error:
        raise UnderstudyError(f"{name} cannot be read: {error.strerror}.", "Name a file that can be, or -.") from None
    except UnicodeDecodeError:
        raise UnderstudyError(f"{name} is not UTF-8 text.", "Save it as UTF-8.") from None


async def _answer(
    run: str, entry: str, choice: str, text: str | None, note: str, no_resume: bool, as_json: bool, out: Output
) -> int:
    from app.cli.resume import resume
    from app.failures import Exit
    from app.present.run import run_document
    from workflows.journal.port import RunOwned

    async with open_desk_of(run, unfinished=True) as desk:
        run = await desk.unfinished(run)
        value = _value(await desk.state(run), entry, choice, text, out)
        left = [each for each in await desk.answers(run) if each.entry == entry]
        taken = await desk.answer(run, entry, choice, value, note, by=person())
        state = await desk.state(run)
    for each in left:
        out.say(f"It was answered already: {each.choice}{f' by {each.by}' if each.by else ''}.")
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


def _value(state: RunState, entry: str, choice: str, text: str | None, out: Output) -> Json:
    """The value that the choice carries, None where it carries none. Raises UnderstudyError with an example."""
    inquiry = _waiting(state, entry)
    _must_be_offered(state, inquiry, choice)
    wanted = carried(state, inquiry, choice)
    again = f"understudy answer {state.run_id} {shlex.quote(entry)} {choice}"
    if wanted is None:
        if text is not None:
            raise UnderstudyError(f"{choice} carries no value.", f"`{again}`; --note takes a reason.")
        return None
    if text is not None:
        return read_carried(wanted, text)
    if choice == "edit" and somebody_is_here():
        return _edited(wanted)
    if somebody_is_here():
        out.say(f"{choice} carries {wanted.what}: {wanted.wanted}.")
        return read_carried(wanted, click.prompt(choice, err=True, prompt_suffix=" = "))
    now = f" Its input now: {one_line(json.dumps(wanted.before, ensure_ascii=False), 400)}" if choice == "edit" else ""
    raise UnderstudyError(
        f"{choice} needs --value with {wanted.what}: {wanted.wanted}.{now}", f"`{again} --value {wanted.example}`"
    )


def _waiting(state: RunState, entry: str) -> Inquiry:
    """The entry that waits. Raises UnderstudyError, saying what became of it and what else waits."""
    inquiry = state.inquiries.get(entry)
    if inquiry is not None and inquiry in state.open_inquiries and not state.over:
        return inquiry
    waits = [] if state.over else [each.asked.entry for each in state.open_inquiries]
    why = f"Nothing waits as {one_line(entry, 80)} in run {state.run_id}."
    if inquiry is not None and inquiry.answer is not None:
        by = f" by {inquiry.answer.by}" if inquiry.answer.by else ""
        why = f"{entry} of run {state.run_id} was answered already: {inquiry.answer.choice}{by}."
    elif inquiry is not None and inquiry.voided:
        why = f"{entry} of run {state.run_id} counts no more: {inquiry.voided}."
    if state.over:
        raise UnderstudyError(f"{why} The run is over.", f"`understudy show {state.run_id}` tells what happened.")
    close = suggest(entry, waits)
    others = f"What waits: {', '.join(waits[:8])}{' …' if len(waits) > 8 else ''}." if waits else "Nothing else waits."
    raise UnderstudyError(why, f"{close[0].upper()}{close[1:]} {others}" if close else others)


def _must_be_offered(state: RunState, inquiry: Inquiry, choice: str) -> None:
    choices = inquiry.asked.choices
    if choices and choice not in choices:
        close = suggest(choice, choices)
        hint = f"{close[0].upper()}{close[1:]} " if close else ""
        if "answer" in choices and not close:
            said = shlex.join(["understudy", "answer", state.run_id, inquiry.asked.entry, "answer", "--value", choice])
            hint = f"If that is the answer: `{one_line(said, 200)}`. "
        raise UnderstudyError(
            f"{inquiry.asked.entry} of run {state.run_id} cannot be answered with {one_line(choice, 40)!r}.",
            f"{hint}Choose one of: {', '.join(choices)}.",
        )


def _edited(wanted: Carried) -> Json:
    """What a person made of the input in their editor. Raises UnderstudyError where they left it as it was."""
    from app.cli.editor import edit

    before = json.dumps(wanted.before, indent=2, ensure_ascii=False) + "\n"
    text = before
    while True:
        text = edit(text, os.environ)
        if text.strip() in ("", before.strip()):
            raise UnderstudyError("Nothing was changed, so nothing was answered.", "Change the input and save it.")
        try:
            return read_carried(wanted, text)
        except UnderstudyError as error:
            click.echo(error.message, err=True)
            if not click.confirm("Open it again?", default=True, err=True):
                raise
