"""understudy compose "…": the workflow that fits a request, filled as far as the request says. Nothing runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for
from workflows.errors import UnderstudyError

if TYPE_CHECKING:
    from app.desk import Desk, Proposal
    from composer.draft import Draft
    from composer.search import Match
    from workflows.values import Json

HOW = "word search, not AI"


@click.command("compose")
@click.argument("request", nargs=-1, required=True)
@click.option(
    "--save", metavar="NAME", help="Save the workflow as .understudy/workflows/NAME.yaml, with what was filled in."
)
@json_option
@plain_option
def command(request: tuple[str, ...], save: str | None, as_json: bool, plain: bool) -> int:
    """Find the workflow that REQUEST means, fill its parameters, and show plan, YAML and command. Nothing runs.

    It is found by its words, not by AI, and it is shown why.
    """
    if save is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", save):
        raise click.UsageError("--save takes a name of letters, digits, - and _.")
    return wait_for(_compose(" ".join(request), save, as_json, Output(plain=plain)))


async def _compose(request: str, save: str | None, as_json: bool, out: Output) -> int:
    from app.drafts import candidates
    from app.failures import Exit
    from composer.draft import draft
    from composer.search import search

    async with open_desk(journal="none") as desk:
        found = draft(request, search(request, candidates(desk.workflows())), desk.services.paths.root)
        proposal, problem = _plan(desk, found)
        saved = _save(desk, found, save) if save and found.match else None
        trusted = desk.trusted()
    if as_json:
        out.document(_document(found, proposal, problem, saved))
    elif found.match is None:
        _print_nothing(found, out)
    else:
        _print_draft(found, found.match, proposal, problem, saved, trusted, out)
    return Exit.OK if found.match else Exit.USAGE


def _plan(desk: Desk, found: Draft) -> tuple[Proposal | None, str]:
    """The plan, or why there is none yet."""
    if found.match is None or found.missing:
        return None, ""
    try:
        return desk.propose(desk.load(found.match.candidate.name), found.parameters), ""
    except UnderstudyError as error:
        return None, f"{error.message} {error.hint}".strip()


def _save(desk: Desk, found: Draft, name: str) -> Path:
    from app.drafts import save
    from composer.draft import filled_text

    return save(desk, name, filled_text(found))


def _print_nothing(found: Draft, out: Output) -> None:
    from workflows.text import one_line

    out.say(f"No workflow fits this request well enough ({HOW}).", "attention")
    if found.closest:
        out.say("The closest:")
        for match in found.closest:
            about = one_line(match.candidate.workflow.description, 100)
            out.print(f"  {match.candidate.name:<24} {match.score:.2f}  {about}")
        out.say("  next: understudy plan NAME, or write one: `understudy schema` helps your editor")
    else:
        out.say("  next: `understudy workflows` lists what there is")


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
    out.print()
    if proposal is not None:
        for line in plan_lines(proposal.plan, proposal.parameters):
            out.print(line)
    elif problem:
        out.say(f"No plan yet: {problem}", "bad")
    else:
        out.say("No plan yet: parameters are missing.", "attention")
    out.print("\nYAML", "strong")
    out.print(safe_text(match.candidate.text, max_line=None).rstrip("\n"))
    if saved:
        out.say(f"Saved as {saved}")
    out.say("Nothing ran. Start it with:")
    if saved and not trusted:
        out.print("understudy trust")
    out.print(f"understudy run {saved.stem}" if saved else found.command)


def _document(found: Draft, proposal: Proposal | None, problem: str, saved: Path | None) -> Json:
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

    return safe_json(
        {
            "schema_version": SCHEMA_VERSION,
            "request": found.request,
            "how": HOW,
            "model": None,
            "fits": found.match is not None,
            "match": entry(found.match) if found.match else None,
            "closest": [entry(match) for match in found.closest],
            "parameters": [{"name": f.name, "value": f.value, "why": f.why} for f in found.filled],
            "missing": [parameter.name for parameter in found.missing],
            "yaml": found.match.candidate.text if found.match else None,
            "plan": plan_document(proposal.plan, workflow=proposal.file.stem, parameters=proposal.parameters)
            if proposal
            else None,
            "problem": problem or None,
            "saved": str(saved) if saved else None,
            "command": found.command or None,
        }
    )
