"""A whole draft from skills: preparation, the work, its validation, and what is done about failures."""

from __future__ import annotations

import re
from pathlib import Path

from composer.assembly.choosing import Choice, choose, does, unserved
from composer.assembly.wiring import Bench
from composer.constraints import hold, read_constraints, without
from composer.constraints.reading import flat
from composer.draft import Draft, Here
from composer.filling.places import places
from composer.inventory import Inventory
from composer.search import Match
from composer.shapes import ANSWER, ANYTHING
from composer.terms import terms_of
from workflows.definition.dump import dump
from workflows.text import one_line
from workflows.values import Json, canonical

NOTE = (
    "This was put together from the skills that are here by their words, not by AI: check every step before you run it."
)
HEAD = "# Put together from the skills that are here, without a model. Check every step before you run it.\n"

_AGENTS = (
    ("summarise", "summariser"),
    ("translate", "writer"),
    ("review", "reviewer"),
    ("cause", "triager"),
    ("report", "writer"),
    ("compare", "writer"),
)
"""What an agent does, by what is asked for, and who."""

LAST = "plain-writer"
"""Who takes over where no model answers: what was found is handed on as it is."""

_CHECKS = {
    "archive.create": ("archive.list", "path"),
    "archive.extract": ("file.list", "target"),
    "backup.create": ("backup.verify", "target"),
    "file.write": ("file.checksum", "path"),
    "file.replace": ("file.checksum", "path"),
    "file.copy": ("file.checksum", "target"),
    "file.move": ("file.checksum", "target"),
    "csv.write": ("file.checksum", "path"),
    "data.write": ("file.checksum", "path"),
    "table.transform": ("file.checksum", "target"),
}
"""What shows that something that was written is there as it should be, and the parameter that says where it is."""

_SAVE = re.compile(
    r"\b(?:save|store|guard\w*|enregistr\w*|sauvegard\w*|speicher\w*|abspeicher\w*|salv[aeo]\w*|opsla\w*|bewaar)\b"
)
"""Words that want something kept, wherever that may be."""


def assemble(
    request: str,
    inventory: Inventory,
    root: Path,
    here: Here,
    closest: tuple[Match, ...] = (),
    least: float = 0.0,
    missed: frozenset[str] = frozenset(),
    *,
    only_missed: bool = False,
) -> Draft | None:
    """A draft from the skills that the request means; None where it means none, or what came out would not be valid.

    `least` is how well each of them must fit, 0 to 1; where `missed`, concepts of what is wanted done, are what one of
    them does that well, that is enough, and with `only_missed` it must be so.
    """
    constraints = read_constraints(request)
    plain = without(request, constraints)
    choices = choose(plain, inventory)
    if not choices or here.parse is None:
        return None
    if not any(does(choice.skill, missed) and choice.score >= least for choice in choices) and (
        only_missed or min(choice.score for choice in choices) < least
    ):
        return None
    bench = Bench(plain, inventory, root)
    for choice in choices:
        bench.add(choice.skill, choice.clause)
    first = len(bench.steps)
    _think(bench, plain, choices)
    _write(bench, plain)
    document = _document(request, bench, choices, first)
    workflow = here.parse(canonical(document))
    if workflow is None:
        return None
    held = hold(HEAD + dump(workflow), constraints, here.parse, {}, here.channels)
    final = here.parse(held.text)
    missing = tuple(each for each in final.parameters if each.required and each.default is None) if final else ()
    # What an agent is asked to do has the whole request.
    left = () if "answer" in bench.shapes or "save" in bench.shapes else unserved(plain, choices)
    notes = (
        NOTE,
        *(f"{one_line(each.clause, 80)}: {each.skill.name}" for each in choices),
        *(f"nothing was found for “{one_line(each, 80)}”: add it, or leave it" for each in left),
    )
    return Draft(
        request,
        None,
        missing=missing,
        closest=closest,
        text=held.text,
        origin="assembled",
        demands=held.demands,
        assumed=held.assumed,
        notes=notes,
    )


