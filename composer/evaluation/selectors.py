"""Which steps a check means: `role=write about=report`, `agent=writer|editor`, `n=last`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from composer.evaluation.roles import ROLES, has_role
from composer.evaluation.subject import Seen
from workflows.records import dataclass

KEYS = ("kind", "id", "skill", "agent", "role", "about", "n")


@dataclass(frozen=True)
class Selector:
    """Conditions that a step must all meet, and how many such steps are wanted."""

    terms: tuple[tuple[str, str], ...]
    times: int = 1

    def pick(self, steps: Sequence[Seen]) -> list[Seen]:
        """The steps that are meant, in their order."""
        found = [seen for seen in steps if all(_fits(seen, key, wanted) for key, wanted in self.terms if key != "n")]
        for key, wanted in self.terms:
            if key == "n":
                index = len(found) - 1 if wanted == "last" else int(wanted) - 1
                found = found[index : index + 1] if 0 <= index < len(found) else []
        return found


def read_selector(words: Sequence[str]) -> tuple[Selector, list[str]]:
    """The selector at the beginning of these words, and what comes after it. Raises ValueError where there is none."""
    terms: list[tuple[str, str]] = []
    rest = list(words)
    while rest and (found := re.fullmatch(r"(\w+)=(.+)", rest[0], re.DOTALL)) and found[1] in KEYS:
        key, wanted = found[1], found[2]
        if key == "role" and (unknown := [role for role in wanted.split("|") if role not in ROLES]):
            raise ValueError(f"there is no role '{unknown[0]}': roles are {', '.join(ROLES)}")
        if key == "n" and not re.fullmatch(r"last|[1-9]\d{0,3}", wanted):
            raise ValueError(f"n is a number from 1 or 'last', not '{wanted}'")
        if key in ("id", "skill", "agent", "about"):
            _compiled(wanted)
        terms.append((key, wanted))
        rest.pop(0)
    if not terms:
        raise ValueError(f"a step is picked by {', '.join(f'{key}=…' for key in KEYS)}")
    times = 1
    if rest and (found := re.fullmatch(r"\*(\d{1,3})", rest[0])):
        times = int(found[1])
        rest.pop(0)
    return Selector(tuple(terms), times), rest


def _fits(seen: Seen, key: str, wanted: str) -> bool:
    match key:
        case "kind":
            return seen.step.type in wanted.split("|")
        case "id":
            return _whole(wanted, seen.step.id)
        case "skill":
            return _whole(wanted, seen.skill)
        case "agent":
            return any(_whole(wanted, agent) for agent in seen.agents)
        case "role":
            return any(has_role(seen, role) for role in wanted.split("|"))
        case _:
            return _compiled(wanted).search(seen.text) is not None


def _whole(pattern: str, text: str) -> bool:
    return bool(text) and _compiled(pattern).fullmatch(text) is not None


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"'{pattern}' is no regular expression: {error}") from None
