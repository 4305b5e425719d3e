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
    from composer.search import Match
    from composer.versions import Versions
    from workflows.values import Json

HOW = "word search, not AI"


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
            code, run = await _continue(desk, composer, wanted, out)
        else:
            code, run = await _begin(desk, composer, wanted, out)
    if not run:
        return code
    from app.cli.run import run_here

    return await run_here(run, out)


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


async def _begin(desk: Desk, composer: Composer, wanted: Wanted, out: Output) -> tuple[int, str]:
    """A new draft. The exit code, and the name of what is to be run then."""
    from app.cli.drafted import Narrator
    from app.failures import Exit

    found = await composer.draft(wanted.request, Narrator(out, live=not wanted.as_json))
    proposal, problem = _plan(desk, found)
    saved = _save(desk, found, wanted.save) if wanted.save and found.text else None
    versions = await _kept(desk, found, saved, out)
    if wanted.as_json:
        out.document(_document(found, composer.model, proposal, problem, saved))
    elif not found.text:
        _print_nothing(found, out)
    elif found.match is not None:
        _print_draft(found, found.match, proposal, problem, saved, desk.trusted(), out)
    elif versions is not None:
        _print_written(desk, found, versions, saved, out)
    code = Exit.OK if found.text else Exit.USAGE
    if versions is None or wanted.as_json or wanted.save or not somebody_is_here():
        return code, ""
    return code, await _sit(desk, composer, versions, out)


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


async def _continue(desk: Desk, composer: Composer, wanted: Wanted, out: Output) -> tuple[int, str]:
    """A turn on the draft that was kept, or another sitting with it."""
    from app.cli.drafted import print_version
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
        print_version(desk, versions, dialogue.file(), out, changed=False)
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
        return code, ""
    return code, await _held(dialogue)


async def _sit(desk: Desk, composer: Composer, versions: Versions, out: Output) -> str:
    from app.cli.drafting import Dialogue

    return await _held(Dialogue(desk, composer, versions, out))


async def _held(dialogue: Dialogue) -> str:
    await dialogue.hold()
    return dialogue.run


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


def _print_nothing(found: Draft, out: Output) -> None:
    from app.cli.drafted import print_questions
    from workflows.text import one_line

    for note in found.notes:
        out.say(one_line(note, 500), "attention")
    if found.questions:
        print_questions(found.questions, out)
        out.say("  next: say it again with that in it")
        return
    out.say(f"No workflow fits this request well enough ({HOW}).", "attention")
    if found.closest:
        out.say("The closest:")
        for match in found.closest:
            about = one_line(match.candidate.workflow.description, 100)
            out.print(f"  {match.candidate.name:<24} {match.score:.2f}  {about}")
        out.say("  next: understudy plan NAME, or write one: `understudy schema` helps your editor")
    else:
        out.say("  next: `understudy workflows` lists what there is")


def _print_written(desk: Desk, found: Draft, versions: Versions, saved: Path | None, out: Output) -> None:
    """A draft that was made from no workflow."""
    from app.cli.drafted import print_version
    from app.drafts import read_draft
    from app.present.money import cost_words

    now = versions.now
    assert now is not None
    print_version(desk, versions, read_draft(desk, now.name, now.text), out, changed=False)
    if saved:
        out.say(f"Saved as {saved}")
    out.say(f"Nothing ran ({cost_words(found.usd)}).")
    if saved:
        out.print(f"understudy run {saved.stem}")
    else:
        out.say("  next: understudy compose --continue “what to change”, or --continue --save NAME")


def _print_draft(
    found: Draft, match: Match, proposal: Proposal | None, problem: str, saved: Path | None, trusted: bool, out: Output
) -> None:
    from app.present.plan import plan_lines, shown_value
    from workflows.text import one_line, safe_text

    out.print(
        f"{match.candidate.name}: {one_line(match.candidate.workflow.name, 80)} ({match.candidate.scope})", "strong"
    )
    why = f'much like "{one_line(match.example, 80)}"' if match.example else f"words found: {', '.join(match.words)}"
    out.print(f"  chosen by {HOW}; score {match.score:.2f}; {why}")
    for note in found.notes:
        out.say(f"  note: {one_line(note, 400)}", "attention")
    for other in found.closest:
        out.print(f"  or: {other.candidate.name} ({other.score:.2f})")
    out.print("\nParameters", "strong")
    for filled in found.filled:
        out.print(f"  {filled.name} = {shown_value(filled.value)}   ({one_line(filled.why, 80)})")
    for parameter in found.missing:
        out.print(
            f"  {parameter.name} = ?   (missing: {one_line(parameter.description, 80) or parameter.type})", "attention"
        )
    if not found.filled and not found.missing:
        out.print("  all as they are by default")
    _print_demands(found, out)
    out.print()
    if proposal is not None:
        for line in plan_lines(proposal.plan, proposal.parameters):
            out.folded(line)
    elif problem:
        out.say(f"No plan yet: {problem}", "bad")
    else:
        out.say("No plan yet: parameters are missing.", "attention")
    out.print("\nYAML", "strong")
    out.print(safe_text(found.text, max_line=None).rstrip("\n"))
    if saved:
        out.say(f"Saved as {saved}")
    out.say("Nothing ran. Start it with:")
    if saved and not trusted:
        out.print("understudy trust")
    out.print(f"understudy run {saved.stem}" if saved else found.command)


def _print_demands(found: Draft, out: Output) -> None:
    """What the request demands, and what was done for it or why nothing could be."""
    from workflows.text import one_line

    if found.demands:
        out.print("\nDemanded", "strong")
    for demand in found.demands:
        role = "" if demand.held else "attention"
        out.print(f"  {'✓' if demand.held else '✗'} {demand.means}   ({one_line(demand.how, 160)})", role)
    for assumed in found.assumed:
        out.print(f"  assumed: {one_line(assumed, 200)}", "attention")


def _document(found: Draft, model: str, proposal: Proposal | None, problem: str, saved: Path | None) -> Json:
    from app.present.plan import plan_document
    from app.present.run import SCHEMA_VERSION
    from workflows.text import safe_json

    def entry(match: Match) -> Json:
        return {
            "workflow": match.candidate.name,
            "scope": match.candidate.scope,
            "score": match.score,
            "words": list(match.words),
            "example": match.example or None,
            "description": match.candidate.workflow.description,
        }

    by_model = found.origin == "model"
    return safe_json(
        {
            "schema_version": SCHEMA_VERSION,
            "request": found.request,
            "how": "written by a model, checked and played through" if by_model else HOW,
            "origin": found.origin if found.text else None,
            "model": model if by_model else None,
            "cost_usd": found.usd,
            "fits": bool(found.text),
            "match": entry(found.match) if found.match else None,
            "closest": [entry(match) for match in found.closest],
            "parameters": [{"name": f.name, "value": f.value, "why": f.why} for f in found.filled],
            "missing": [parameter.name for parameter in found.missing],
            "demands": [
                {"said": d.said, "means": d.means, "held": d.held, "how": d.how or None} for d in found.demands
            ],
            "assumed": list(found.assumed),
            "questions": list(found.questions),
            "notes": list(found.notes),
            "yaml": found.text or None,
            "plan": plan_document(proposal.plan, workflow=proposal.file.stem, parameters=proposal.parameters)
            if proposal
            else None,
            "problem": problem or None,
            "saved": str(saved) if saved else None,
            "command": found.command or None,
        }
    )