def _think(bench: Bench, request: str, choices: tuple[Choice, ...]) -> None:
    """Where a text is asked for that no skill makes: an agent makes it, from all that was found."""
    said = {term.key for term in terms_of(request) if term.area == "doing" or term.key == "report"}
    said -= {term.key for term in terms_of(request) if term.area == "value"}
    done = {concept for concept, _ in _AGENTS if any(does(each.skill, frozenset({concept})) for each in choices)}
    name = next(
        (agent for concept, agent in _AGENTS if concept in said - done and bench.inventory.find("agent", agent)), ""
    )
    if name:
        found = {str(step["id"]): f"${{{{ steps.{step['id']}.output }}}}" for step in bench.steps}
        known = "\n\n".join(f"{key}: {value[:-3]} | tojson }}}}" for key, value in found.items())
        step: dict[str, Json] = {
            "id": "answer",
            "type": "agent",
            "agent": name,
            "input": {"task": request.strip(), **found, "draft": known},
        }
        if bench.inventory.find("agent", LAST):
            step["fallback"] = [LAST]
        bench.place(step, ANSWER)


def _write(bench: Bench, request: str) -> None:
    """Where a file is named that something is to go into, and no skill writes it."""
    used = canonical([step.get("parameters") for step in bench.steps])
    named = [each for each in places(request, bench.root) if each.written and not each.folder]
    target = next((each.text for each in named if each.text not in used), "")
    text = bench.latest("text")
    if not bench.steps or any(step.get("approve") for step in bench.steps):
        target = target if bench.steps else ""
    elif not target and _SAVE.search(flat(request)):
        target = "${{ parameters.output }}"
        bench.parameters["output"] = {
            "name": "output",
            "type": "path",
            "required": True,
            "description": "The file that the result is written to",
        }
    if not target:
        return
    last = str(bench.steps[-1]["id"])
    if (bench.shapes[last].fields or {}).keys() & {"html"}:
        text = f"${{{{ steps.{last}.output.html }}}}"
    elif last not in text and target.endswith((".md", ".txt")):
        fields = bench.shapes[last].fields or {}
        lines = [f"- {name}: ${{{{ steps.{last}.output.{name} }}}}\n" for name in fields]
        text = "".join(lines) or f"${{{{ steps.{last}.output | tojson }}}}\n"
    if text and last in text:
        parameters: Json = {"path": target, "text": text}
        skill = "file.write"
    else:
        parameters = {"path": target, "value": f"${{{{ steps.{bench.steps[-1]['id']}.output }}}}"}
        skill = "data.write"
    if bench.inventory.find("skill", skill):
        bench.place(
            {"id": "save", "type": "skill", "skill": skill, "parameters": parameters, "approve": "before"}, ANYTHING
        )


def _document(request: str, bench: Bench, choices: tuple[Choice, ...], first: int) -> Json:
    chosen = {choice.skill.name for choice in choices}
    preparation = [step for step in bench.steps[:first] if step.get("skill") not in chosen]
    main = [step for step in bench.steps if step not in preparation]
    acting = [step for step in main if step.get("approve")]
    checks = [
        {
            "id": f"check_{number}",
            "type": "skill",
            "skill": check,
            "parameters": {"path": step["parameters"][where]},
        }
        for number, step in enumerate(acting, 1)
        for check, where in [_CHECKS.get(step["skill"], ("", ""))]
        if where in step["parameters"] and bench.inventory.find("skill", check)
    ]
    stages = [("preparation", preparation), ("main", main), ("validation", checks)]
    last = main[-1]
    name = one_line(request, 60)
    document: dict[str, Json] = {
        "name": name[:1].upper() + name[1:],
        "description": one_line(request, 200),
        **({"parameters": [*bench.parameters.values()]} if bench.parameters else {}),
        "stages": [{"name": stage, "steps": steps} for stage, steps in stages if steps],
        "outputs": {"result": f"${{{{ steps.{last['id']}.output }}}}"},
    }
    if acting:
        listed = ", ".join(str(step["id"]) for step in acting)
        document["error_handlers"] = [{"error": "any", "action": "rollback"}]
        text = f"Over. What changed something: {listed}."
        document["finally"] = {"steps": [{"id": "tell", "type": "notification", "channel": "terminal", "text": text}]}
    return document
