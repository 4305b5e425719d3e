"""Trying a skill: one call of it outside of any run, in the sandbox and by the rules that count for agents here."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from skills.arguments import check
from skills.declare import Context, Preview
from skills.permissions.act import act_of
from skills.permissions.decide import Decision, decide
from skills.process import environment
from skills.typed import typed
from workflows.errors import CallFailed, UnderstudyError
from workflows.records import dataclass
from workflows.text import one_line
from workflows.values import Json

if TYPE_CHECKING:
    from app.container import Services
    from skills.manifest import Skill


@dataclass(frozen=True)
class Tryout:
    """A call that could be made. `why` says why a person is asked before; empty where nobody need be."""

    skill: Skill
    arguments: Json
    preview: Preview | None
    why: str = ""

    def lines(self) -> Iterator[str]:
        """What it would do, and what it may touch."""
        touches = ", ".join(sorted(self.skill.touches)) or "nothing that it names"
        title = self.preview.title if self.preview else self.skill.name
        yield f"{title}  ({self.skill.effect}; touches {touches})"
        if self.preview is None:
            return
        for name, value in self.preview.facts.items():
            yield f"  {name}: {one_line(value, 400)}"
        for line in self.preview.body.splitlines():
            yield f"  {line}"


def must_be_callable(skill: Skill) -> None:
    """Raises UnderstudyError, which says why, for a skill that cannot be tried."""
    if not skill.trusted:
        raise UnderstudyError(
            f"{skill.name} belongs to a workspace that is not trusted.", "Look at its skills, then `understudy trust`."
        )
    if skill.unusable:
        hint = f"`understudy skills show {skill.name}` shows what an agent would read."
        raise UnderstudyError(f"{skill.name} cannot be tried: {skill.unusable}.", hint)


def read_arguments(skill: Skill, texts: Mapping[str, str]) -> dict[str, Json]:
    """What was typed, by the types of the skill's schema. Not checked yet."""
    rules: Mapping[str, Json] = skill.parameters.get("properties", {})
    return {name: typed(rules.get(name, {}), text) for name, text in texts.items()}


def check_arguments(skill: Skill, arguments: Json, how: str = "") -> None:
    """Raises UnderstudyError for what does not fit the skill's schema; `how` says how arguments are given."""
    try:
        check(skill, arguments)
    except CallFailed as error:
        stop = "" if error.hint.endswith("?") else "."
        hint = f"{error.hint}{stop} {how}" if error.hint else how
        raise UnderstudyError(f"{error.message}.", (hint[:1].upper() + hint[1:]).strip()) from None


async def propose_tryout(services: Services, skill: Skill, arguments: Json) -> Tryout:
    """What the call would do. Changes nothing. Raises CallFailed, and UnderstudyError where a rule denies it."""
    must_be_callable(skill)
    decision = _decision(services, skill, arguments)
    if decision.verdict == "deny":
        message = f"{skill.name} is not tried: {decision.why} ({decision.source})."
        raise UnderstudyError(message, "`understudy permissions` shows the rules; what they deny nobody tries.")
    why = f"it is {skill.effect}" if skill.effect != "pure" else ""
    if decision.verdict == "ask" and decision.rule is not None:
        why = f"{decision.why} ({decision.source})"
    if not why:
        return Tryout(skill, arguments, None)
    preview = await services.performers.invoker.preview(skill, arguments, _context(services, _unheard, _unheard))
    return Tryout(skill, arguments, preview, why)


async def carry_out(
    services: Services, tryout: Tryout, emit: Callable[[str], None], log: Callable[[str], None]
) -> Json:
    """Make the call; its result. `emit` hears what it says, `log` its notes. Raises CallFailed, OutcomeUnknown."""
    context = _context(services, emit, log)
    return await services.performers.invoker.invoke(tryout.skill, tryout.arguments, context)


def _decision(services: Services, skill: Skill, arguments: Json) -> Decision:
    closed = services.performers.invoker.closed
    return decide(services.performers.rules(), act_of(skill, arguments, services.paths.root, closed))


def _context(services: Services, emit: Callable[[str], None], log: Callable[[str], None]) -> Context:
    root = services.paths.root
    context = Context(
        root=root,
        cwd=root,
        key=secrets.token_hex(16),
        emit=emit,
        environ=environment(services.environ),
        backups=services.paths.backups,
        log=log,
    )
    if (sandbox := services.performers.sandbox) is not None:
        context = replace(context, sandbox=partial(sandbox.confine, root, log=log))
    return context


def _unheard(text: str) -> None:
    """Nobody listens to a preview."""
