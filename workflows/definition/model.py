"""A workflow as written: frozen values, their expressions still text. `parse` makes them, `dump` writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Literal

from workflows.definition.fields import (
    Amount,
    Condition,
    Count,
    Definition,
    Duration,
    Given,
    Identifier,
    JsonSchema,
    Label,
    Missed,
    Name,
    Repeats,
    Values,
)
from workflows.definition.modifiers import Action, Cache, Foreach, Notify, Retry, Unattended, Verify
from workflows.definition.parameters import Parameter
from workflows.effects import Effect
from workflows.parts import Field
from workflows.steps.kind import Fields, Finding

OnFailure = Literal["abort", "continue", "skip", "retry", "rollback", "ask"]


class Step(Definition):
    """One piece of work. `type` names its kind, whose own fields stand in `fields` (in the file, beside the others)."""

    noun: ClassVar[str] = "step"

    id: Identifier = Field(description="Its name in expressions, unique in the file.")
    type: Name = Field(description="Its kind.")
    name: Label | None = Field(default=None, description="What people are shown.")
    when: Condition | None = Field(default=None, description="It is skipped unless this is true.")
    needs: tuple[Identifier, ...] = Field(
        default=(), description="In a parallel stage: the steps that must be over before it starts."
    )
    timeout: Duration | None = Field(
        default=None, description="The longest an attempt may take, waiting for people left out."
    )
    idle_timeout: Duration | None = Field(default=None, description="The longest an attempt may show no sign of life.")
    retry: Retry | None = Field(default=None, description="When a failed attempt is repeated.")
    fallback: tuple[Name, ...] = Field(
        default=(), description="The agents that take over, in order, before a person is asked."
    )
    on_failure: OnFailure | None = Field(
        default=None, description="What happens when all attempts failed; else a person is asked."
    )
    approve: Literal["before"] | None = Field(
        default=None, description="A person must say yes to exactly what it will do."
    )
    undo: Action | None = Field(default=None, description="How it is undone, registered before it acts.")
    verify: Verify | None = Field(default=None, description="How to find out whether it took effect.")
    foreach: Foreach | None = Field(default=None, description="It is done once for each item of a list.")
    cache: bool | Cache = Field(
        default=False, description="Its result is taken from an earlier run where nothing changed."
    )
    effect: Effect | None = Field(
        default=None, description="What it does outside: nothing, something repeatable, or neither is known."
    )
    irreversible: bool = Field(default=False, description="It cannot be undone: a person must approve it.")
    output_schema: JsonSchema | None = Field(default=None, description="What its output must look like.")
    notify: bool | Notify = Field(default=False, description="Whether somebody is told how it ended.")
    fields: Fields

    def findings(self) -> Iterable[Finding]:
        if self.irreversible and self.undo is not None:
            hint = "an irreversible step is approved by a person before it acts; take one of them out"
            yield Finding(("undo",), "conflict", "a step that cannot be undone has an undo", hint)


class Stage(Definition):
    """Steps that run one after the other, or with `parallel` as soon as what they need is done."""

    noun: ClassVar[str] = "stage"

    name: Label = Field(description="What people are shown.")
    parallel: bool = Field(default=False, description="Steps start as soon as what they need or read is done.")
    max_parallel: Count | None = Field(default=None, description="How many of them run at once.")
    steps: tuple[Step, ...] = Field(least=1, description="Its steps.")

    def findings(self) -> Iterable[Finding]:
        if self.max_parallel is not None and not self.parallel:
            hint = "add 'parallel: true', or take it out"
            yield Finding(
                ("max_parallel",), "no-effect", "max_parallel has no effect without parallel", hint, warning=True
            )


class Metadata(Definition):
    """Facts about the workflow, and defaults that reach all of its steps."""

    noun: ClassVar[str] = "metadata"

    author: Label | None = Field(default=None, description="Who wrote it.")
    tags: tuple[Label, ...] = Field(default=(), description="Words to find it by.")
    timeout: Duration | None = Field(default=None, description="The longest a run may take.")
    retry_policy: Retry | None = Field(default=None, description="The retry of steps that have none.")


class Budget(Definition):
    """What a run, child workflows included, may spend on models."""

    noun: ClassVar[str] = "budget"

    usd: Amount = Field(description="US dollars.")
    on_exceed: Literal["ask", "abort"] = Field(
        default="ask", description="What happens before the call that would exceed it."
    )


class ContextRules(Definition):
    """Whether the outputs of a stage's steps are merged into `context` when the stage ends."""

    noun: ClassVar[str] = "context"

    preserve: bool = Field(default=False, description="Whether they are.")
    merge_strategy: Literal["deep", "shallow", "replace"] = Field(default="deep", description="How they are.")


