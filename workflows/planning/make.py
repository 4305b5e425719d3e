"""make_plan(workflow): from the language to the plan. Pure: nothing runs, nothing is read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from workflows.definition.model import Block as WrittenBlock
from workflows.definition.model import Budget as WrittenBudget
from workflows.definition.model import ErrorHandler, Step, Workflow
from workflows.definition.modifiers import Action, Notify, Retry
from workflows.definition.modifiers import Unattended as WrittenUnattended
from workflows.expressions import ROOTS, compile_condition
from workflows.parts import data_of, part_of
from workflows.planning.defaults import NONE, Defaults
from workflows.planning.plan import (
    Block,
    Budget,
    Each,
    Handler,
    OnFailure,
    Plan,
    PlannedStage,
    PlannedStep,
    Remembering,
    RetryPolicy,
    Telling,
    Unattended,
    Use,
    Verifying,
)
from workflows.planning.reads import holding, nested, reads, within
from workflows.records import dataclass
from workflows.steps.kind import Catalogue, Description, Entry, StepKind

DEFAULT_WIDTH = 8
"""How many steps of a parallel stage run at once where `max_parallel` does not say."""

DEFAULT_RETRIES = 3
"""How often a handler's `retry` repeats where `max_retries` does not say."""

RETRY_AS_POLICY = RetryPolicy(attempts=3)
"""What `on_failure: retry` means for a step that has no `retry` of its own."""


def make_plan(
    workflow: Workflow, kinds: Mapping[str, StepKind], catalogue: Catalogue, defaults: Defaults = NONE
) -> Plan:
    """The plan of a workflow that was validated, child workflows included. A step comes after all that it waits for."""
    return _Making(kinds, catalogue, workflow, defaults).plan()


def planned_budget(budget: WrittenBudget) -> Budget:
    """A budget as a plan has it."""
    return Budget(budget.usd, budget.on_exceed)


