"""One line of a check, such as `step role=write has approve=before`, read and held against a draft."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Protocol

from composer.evaluation import whole
from composer.evaluation.areas import differences, read_allowed
from composer.evaluation.facts import Fact, compare, read_facts
from composer.evaluation.selectors import Selector, read_selector
from composer.evaluation.subject import Seen, Subject
from workflows.records import dataclass

_LIMIT = re.compile(r"(max_parallel|timeout|usd)(<=|>=|=)(.+)")


@dataclass(frozen=True)
class Case:
    """What a check is held against: the draft now, before, and after each turn (0 is the start); what came back.

    A draft is None where there is none.
    """

    now: Subject | None
    before: Subject | None = None
    turns: Mapping[int, Subject | None] = field(default_factory=dict)
    questions: int = 0
    messages: int = 0


class Check(Protocol):
    """Whether something holds. `why` says in a few words why it does not."""

    def __call__(self, case: Case) -> bool: ...


def read_check(line: str) -> Check:
    """The check of a line. Raises ValueError, which says what is wrong with it."""
    words = _words(line)
    if "or" in words:
        at = words.index("or")
        left, right = _read(words[:at]), read_check(shlex.join(words[at + 1 :]))
        return lambda case: left(case) or right(case)
    return _read(words)


def _read(words: list[str]) -> Check:
    if not words:
        raise ValueError("a check says something")
    first, rest = words[0], words[1:]
    if first == "not":
        inner = _read(rest)
        return lambda case: not inner(case)
    if first == "was":
        inner = _read(rest)
        return lambda case: inner(Case(case.before, None, case.turns))
    if found := _LIMIT.fullmatch(first):
        holds = {"max_parallel": whole.parallel_limit, "timeout": whole.timeout, "usd": whole.budget}[found[1]]
        _nothing_more(rest)
        compare(0.0, found[2], found[3])
        return _of_now(lambda now: holds(now, found[2], found[3]))
    readers: Mapping[str, Callable[[list[str]], Check]] = {
        "has_step": lambda rest: _has(rest, True),
        "no_step": lambda rest: _has(rest, False),
        "step": lambda rest: _facts(rest, all, some=True),
        "every": lambda rest: _facts(rest, all, some=False),
        "some": lambda rest: _facts(rest, any, some=True),
        "first": lambda rest: _facts(rest, all, some=True, most=1),
        "parallel": _parallel,
        "sequential": _sequential,
        "budget": _read,
        "rollback": lambda rest: _alone(rest, _of_now(whole.rollback)),
        "notify": _notify,
        "schedule": _schedule,
        "parameter": _parameter,
        "unchanged_except": _unchanged,
        "unchanged": _unchanged,
        "same_as": _same_as,
        "added": lambda rest: _came(rest, new=True),
        "removed": lambda rest: _came(rest, new=False),
        "steps": _steps,
        "asks": lambda rest: _alone(rest, _asks),
        "tells": lambda rest: _alone(rest, lambda case: case.messages + case.questions > 0),
    }
    if first not in readers:
        raise ValueError(f"there is no check '{first}': checks are {', '.join(readers)}")
    return readers[first](rest)


def _has(words: list[str], wanted: bool) -> Check:
    selector, rest = read_selector(words)
    _nothing_more(rest)
    return _of_now(lambda now: (len(selector.pick(now.steps)) >= selector.times) == wanted)


def _facts(words: list[str], quantity: Callable[[list[bool]], bool], *, some: bool, most: int | None = None) -> Check:
    selector, rest = read_selector(words)
    if rest[:1] != ["has"]:
        raise ValueError("after the steps comes 'has', and what they have")
    facts = read_facts(rest[1:])

    def holds(case: Case) -> bool:
        if case.now is None:
            return False
        picked = selector.pick(case.now.steps)[:most]
        if not picked:
            return not some
        return quantity([_all(facts, seen, case.now, case.before) for seen in picked])

    return holds


def _all(facts: Sequence[Fact], seen: Seen, now: Subject, before: Subject | None) -> bool:
    return all(fact.holds(seen, now, before) for fact in facts)


def _selectors(words: list[str]) -> list[Selector]:
    if words[:1] != ["contains"]:
        raise ValueError("it goes on with 'contains', and the steps")
    found: list[Selector] = []
    rest = words[1:]
    while rest or not found:
        selector, rest = read_selector(rest)
        found.append(selector)
        if rest:
            if rest[0] != ",":
                raise ValueError(f"'{rest[0]}' is in the way: steps are set apart by commas")
            rest = rest[1:]
    return found


def _parallel(words: list[str]) -> Check:
    wanted = [selector for selector in _selectors(words) for _ in range(selector.times)]

    def holds(now: Subject) -> bool:
        for seen in now.steps:
            each = seen.step.foreach
            if each and each.max_parallel >= len(wanted) and all(seen in one.pick(now.steps) for one in wanted):
                return True
        choices = [selector.pick(now.steps) for selector in wanted]

        def extended(chosen: list[Seen]) -> bool:
            if len(chosen) == len(choices):
                return True
            return any(
                extended([*chosen, seen])
                for seen in choices[len(chosen)]
                if seen not in chosen and all(now.may_meet(seen, other) for other in chosen)
            )

        return extended([])

    return _of_now(holds)


def _sequential(words: list[str]) -> Check:
    wanted = _selectors(words)

    def holds(now: Subject) -> bool:
        choices = [selector.pick(now.steps) for selector in wanted]

        def extended(at: int, last: Seen | None) -> bool:
            if at == len(choices):
                return True
            return any(extended(at + 1, seen) for seen in choices[at] if last is None or now.ends_before(last, seen))

        return extended(0, None)

    return _of_now(holds)


def _notify(words: list[str]) -> Check:
    said = _named(words, ("when", "channel"))
    return _of_now(lambda now: whole.notifies(now, said.get("when", ""), said.get("channel", "")))


def _schedule(words: list[str]) -> Check:
    said = _named(words, ("cron", "every", "tz"))
    if "cron" in said:
        from workflows.definition.schedules import read_cron

        read_cron(said["cron"])
    return _of_now(lambda now: whole.schedule(now, said.get("cron", ""), said.get("every", ""), said.get("tz", "")))


def _parameter(words: list[str]) -> Check:
    said = _named(words, ("name", "default"))
    if "name" not in said:
        raise ValueError("a parameter has a name: parameter name=X")
    return _of_now(lambda now: whole.parameter(now, said["name"], said.get("default")))


def _unchanged(words: list[str]) -> Check:
    allowed = read_allowed(words)
    return lambda case: (
        case.now is not None and case.before is not None and not [*differences(case.before, case.now, allowed)]
    )


def _same_as(words: list[str]) -> Check:
    found = re.fullmatch(r"start|turn=(\d{1,3})", " ".join(words))
    if found is None:
        raise ValueError("it is the same as 'start' or as 'turn=1'")
    turn, nothing = int(found[1] or 0), read_allowed(())

    def holds(case: Case) -> bool:
        then = case.turns.get(turn)
        return case.now is not None and then is not None and not [*differences(then, case.now, nothing)]

    return holds


def _came(words: list[str], *, new: bool) -> Check:
    selector, rest = read_selector(words)
    _nothing_more(rest)

    def holds(case: Case) -> bool:
        if case.now is None or case.before is None:
            return False
        here, there = (case.now, case.before) if new else (case.before, case.now)
        known = {seen.step.id for seen in there.every}
        return sum(seen.step.id not in known for seen in selector.pick(here.every)) >= selector.times

    return holds


def _steps(words: list[str]) -> Check:
    found = re.fullmatch(r"([+-]\d{1,4})", " ".join(words))
    if found is None:
        raise ValueError("steps are counted from before: steps +1")
    more = int(found[1])
    return lambda case: (
        case.now is not None and case.before is not None and len(case.now.steps) - len(case.before.steps) == more
    )


def _asks(case: Case) -> bool:
    same = case.now is None and case.before is None
    if case.now is not None and case.before is not None:
        same = not [*differences(case.before, case.now, read_allowed(()))]
    return 1 <= case.questions <= 3 and (same or case.before is None)


def _of_now(holds: Callable[[Subject], bool]) -> Check:
    return lambda case: case.now is not None and holds(case.now)


def _alone(words: list[str], check: Check) -> Check:
    _nothing_more(words)
    return check


def _named(words: list[str], names: tuple[str, ...]) -> dict[str, str]:
    said = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or name not in names:
            raise ValueError(f"'{word}' is none of {', '.join(f'{each}=…' for each in names)}")
        said[name] = value
    return said


def _nothing_more(words: list[str]) -> None:
    if words:
        raise ValueError(f"'{words[0]}' is more than it takes")


def _words(line: str) -> list[str]:
    """The words of a line: quotes hold words together, commas stand alone except within a word."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise ValueError(f"{error}") from None
    apart: list[str] = []
    for word in words:
        head = word.rstrip(",")
        apart += [head] if head else []
        apart += [","] if head != word else []
    return apart