class Schedule(Definition):
    """One rule of when the workflow starts by itself: a cron line, an interval, or a single time."""

    noun: ClassVar[str] = "schedule"

    cron: Label | None = Field(
        default=None, description="Minute, hour, day, month and day of the week, as in a crontab: 30 7 * * mon."
    )
    every: Duration | None = Field(default=None, description="The time from one start to the next.")
    at: Label | None = Field(default=None, description="A single time: 2026-12-24 18:00.")
    timezone: Label | None = Field(
        default=None, description="The time zone of the line or time, such as Europe/Madrid; else that of the machine."
    )
    missed: Missed = Field(
        default="latest",
        description="What becomes of times that passed unattended: skip, latest, all, or all:5 for the last 5.",
    )
    overlap: Literal["allow", "skip", "queue", "replace"] = Field(
        default="queue", description="What is done when it is due and the run before it is not over."
    )
    parameters: Given = Field(default_factory=dict, description="What its runs are given. Nothing in it is evaluated.")

    def findings(self) -> Iterable[Finding]:
        given = [key for key in ("cron", "every", "at") if getattr(self, key) is not None]
        if len(given) != 1:
            message = "a schedule has one of 'cron', 'every' and 'at'"
            yield Finding(tuple(given[1:2]), "conflict", message, "such as cron: 30 7 * * mon")
        from workflows.definition.schedules import known_zones, read_cron, read_time  # few files have one

        if self.cron is not None:
            try:
                read_cron(self.cron)
            except ValueError as error:
                yield Finding(("cron",), "wrong-value", f"this is no cron line: {error}", "such as 30 7 * * mon-fri")
        if self.every is not None and self.every < 1:
            yield Finding(("every",), "wrong-value", "an interval is at least a second", "such as every: 30m")
        if self.at is not None:
            try:
                read_time(self.at)
            except ValueError as error:
                yield Finding(("at",), "wrong-value", f"this is no time: {error}", "such as 2026-12-24 18:00")
        if self.timezone is not None:
            if self.every is not None:
                message = "a time zone has no effect beside 'every'"
                yield Finding(("timezone",), "no-effect", message, warning=True)
            zones = known_zones()
            if zones and self.timezone not in zones:
                from workflows.diagnostics import suggest  # only where something is wrong

                hint = suggest(self.timezone, zones) or "such as Europe/Madrid, America/New_York or UTC"
                yield Finding(("timezone",), "wrong-value", f"there is no time zone '{self.timezone}'", hint)

    @property
    def words(self) -> str:
        """The rule on one line."""
        if self.every is not None:
            from workflows.definition.schedules import length

            return f"every {length(self.every)}"
        return (f"by {self.cron}" if self.at is None else f"at {self.at}") + (
            f" ({self.timezone})" if self.timezone else ""
        )


class ErrorHandler(Definition):
    """What is done when a step fails in a certain way and neither retry nor fallback helped."""

    noun: ClassVar[str] = "error handler"

    error: Name = Field(description="The failure's class, the name of the exception that a skill raised, or any.")
    action: Literal["retry", "abort", "continue", "skip", "rollback", "compensate", "escalate"] = Field(
        description="What is done."
    )
    max_retries: Repeats | None = Field(default=None, description="With retry: how often; else 3 times.")
    then: Literal["abort", "continue", "skip", "rollback", "compensate", "escalate"] | None = Field(
        default=None, description="With retry: what is done when that did not help; else the step's on_failure."
    )
    steps: tuple[Name, ...] = Field(
        default=(), description="Rollback steps, else skills, else workflows, that are run."
    )
    notify: bool | Notify = Field(default=False, description="Whether somebody is told.")

    def findings(self) -> Iterable[Finding]:
        for key in ("max_retries", "then"):
            if self.action != "retry" and getattr(self, key) is not None:
                yield Finding((key,), "no-effect", f"{key} has no effect without 'action: retry'", warning=True)


