"""Which skills a request means, clause by clause, by what its words mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from composer.inventory import Inventory, Item
from composer.profile import AREAS, Profile, Weights, weights_of
from composer.terms import ADDRESS, FILE, FOLDER, QUOTED, terms_of
from workflows.records import dataclass

LEAST = 0.6
"""The share of what a clause says that a skill must have to do with."""

SURE = 0.7
"""The share from which on a single word is enough."""

NAMED = 0.8
"""How strongly a skill is tied to what its name or the first sentence about it says."""

NOT_BY_WORDS = frozenset({"command", "file.restore", "text.template", "build_manager"})
"""Skills that do whatever they are told: nobody can tell from words what."""

ASKS: Mapping[str, str] = {
    "archive.create": "compress. zip the folder",
    "archive.extract": "unpack",
    "file.move": "rename",
    "file.replace": "replace",
    "git.tags": "which tags",
    "system.wait_port": "wait until",
    "text.diff": "compare. compare the files",
    "web.page": "fetch",
    "text.stats": "count the words",
}
"""What people say of what a skill does, where that is enough to know which is meant, whatever it is done to."""

_THEN = (
    "and then|then|after that|afterwards|y luego|luego|despues|puis|ensuite|dann|danach|anschliessend|e poi|poi|"
    "e depois|depois|daarna|en dan"
)
_BREAKS = re.compile(
    rf"[;.\n](?:\s|$)|,?\s+(?:{_THEN})\s+|,\s+|\s+(?:and|y|et|und|e|en)\s+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Choice:
    """A skill, and the words of the request that mean it."""

    skill: Item
    clause: str
    score: float


def choose(request: str, inventory: Inventory) -> tuple[Choice, ...]:
    """The skills that the request means, in its order, each once; none where it speaks of what none does."""
    if any(term.area in ("away", "harm") for term in terms_of(request)):
        return ()
    skills = [item for item in inventory.items if item.what == "skill" and item.name not in NOT_BY_WORDS]
    profiles = {item.name: _profile(item) for item in skills}
    weights = weights_of([*profiles.values()])
    chosen: dict[str, Choice] = {}
    for clause in _clauses(request):
        best = max(
            (Choice(each, clause, _score(clause, profiles[each.name], weights, _asks(each))) for each in skills),
            key=_rank,
            default=None,
        )
        if best is not None and best.score >= LEAST:
            chosen.setdefault(best.skill.name, best)
    return tuple(chosen.values())


def unserved(request: str, choices: Sequence[Choice]) -> tuple[str, ...]:
    """The parts of the request that say something to be done, and that none of these skills was chosen for."""
    clauses = {choice.clause for choice in choices}
    return tuple(
        clause
        for clause in _clauses(request)
        if clause not in clauses and len({term.area for term in terms_of(clause)} - {"doing"}) > 0
    )


def does(skill: Item, concepts: frozenset[str]) -> bool:
    """Whether the skill's name or purpose says one of these concepts."""
    return any(_profile(skill).ties.get(concept, 0.0) >= NAMED for concept in concepts)


def _rank(choice: Choice) -> tuple[float, int]:
    return choice.score, -len(choice.skill.name)


def _clauses(request: str) -> list[str]:
    """The parts of a request that say something to be done; what is only listed stays with what is before it."""
    found: list[str] = []
    for part in _BREAKS.split(request):
        if not part or not part.strip():
            continue
        terms = terms_of(part)
        if found and not any(term.area == "doing" for term in terms):
            found[-1] += f", {part}"
        else:
            found.append(part)
    return found


def _profile(skill: Item) -> Profile:
    ties: dict[str, float] = {}
    first = skill.description.split("\n")[0].split(". ")[0]
    names = re.sub(r"[._]", " ", skill.name)
    around = " . ".join((skill.returns, *(skill.parameters or {}).get("properties", {})))
    for text, strength in ((around, 0.5), (first, NAMED), (names, 1.0), (ASKS.get(skill.name, ""), 1.0)):
        for term in terms_of(text.replace("_", " ")):
            ties[term.key] = strength
    return Profile(ties, ())


def _asks(skill: Item) -> frozenset[str]:
    return frozenset(term.key for term in terms_of(ASKS.get(skill.name, "")) if term.area == "doing")


def _score(clause: str, profile: Profile, weights: Weights, asks: frozenset[str] = frozenset()) -> float:
    """How much of what the clause says the skill has to do with; nothing where it shares no thing with it.

    `asks` are what is wanted done by which alone the skill is known.
    """
    plain = FOLDER.sub(" ", FILE.sub(" ", ADDRESS.sub(" ", QUOTED.sub(" ", clause))))
    terms = [term for term in terms_of(plain) if term.area != "value"]
    counts: Mapping[str, float] = {term.key: AREAS[term.area] * weights[term.key] for term in terms}
    shared: Sequence[str] = [key for key in counts if key in profile.ties]
    if not any(term.key in shared and (term.area in ("things", "word") or term.key in asks) for term in terms):
        return 0.0
    score = sum(counts[key] * profile.ties[key] for key in shared) / sum(counts.values())
    return score if len(shared) > 1 or score > SURE or asks & set(shared) else 0.0