@dataclass
class _Making:
    kinds: Mapping[str, StepKind]
    catalogue: Catalogue
    workflow: Workflow
    defaults: Defaults

    def plan(self) -> Plan:
        workflow = self.workflow
        metadata, context = workflow.metadata, workflow.context
        steps: list[PlannedStep] = []
        stages: list[PlannedStage] = []
        before: tuple[str, ...] = ()
        for stage in workflow.stages:
            planned = list(self._stage(stage.name, stage.steps, before, stage.parallel))
            ids = tuple(step.id for step in planned)
            width = self.defaults.width(stage.max_parallel or DEFAULT_WIDTH) if stage.parallel else 1
            stages.append(PlannedStage(stage.name, ids, width))
            steps += planned
            before = ids or before
        return Plan(
            stages=tuple(stages),
            steps=tuple(steps),
            title=workflow.name,
            version=workflow.version,
            outputs=dict(workflow.outputs),
            parameters=tuple(data_of(each) for each in workflow.parameters),
            handlers=tuple(self._handler(index, each) for index, each in enumerate(workflow.error_handlers)),
            rollback=self._written("rollback", workflow.rollback),
            finally_=self._written("finally", workflow.finally_),
            merge=context.merge_strategy if context is not None and context.preserve else "",
            timeout=workflow.timeout or (metadata.timeout if metadata else None),
            max_parallel=workflow.max_parallel,
            resources=_most(workflow.resources, steps),
            budget=planned_budget(workflow.budget) if workflow.budget else None,
            unattended=_unattended(workflow.unattended),
        )

    def _written(self, name: str, block: WrittenBlock | None) -> Block | None:
        return None if block is None else _kept(self._block(name, block.steps, False))

    def _block(
        self, name: str, steps: Sequence[Step], parallel: bool, when: str = "", items: Collection[str] = ()
    ) -> Block:
        planned = tuple(self._stage(name, steps, (), parallel, items))
        width = self.defaults.width(max(len(planned), 1)) if parallel else 1
        stage = PlannedStage(name, tuple(step.id for step in planned), width)
        return Block((stage,), planned, when)

    def _stage(
        self,
        name: str,
        steps: Sequence[Step],
        before: tuple[str, ...],
        parallel: bool,
        items: Collection[str] = (),
    ) -> Iterator[PlannedStep]:
        """The steps of a stage. `items` are the names of items of lists that they are done for."""
        previous = before
        places = {id_: place for place, step in enumerate(steps) for id_ in within(step)} if parallel else {}
        for place, step in enumerate(steps):
            planned = self._step(step, name, items)
            if parallel:
                read = {places[id_] for id_ in (*step.needs, *reads(step, items)) if id_ in places} - {place}
                yield replace(planned, after=(*before, *(steps[other].id for other in sorted(read))))
            else:
                yield replace(planned, after=previous)
                previous = (step.id,)

    def _step(self, step: Step, stage: str, items: Collection[str] = ()) -> PlannedStep:
        items = {*items, step.foreach.as_} if step.foreach else items
        one = self._single(step, stage, items)
        if step.foreach is None:
            return one
        by_item = bool(step.when) and any(
            found.root == step.foreach.as_
            for found in compile_condition(str(step.when), roots={*ROOTS, *items}).references
        )
        item = replace(one, tell=None, when=one.when if by_item else "")
        width = self.defaults.width(step.foreach.max_parallel)
        each = Each(step.foreach.in_, item, step.foreach.as_, width)
        # What belongs to each item is left to the items.
        return replace(
            one,
            fields={},
            when="" if by_item else one.when,
            retry=RetryPolicy(),
            timeout=None,
            idle_timeout=None,
            on_failure="",
            approve=False,
            inside=(),
            child=None,
            each=each,
            undo=None,
            verify=None,
            remember=None,
            output_schema=None,
        )

    def _single(self, step: Step, stage: str, items: Collection[str]) -> PlannedStep:
        kind = self.kinds[step.type]
        description = kind.describe(step.fields, step.fallback, self.catalogue)
        child = self._child(step, description.uses)
        limits = [limit for limit in (step.timeout, child.timeout if child else None) if limit is not None]
        return PlannedStep(
            id=step.id,
            kind=step.type,
            title=step.name or step.id,
            stage=stage,
            # How one of several agents is chosen is the plan's, not what the step is given.
            fields=data_of(step.fields, {*holding(step), "allocate"}),
            when=step.when or "",
            performers=kind.performers(step.fields, step.fallback),
            uses=tuple(_use(entry) for entry in description.uses),
            retry=self._retry(step, description),
            timeout=self._timeout(step, description, min(limits, default=None)),
            idle_timeout=step.idle_timeout,
            on_failure=_on_failure(step),
            approve=step.approve == "before" or step.irreversible,
            irreversible=step.irreversible,
            effect=step.effect,
            foreseen=description.effect,
            equals=description.equals,
            allocate=description.allocate,
            summary=description.summary,
            hosts=description.hosts,
            people=description.people,
            inside=self._inside(step, items),
            child=child,
            undo=self._action(f"{step.id}~undo", f"undo {step.name or step.id}", self._undo(step, description)),
            verify=self._verify(step),
            remember=_remember(step),
            output_schema=step.output_schema,
            tell=self._tell(step.id, step.notify, step.name or step.id),
        )

    def _retry(self, step: Step, description: Description) -> RetryPolicy:
        metadata = self.workflow.metadata
        retry = step.retry or (metadata.retry_policy if metadata and not _holds(step) else None)
        if retry is not None:
            return _policy(retry)
        if step.on_failure == "retry" or _holds(step):
            return RETRY_AS_POLICY if step.on_failure == "retry" else RetryPolicy()
        effect, irreversible = step.effect or description.effect, step.irreversible
        retries = self.defaults.retries_of(step.type, effect, people=description.people, irreversible=irreversible)
        return RetryPolicy(attempts=1 + retries, delay=self.defaults.delay)

    def _timeout(self, step: Step, description: Description, written: float | None) -> float | None:
        return written if _holds(step) else self.defaults.timeout_of(step.type, written, people=description.people)

    def _inside(self, step: Step, items: Collection[str]) -> tuple[Block, ...]:
        branches: Sequence[Any] = getattr(step.fields, "branches", ())
        return tuple(
            self._block(
                step.id,
                block.steps,
                block.parallel,
                branches[number].when if number < len(branches) else "",
                items,
            )
            for number, block in enumerate(nested(step))
            if block.steps
        )

    def _child(self, step: Step, uses: Sequence[Entry]) -> Plan | None:
        if step.type != "workflow" or not uses or uses[0].definition is None:
            return None
        return _Making(self.kinds, self.catalogue, uses[0].definition, self.defaults).plan()

    def _undo(self, step: Step, description: Description) -> Action | None:
        """The step's own undo, else that of what it does."""
        if step.undo is not None or step.irreversible or description.undo is None:
            return step.undo
        said = dict(description.undo)
        type_ = said.pop("type")
        return Action(type=type_, fields=part_of(self.kinds[type_].fields, said))

    def _action(self, id_: str, title: str, action: Action | None) -> PlannedStep | None:
        if action is None:
            return None
        kind = self.kinds[action.type]
        description = kind.describe(action.fields, (), self.catalogue)
        return PlannedStep(
            id=id_,
            kind=action.type,
            title=title,
            fields=data_of(action.fields, {"allocate"}),
            when=action.when or "",
            performers=kind.performers(action.fields, ()),
            uses=tuple(_use(entry) for entry in description.uses),
            timeout=self.defaults.timeout_of(action.type, action.timeout, people=description.people),
            foreseen=description.effect,
            summary=description.summary,
            hosts=description.hosts,
            people=description.people,
        )

    def _verify(self, step: Step) -> Verifying | None:
        verify = step.verify
        planned = self._action(f"{step.id}~verify", f"did {step.name or step.id} happen?", verify)
        if planned is None:
            return None
        return Verifying(planned, getattr(verify, "happened", None) or "", getattr(verify, "result", None))

    def _tell(self, id_: str, notify: bool | Notify, title: str) -> Telling | None:
        """A notification is a step like any other: it is journalled, and nobody is told twice."""
        if notify is False:
            return None
        given = notify if isinstance(notify, Notify) else Notify()
        kind = self.kinds["notification"]
        default = title + ": ${{ error.message if error else 'done' }}"
        fields = part_of(kind.fields, {"channel": given.channel or "terminal", "text": given.text or default})
        description = kind.describe(fields, (), self.catalogue)
        step = PlannedStep(
            id=f"{id_}~notify",
            kind="notification",
            title=f"tell about {title}",
            fields=data_of(fields),
            performers=kind.performers(fields, ()),
            on_failure="continue",
            foreseen=description.effect,
            summary=description.summary,
            hosts=description.hosts,
        )
        return Telling(step, given.when)

    def _handler(self, index: int, handler: ErrorHandler) -> Handler:
        steps = [self._named(name, f"on_{handler.error}") for name in handler.steps]
        previous: tuple[str, ...] = ()
        chained: list[PlannedStep] = []
        for step in steps:
            again = sum(other.id == step.id for other in steps[: len(chained)])
            id_ = f"{step.id}_{again + 1}" if again else step.id  # the same may be done twice
            chained.append(replace(step, id=id_, after=previous, on_failure=step.on_failure or "continue"))
            previous = (id_,)
        return Handler(
            handler.error,
            handler.action,
            DEFAULT_RETRIES if handler.max_retries is None else handler.max_retries,
            handler.then or "",
            _kept(Block((PlannedStage(handler.error, tuple(step.id for step in chained)),), tuple(chained))),
            self._tell(f"handler{index + 1}", handler.notify, handler.error),
        )

    def _named(self, name: str, stage: str) -> PlannedStep:
        """What a handler's name stands for: a rollback step, else a skill, else a workflow."""
        rollback = self.workflow.rollback
        for step in rollback.steps if rollback else ():
            if step.id == name:
                return self._step(step, stage)
        what = "skill" if self.catalogue.find("skill", name) else "workflow"
        kind = self.kinds[what]
        fields = part_of(kind.fields, {what: name})
        # An id may not hold what a skill's name may.
        id_ = "".join(character if character.isalnum() else "_" for character in name)
        return self._step(Step(id=id_, type=what, fields=fields), stage)