class Block(Definition):
    """Steps outside the stages: `rollback` after a failure, `finally` at every end."""

    noun: ClassVar[str] = "block"

    steps: tuple[Step, ...] = Field(least=1, description="The steps, one after the other.")


class Template(Definition):
    """Makes the workflow a template: the composer offers it to requests like these."""

    noun: ClassVar[str] = "template"

    for_: Label = Field(key="for", description="What it is for, in a sentence.")
    requests: tuple[Label, ...] = Field(default=(), description="Requests, as people type them.")
    tags: tuple[Label, ...] = Field(default=(), description="Words to find it by.")


class Workflow(Definition):
    """A whole workflow. A file may give `steps` in the place of `stages`: they are one stage, named `main`."""

    noun: ClassVar[str] = "workflow"

    name: Label = Field(description="What people are shown; the file's name is what it is referred to by.")
    version: Label = Field(default="", description="Its version.")
    description: Label = Field(default="", description="What it does, in a sentence.")
    metadata: Metadata | None = Field(default=None, description="Author, tags, and defaults for all steps.")
    parameters: tuple[Parameter, ...] = Field(default=(), description="What a run is given.")
    env: tuple[Identifier, ...] = Field(default=(), description="The environment variables that expressions may read.")
    budget: Budget | None = Field(default=None, description="What a run may spend on models.")
    context: ContextRules | None = Field(default=None, description="Whether outputs are merged into `context`.")
    timeout: Duration | None = Field(default=None, description="The longest a run may take.")
    schedule: Schedule | tuple[Schedule, ...] = Field(
        default=(), description="When it starts by itself, once it is published to a server."
    )
    unattended: Unattended | None = Field(
        default=None, description="What happens where a person is needed and nobody is there."
    )
    max_parallel: Count | None = Field(default=None, description="How many steps run at once in all.")
    resources: Mapping[str, Count] = Field(
        default_factory=dict, description="What a run takes of what there is only so much of, by name."
    )
    stages: tuple[Stage, ...] = Field(least=1, description="Run in order.")
    error_handlers: tuple[ErrorHandler, ...] = Field(default=(), description="What is done about certain failures.")
    rollback: Block | None = Field(default=None, description="What puts things back when the run failed.")
    finally_: Block | None = Field(default=None, key="finally", description="What is done at every end.")
    outputs: Values = Field(default_factory=dict, description="What a run gives back.")
    template: Template | None = Field(default=None, description="Makes it a template.")

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of its stages, in the order of the file."""
        return tuple(step for stage in self.stages for step in stage.steps)

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """The rules of when it starts by itself."""
        return (self.schedule,) if isinstance(self.schedule, Schedule) else self.schedule

    def findings(self) -> Iterable[Finding]:
        yield from self._unknown_input()
        if self.timeout is not None and self.metadata is not None and self.metadata.timeout is not None:
            hint = "take one of them out"
            yield Finding(("metadata", "timeout"), "conflict", "the timeout of a run is given twice", hint)
        seen: dict[str, str] = {}
        for index, handler in enumerate(self.error_handlers):
            name = failure_name(handler.error)
            if before := seen.get("any") or seen.get(name):
                message = f"this handler is never used: one for '{before}' stands before it"
                yield Finding(("error_handlers", index, "error"), "no-effect", message, "move it up", warning=True)
            seen.setdefault(name, handler.error)

    def _unknown_input(self) -> Iterable[Finding]:
        """What a schedule gives that the workflow does not take."""
        names = [parameter.name for parameter in self.parameters]
        for index, schedule in enumerate(self.schedules):
            for name in schedule.parameters:
                if name not in names:
                    from workflows.diagnostics import suggest  # only where something is wrong

                    where = ("schedule",) if isinstance(self.schedule, Schedule) else ("schedule", index)
                    message = f"there is no parameter '{name}'"
                    hint = suggest(name, names) or "declare it under 'parameters'"
                    yield Finding((*where, "parameters", name), "unknown-parameter", message, hint)


def failure_name(name: str) -> str:
    """A failure's class or exception as handlers compare it: `TimeoutError`, `timeout` and `Timeout` are one."""
    plain = name.replace("_", "").lower()
    return plain.removesuffix("error") or plain
