"""skill: a function of the skills that exist here, called with typed arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from skills.declare import Context as SkillContext
from skills.invoke import Invoker
from skills.registry import Registry
from skills.waiting import durable_sleep
from workflows.definition.fields import Name, Values
from workflows.parts import Field
from workflows.secrets import hide
from workflows.steps.alone import Alone
from workflows.steps.arguments import check_arguments, check_named
from workflows.steps.context import Context, Result
from workflows.steps.kind import Catalogue, Description, Entry, Fields, Finding, Shown
from workflows.values import Json

if TYPE_CHECKING:
    from skills.sandbox import Sandbox

CALL = "call"
"""The key of the one call of a skill step."""


class SkillFields(Fields):
    noun: ClassVar[str] = "skill step"

    skill: Name = Field(description="The skill.")
    parameters: Values = Field(default_factory=dict, description="What it is called with.")


class SkillStep(Alone):
    """Calls one skill; its result is the step's output."""

    name: ClassVar[str] = "skill"
    fields: ClassVar[type[Fields]] = SkillFields

    def __init__(
        self,
        registry: Registry,
        invoker: Invoker,
        environ: Mapping[str, str],
        backups: Path,
        sandbox: Sandbox | None = None,
    ) -> None:
        self._registry = registry
        self._invoker = invoker
        self._environ = environ
        self._backups = backups
        self._sandbox = sandbox

    def check(self, fields: SkillFields, catalogue: Catalogue) -> Iterable[Finding]:
        yield from check_named("skill", fields.skill, ("skill",), catalogue)
        entry = catalogue.find("skill", fields.skill)
        if entry is not None and not entry.problem:
            yield from check_arguments(entry, fields.parameters)
            yield from _check_undo(entry, catalogue)

    def performers(self, fields: SkillFields, fallback: Sequence[str]) -> tuple[str, ...]:
        return (fields.skill,)

    def describe(self, fields: SkillFields, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        entry = catalogue.find("skill", fields.skill)
        if entry is None:
            return Description(fields.skill, effect="unsafe")
        undo = {"type": "skill", **entry.undo} if entry.undo else None
        return Description(entry.description or fields.skill, (entry,), entry.effect or "unsafe", undo=undo)

    async def show(self, ctx: Context) -> Shown:
        """The skill's own preview, such as a diff or a command, bound to the version of its code.

        Secrets are named in it, not told.
        """
        skill = self._registry.get(ctx.input["skill"])
        preview = await self._invoker.preview(skill, hide(ctx.input["parameters"]), self._context(ctx, "show", ""))
        facts = {"skill": f"{skill.name} ({skill.version}, {skill.scope})", **preview.facts}
        return Shown(preview.title, preview.body, facts, [preview.binds, skill.digest], "diff")

    async def run(self, ctx: Context) -> Json:
        """Call the skill, once. A later attempt takes the skill as it is by then."""
        skill = self._registry.get(ctx.input["skill"])
        arguments = ctx.input["parameters"]

        async def act(key: str) -> Result:
            return Result(await self._invoker.invoke(skill, ctx.reveal(arguments), self._context(ctx, CALL, key)))

        return await ctx.call(
            CALL, {"skill": skill.name, "parameters": arguments}, skill.effect, act, digest=skill.digest, whole=True
        )

    def _context(self, ctx: Context, call: str, key: str) -> SkillContext:
        return skill_context(ctx, call, key, ctx.stream, self._environ, self._backups, self._sandbox)


def skill_context(
    ctx: Context,
    call: str,
    key: str,
    emit: Callable[[str], None],
    environ: Mapping[str, str],
    backups: Path,
    sandbox: Sandbox | None = None,
) -> SkillContext:
    """What a skill is called with in a step. `call` names the call in the step, `key` is its idempotency key."""
    root = ctx.root
    context = SkillContext(
        root=root,
        cwd=root,
        key=key,
        emit=emit,
        environ=environ,
        backups=backups,
        run_id=ctx.run_id,
        log=ctx.log,
        sleep=durable_sleep(ctx, call),
    )
    return context if sandbox is None else replace(context, sandbox=partial(sandbox.confine, root, log=ctx.log))


def _check_undo(entry: Entry, catalogue: Catalogue) -> Iterable[Finding]:
    """What a skill says of its undo has to hold here, before anything is done that it would take back."""
    if not entry.undo:
        return
    name, place = entry.undo["skill"], ("skill",)
    found = list(check_named("skill", name, place, catalogue))
    undo = catalogue.find("skill", name)
    if undo is not None and not found:
        found += check_arguments(undo, entry.undo["parameters"])
    for finding in found:
        message = f"the skill '{entry.name}' cannot be used: what it says of its undo is wrong: {finding.message}"
        yield Finding(place, "unusable-skill", message, finding.hint)
