"""understudy compose "…": a draft of what a request means. Nothing is saved or run without a person's yes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option, read_budget
from app.cli.output import Output
from app.cli.session import open_desk, somebody_is_here, wait_for
from workflows.errors import UnderstudyError
from workflows.records import dataclass

if TYPE_CHECKING:
    from app.cli.drafting import Dialogue
    from app.desk import Desk, Proposal
    from app.drafting import Composer
    from composer.draft import Draft
    from composer.versions import Versions

ASKED_AGAIN = 3
"""Times that a person is asked before there is a draft."""


@dataclass(frozen=True)
class Wanted:
    """What was typed."""

    request: str
    save: str | None
    goes_on: bool
    undo: bool
    model: str
    no_model: bool
    most_usd: float | None
    as_json: bool


@click.command("compose")
@click.argument("request", nargs=-1)
@click.option(
    "--save", metavar="NAME", help="Save the workflow as .understudy/workflows/NAME.yaml, with what was filled in."
)
@click.option("-c", "--continue", "goes_on", is_flag=True, help="Go on with the draft that was made last here.")
@click.option("--undo", is_flag=True, help="Take the last change of that draft back.")
@click.option("--model", default="", metavar="PROVIDER/MODEL", help="Let this model write it, whatever fits without.")
@click.option("--no-model", is_flag=True, help="Ask no model, whatever is set.")
@click.option("--budget", metavar="USD", help="What models may cost for this draft, its repairs included.")
@json_option
@plain_option
def command(
    request: tuple[str, ...],
    save: str | None,
    goes_on: bool,
    undo: bool,
    model: str,
    no_model: bool,
    budget: str | None,
    as_json: bool,
    plain: bool,
) -> int:
    """Draft a workflow from REQUEST: show plan, YAML and command. Nothing is saved or run before you say so.

    What fits is found by its words, not by AI, and it is shown why. Where nothing fits and a model is set, the model
    writes; what it writes is checked against what exists here, and played through, before you see it. On a terminal
    you can then say what to change, save it, or run it. With --continue, REQUEST is what to change.
    """
    if save is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", save):
        raise click.UsageError("--save takes a name of letters, digits, - and _.")
    if not request and not (goes_on or undo):
        raise click.UsageError("Say what you want: understudy compose REQUEST. --continue goes on with the last draft.")
    if model and no_model:
        raise click.UsageError("Choose --model or --no-model.")
    most = read_budget(budget)
    most_usd = float("inf") if most == "none" else most
    words = " ".join(request)
    wanted = Wanted(words, save, goes_on or undo, undo, model, no_model, most_usd, as_json)
    return wait_for(_compose(wanted, Output(plain=plain)))


async def _compose(wanted: Wanted, out: Output) -> int:
    from app.drafting import Composer, Wishes

    async with _opened() as desk:
        composer = Composer(desk, Wishes(wanted.model, wanted.no_model, wanted.most_usd))
        if wanted.goes_on:
            code, held = await _continue(desk, composer, wanted, out)
        else:
            code, held = await _begin(desk, composer, wanted, out)
    if held is None or not held.run:
        return code
    from app.cli.run import run_here

    return await run_here(held.run, held.given, out)


@asynccontextmanager
async def _opened() -> AsyncIterator[Desk]:
    """The desk, with a journal that keeps drafts where there can be one."""
    from workflows.journal.port import StoreError

    async with AsyncExitStack() as stack:
        try:
            desk = await stack.enter_async_context(open_desk(journal="read"))
        except StoreError:
            desk = await stack.enter_async_context(open_desk(journal="none"))
        yield desk


async def _begin(desk: Desk, composer: Composer, wanted: Wanted, out: Output) -> tuple[int, Dialogue | None]:
    """A new draft. The exit code, and the sitting with it, where there was one."""
    from app.cli.first_draft import document_of, print_draft, print_nothing, print_written
    from app.failures import Exit

    found = await _drafted(composer, wanted, out)
    proposal, problem = _plan(desk, found)
    saved = _save(desk, found, wanted.save) if wanted.save and found.text else None
    versions = await _kept(desk, found, saved, out)
    if wanted.as_json:
        out.document(document_of(found, composer.model, proposal, problem, saved))
    elif not found.text:
        print_nothing(found, out)
    elif found.match is not None:
        print_draft(found, found.match, proposal, problem, saved, desk.trusted(), out)
    elif versions is not None:
        print_written(desk, found, versions, saved, out)
    code = Exit.OK if found.text else Exit.USAGE
    if versions is None or wanted.as_json or wanted.save or not somebody_is_here():
        return code, None
    return code, await _sit(desk, composer, versions, out)


async def _drafted(composer: Composer, wanted: Wanted, out: Output) -> Draft:
    """A draft; what is asked first is answered on a terminal, a few times at most."""
    from app.cli.asker import Lines
    from app.cli.drafted import Narrator, print_questions

    telling = Narrator(out, live=not wanted.as_json)
    found = await composer.draft(wanted.request, telling)
    for _ in range(ASKED_AGAIN):
        if not found.questions or found.text or wanted.as_json or not somebody_is_here():
            break
        print_questions(found.questions, out)
        lines = Lines()
        lines.forget()
        out.say("Your answer (empty: leave it):", "attention")
        answer = (await lines.read() or "").strip()
        if not answer:
            break
        found = await composer.draft(f"{found.request}\n{answer}", telling)
    return found


async def _kept(desk: Desk, found: Draft, saved: Path | None, out: Output) -> Versions | None:
    """The draft as it is kept for `--continue`; None where there is none."""
    from app.drafting import version_of
    from app.drafts import read_draft
    from app.kept_drafts import keep_draft
    from composer.versions import Versions

    if not found.text:
        return None
    versions = Versions()
    versions.request = found.request
    versions.add(version_of(found, read_draft(desk, "draft", found.text).workflow))
    if saved is not None:
        versions.saved = (found.text, saved.stem)
    try:
        if not await keep_draft(desk, versions):
            out.say("The draft is not kept for --continue: it holds a secret.", "warning")
    except UnderstudyError as error:
        out.say(f"The draft is not kept for --continue: {error.message}", "warning")
    return versions


async def _continue(desk: Desk, composer: Composer, wanted: Wanted, out: Output) -> tuple[int, Dialogue | None]:
    """A turn on the draft that was kept, or another sitting with it."""
    from app.cli.drafting import Dialogue
    from app.failures import Exit
    from app.kept_drafts import kept_draft

    versions = await kept_draft(desk)
    if versions is None or versions.now is None:
        raise UnderstudyError("There is no draft here to go on with.", "Begin one: understudy compose REQUEST")
    dialogue = Dialogue(desk, composer, versions, out, quiet=wanted.as_json)
    done = True
    if wanted.undo:
        done = await dialogue.undo()
    elif wanted.request:
        done = await dialogue.turn(wanted.request)
    elif not wanted.as_json and not wanted.save:
        dialogue.show()
    saved = await dialogue.save_as(wanted.save) if wanted.save and done else ""
    if wanted.as_json:
        out.document(dialogue.document(saved))
    code = Exit.OK if done else Exit.USAGE
    if wanted.as_json or wanted.save or not somebody_is_here():
        if not wanted.as_json:
            then = (
                f"Start it with: understudy run {saved}"
                if saved
                else "Save it: understudy compose --continue --save NAME"
            )
            out.say(f"Nothing ran. {then}")
        return code, None
    return code, await _held(dialogue)


async def _sit(desk: Desk, composer: Composer, versions: Versions, out: Output) -> Dialogue:
    from app.cli.drafting import Dialogue

    return await _held(Dialogue(desk, composer, versions, out))


async def _held(dialogue: Dialogue) -> Dialogue:
    await dialogue.hold()
    return dialogue


def _plan(desk: Desk, found: Draft) -> tuple[Proposal | None, str]:
    """The plan, or why there is none yet."""
    if found.match is None or found.missing:
        return None, ""
    from app.drafts import read_draft

    name = found.match.candidate.name
    try:
        if found.is_changed:
            return desk.propose(read_draft(desk, name, found.text), {}, only_look=True), ""
        return desk.propose(desk.load(name), found.parameters), ""
    except UnderstudyError as error:
        return None, f"{error.message} {error.hint}".strip()


def _save(desk: Desk, found: Draft, name: str) -> Path:
    from app.drafts import save

    return save(desk, name, found.text)
