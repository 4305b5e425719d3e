"""What is told of a draft when it is made: what it comes from, what was filled and demanded, its plan, its text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.drafted import print_questions, print_version
from app.cli.output import Output
from app.drafting import WITHOUT
from app.present.money import cost_words
from workflows.text import one_line, safe_text

if TYPE_CHECKING:
    from app.desk import Desk, Proposal
    from composer.draft import Draft
    from composer.search import Match
    from composer.versions import Versions
    from workflows.values import Json

HOW = "word search, not AI"


def print_nothing(found: Draft, out: Output) -> None:
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


def print_written(desk: Desk, found: Draft, versions: Versions, saved: Path | None, out: Output) -> None:
    """A draft that was made from no workflow."""
    from app.drafts import read_draft

    now = versions.now
    assert now is not None
    print_version(desk, versions, read_draft(desk, now.name, now.text), out)
    if saved:
        out.say(f"Saved as {saved}")
    out.say(f"Nothing ran ({cost_words(found.usd)}).")
    if saved:
        out.print(f"understudy run {saved.stem}")
    else:
        out.say("  next: understudy compose --continue “what to change”, or --continue --save NAME")


def print_draft(
    found: Draft, match: Match, proposal: Proposal | None, problem: str, saved: Path | None, trusted: bool, out: Output
) -> None:
    from app.present.plan import plan_lines, shown_value

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
    if WITHOUT in found.notes:  # what was said first is out of sight by now
        out.say(f"No model made this: {one_line(found.notes[0], 300)}", "attention")
    if found.usd != 0.0:
        out.say(f"Asking the model: {cost_words(found.usd)}.")
    dots = ", with a value in place of each …" if found.missing and not saved else ""
    out.say(f"Nothing ran. Start it with{dots}:")
    if saved and not trusted:
        out.print("understudy trust")
    out.print(f"understudy run {saved.stem}" if saved else found.command)


def _print_demands(found: Draft, out: Output) -> None:
    """What the request demands, and what was done for it or why nothing could be."""
    if found.demands:
        out.print("\nDemanded", "strong")
    for demand in found.demands:
        role = "" if demand.held else "attention"
        out.print(f"  {'✓' if demand.held else '✗'} {demand.means}   ({one_line(demand.how, 160)})", role)
    for assumed in found.assumed:
        out.print(f"  assumed: {one_line(assumed, 200)}", "attention")


def document_of(found: Draft, model: str, proposal: Proposal | None, problem: str, saved: Path | None) -> Json:
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