def _most(own: Mapping[str, int], steps: Sequence[PlannedStep]) -> Mapping[str, int]:
    """What a workflow or any that it calls needs of each resource; a run has it from its beginning to its end."""
    needs = dict(own)
    for step in (found for own_step in steps for found in (own_step, *own_step.nested)):
        for name, count in (step.child.resources if step.child else {}).items():
            needs[name] = max(needs.get(name, 0), count)
    return needs


def _unattended(said: WrittenUnattended | None) -> Unattended | None:
    return Unattended(said.channel, said.timeout, **data_of(said.default)) if said is not None else None


def _holds(step: Step) -> bool:
    """Whether its work is that of other steps: limits and retries are theirs."""
    return bool(nested(step)) or step.type == "workflow"


def _kept(block: Block) -> Block:
    """A block about failures or the end: nothing undoes its steps, whatever their skills say of it."""
    return replace(block, steps=tuple(replace(step, undo=None) for step in block.steps))


def _remember(step: Step) -> Remembering | None:
    if step.cache is False:
        return None
    return Remembering() if step.cache is True else Remembering(step.cache.key, step.cache.max_age)


def _on_failure(step: Step) -> OnFailure:
    """`retry` is in the policy by now."""
    return "" if step.on_failure is None or step.on_failure == "retry" else step.on_failure


def _policy(retry: Retry) -> RetryPolicy:
    return RetryPolicy(
        attempts=retry.attempts,
        backoff=retry.backoff,
        delay=retry.delay,
        max_delay=retry.longest_delay,
        jitter=retry.jitter,
        classes=retry.on,
    )


def _use(entry: Entry) -> Use:
    return Use(
        entry.what,
        entry.name,
        entry.digest,
        entry.models,
        (*entry.tools, *(f"{folder}/" for folder in entry.skills), *(f"→{name}" for name in entry.agents)),
        tuple(sorted(entry.touches)),
        entry.simulated,
        entry.asks,
    )
