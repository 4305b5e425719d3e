"""What a check may say of a step: `approve=before`, `retry>=3`, `!undo`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from composer.evaluation.subject import Seen, Subject
from workflows.definition.durations import seconds
from workflows.records import dataclass

FLAGS = (
    *("undo", "fallback", "cache", "when", "foreach", "verify", "irreversible", "notify", "output_schema"),
    *("retry", "timeout", "approve", "on_failure"),
)
VALUES = ("approve", "retry", "timeout", "on_failure", "model", "id", "kind", "skill", "agent", "changed")
_FACT = re.compile(r"(!?)(\w+)(?:(>=|<=|=)(.+))?", re.DOTALL)


@dataclass(frozen=True)
class Fact:
    """One thing that must be true of a step."""

    name: str
    sign: str = ""
    value: str = ""
    negated: bool = False

    def holds(self, seen: Seen, now: Subject, before: Subject | None) -> bool:
        return self._is(seen, now, before) != self.negated

    def _is(self, seen: Seen, now: Subject, before: Subject | None) -> bool:
        step = seen.step
        match self.name:
            case "approve":
                return step.approve is not None or step.irreversible or _asked_before(seen, now)
            case "retry":
                policy = step.retry or (now.workflow.metadata.retry_policy if now.workflow.metadata else None)
                return policy is not None and compare(float(policy.attempts), self.sign or ">=", self.value or "2")
            case "timeout":
                return step.timeout is not None and compare(step.timeout, self.sign, self.value)
            case "on_failure":
                return step.on_failure == self.value if self.sign else step.on_failure is not None
            case "model":
                return self.value in (seen.data.get("model"), step.id) or self.value in seen.text
            case "changed":
                return _changed(seen, self.value, before)
            case "id" | "kind" | "skill":
                mine = {"id": step.id, "kind": step.type, "skill": seen.skill}[self.name]
                return re.fullmatch(self.value, mine, re.IGNORECASE) is not None
            case "agent":
                return any(re.fullmatch(self.value, agent, re.IGNORECASE) for agent in seen.agents)
            case _:
                return bool(getattr(step, self.name))


def read_facts(words: Sequence[str]) -> tuple[Fact, ...]:
    """The facts that these words say. Raises ValueError for what is none."""
    facts = []
    for word in words:
        found = _FACT.fullmatch(word)
        if found is None or found[2] not in (VALUES if found[3] else FLAGS):
            raise ValueError(f"'{word}' is nothing that can be said of a step")
        if found[3] and found[2] in ("retry", "timeout"):
            compare(0.0, found[3], found[4])
        facts.append(Fact(found[2], found[3] or "", found[4] or "", bool(found[1])))
    if not facts:
        raise ValueError("'has' needs something that a step has")
    return tuple(facts)


def compare(value: float, sign: str, wanted: str) -> bool:
    """Whether a number compares so with one in words, which may be a duration. Raises ValueError."""
    if not sign:
        return True
    other: float = seconds(wanted)
    if sign == "=":
        return bool(abs(value - other) < 1e-9)
    return value >= other - 1e-9 if sign == ">=" else value <= other + 1e-9


def _asked_before(seen: Seen, now: Subject) -> bool:
    """Whether a person is asked in a step that is over before this one begins."""
    gates = [each for each in now.every if each.step.type in ("approval", "question")]
    inside = any(holder.approve or holder.irreversible for holder in seen.placed.inside)
    return inside or any(now.ends_before(gate, seen) for gate in gates)


def _changed(seen: Seen, what: str, before: Subject | None) -> bool:
    old = next((each for each in before.every if each.step.id == seen.step.id), None) if before else None
    if old is None:
        return False

    return bool(old.data.get(what) != seen.data.get(what))
