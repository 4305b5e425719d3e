"""Workflows as they are published: texts that never change, and what starts by itself runs those, not files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from app.desk import Desk, Proposal
from app.kept_workflows import KeptCatalogue, KeptWorkflows
from app.named_workflows import WorkflowFile
from app.proving import must_be_headless
from workflows.definition.parameters import bind
from workflows.errors import UnderstudyError
from workflows.planning.make import make_plan
from workflows.planning.plan import Plan, Use
from workflows.records import dataclass
from workflows.unattended.values import Child, Schedule, Version
from workflows.values import Json, digest

if TYPE_CHECKING:
    from app.container import Services
    from workflows.definition.model import Workflow
    from workflows.unattended.port import Standing

_REFERENCE = re.compile(r"(?P<name>[^@/]+)@(?P<number>[1-9][0-9]{0,8})")


@dataclass(frozen=True)
class Published:
    """What publishing came to. `new` is false where the newest version was just this already."""

    version: Version
    new: bool
    schedules: tuple[Schedule, ...] = ()
    """Those of its text, as they count from now on."""


class Unpublished(UnderstudyError):
    """There is no such version."""


def reference_of(text: str) -> tuple[str, int] | None:
    """The workflow and number that a name such as `nightly@3` means; None for any other text."""
    found = _REFERENCE.fullmatch(text)
    return (found["name"], int(found["number"])) if found else None


async def version_of(standing: Standing, workflow: str, number: int = 0) -> Version:
    """A version; with 0, the newest that is published and not archived. Raises Unpublished."""
    version = await standing.version(workflow, number)
    if version is not None:
        return version
    known = await standing.versions(workflow)
    if not known:
        raise Unpublished(f"{workflow} was never published.", f"`understudy publish {workflow}`")
    if number == 0:
        raise Unpublished(f"Every version of {workflow} is archived.", f"`understudy publish {workflow}`")
    raise Unpublished(f"There is no {workflow}@{number}.", f"The newest is {known[0].name}: `understudy versions`")


def desk_of(desk: Desk, version: Version) -> tuple[Desk, WorkflowFile]:
    """The desk at which the workflows are those of a version, and its own as one of them."""
    catalogue = KeptCatalogue(desk.services, version)
    services = replace(desk.services, catalogue=catalogue)
    named = KeptWorkflows(services, version)
    return Desk(services, named), named.own()


def propose_version(
    desk: Desk,
    version: Version,
    given: Mapping[str, Json],
    *,
    budget: float | Literal["none"] | None = None,
    unattended: bool = False,
    kept: tuple[Desk, WorkflowFile] | None = None,
) -> Proposal:
    """The plan for a run of a version, from its kept texts alone. `kept` is what `desk_of` gave for it.

    Raises as `Desk.propose`; also where it was published for another folder than that of this desk, whose skills and
    agents it would get. Where it is to run `unattended`, it must be proven that it can, with the skills, agents and
    rules that there are now: raises NotHeadless.
    """
    own = str(desk.services.paths.root)
    if version.root not in ("", own):
        raise UnderstudyError(f"{version.name} belongs to {version.root}, and this is {own}.", f"cd {version.root}")
    at, file = kept or desk_of(desk, version)
    proposal = at.propose(file, given, budget=budget)
    if unattended:
        must_be_headless(at, file, proposal.plan)
    return proposal


async def published_words(desk: Desk, file: WorkflowFile) -> str:
    """What is published of a workflow's file, in a few words; empty where nothing is."""
    version = await desk.services.standing.version(file.stem)
    if version is None or version.root not in ("", str(desk.services.paths.root)):
        return ""
    texts = {each.stem: each.text for each in (file, *desk.called(file))}
    kept = {version.workflow: version.text, **{child.name: child.text for child in version.children}}
    return f"{version.name} published" + ("" if texts == kept else ", the file says otherwise now")


def changed_since(version: Version, digests: Mapping[str, str]) -> list[str]:
    """The skills and agents whose code is another now than the version was published with, such as `skill:git.log`.

    `digests` has what there is now.
    """
    return [name for name, then in sorted(version.code.items()) if digests.get(name, "") != then]


def code_now(services: Services, version: Version) -> dict[str, str]:
    """The digests that the skills and agents of a version have now; empty where one is not there."""
    return {name: services.engine.code(name) for name in version.code}


class Publishing:
    """What a person does with versions, at one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._services = desk.services
        self._standing = desk.services.standing

    async def publish(
        self, name: str, *, note: str = "", by: str = "", number: int = 0, unattended: bool = False
    ) -> Published:
        """Publish the file of this name, or once more the version `number` of it. Its schedules count from then on.

        Where it is to run `unattended`, or has a schedule or trigger, it must be proven that it can.
        Raises Invalid, Untrusted, Unpublished, UnderstudyError.
        """
        if number:
            desk, file = desk_of(self._desk, await version_of(self._standing, name, number))
        else:
            desk, file = self._desk, self._desk.load(name)
        desk.must_be_fit(file)
        called = desk.called(file)
        workflow = file.workflow
        assert workflow is not None  # else it was refused
        plan = plan_of(desk, workflow)
        version = self._made(file, called, plan, note, by)
        await self._must_be_its_own(version)
        if unattended or workflow.schedules or await self._is_started_by_something(file.stem):
            must_be_headless(desk, file)
        must_take_schedules(workflow)
        newest = await self._standing.version(file.stem)
        if newest is not None and newest.digest == version.digest:
            return Published(newest, False, await self._schedule(newest, workflow))
        version = await self._standing.publish(version)
        return Published(version, True, await self._schedule(version, workflow))

    async def archive(self, workflow: str, number: int = 0) -> list[Version]:
        """Archive a version, or all of a workflow: nothing starts them by itself any more. Returns those that were not.

        Raises Unpublished.
        """
        await version_of(self._standing, workflow, number)
        numbers = [each.number for each in await self._standing.versions(workflow) if each.status == "published"]
        done = [each for each in numbers if number in (0, each)]
        for each in done:
            await self._standing.set_status(workflow, each, "archived")
        newest = await self._standing.version(workflow)
        if newest is None:
            await self._drop_schedules(workflow, ())
        else:
            _, file = desk_of(self._desk, newest)
            if file.workflow is not None:
                await self._schedule(newest, file.workflow)
        return [each for each in await self._standing.versions(workflow) if each.number in done]

    def _made(self, file: WorkflowFile, files: Sequence[WorkflowFile], plan: Plan, note: str, by: str) -> Version:
        children = tuple(Child(each.stem, each.text, digest(each.text), str(each.path.resolve())) for each in files)
        children = tuple(sorted(children, key=lambda child: child.name))
        return Version(
            file.stem,
            0,
            digest(file.text, *([child.name, child.digest] for child in children)),
            file.text,
            children,
            {use.reference: use.digest for step in plan.every for use in step.uses if _is_code(use)},
            published=self._services.clock.now(),
            by=by,
            note=note,
            root="" if file.scope in ("built-in", "user") else str(self._services.paths.root),
            path=str(file.path.resolve()),
        )

    async def _must_be_its_own(self, version: Version) -> None:
        """Raises UnderstudyError where another folder's workflow of the same name counts: starts know only the name."""
        others = {
            each.root
            for each in await self._standing.versions(version.workflow)
            if each.status == "published" and each.root != version.root
        }
        if others:
            where = min(others) or "your own or the built-in workflows"
            raise UnderstudyError(
                f"Another workflow {version.workflow} is published, from {where}.",
                f"Give this one another name, or first `understudy archive {version.workflow}`.",
            )

    async def _is_started_by_something(self, workflow: str) -> bool:
        named = [each.workflow for each in await self._standing.schedules()]
        return workflow in (*named, *(each.workflow for each in await self._standing.triggers()))

    async def _schedule(self, version: Version, workflow: Workflow) -> tuple[Schedule, ...]:
        """Have the schedules of a version's text count, and those of older texts no more."""
        known = {each.id: each for each in await self._standing.schedules()}
        made = []
        for new in schedules_in(version, workflow, self._services):
            while new.id in known and (known[new.id].source, known[new.id].workflow) != ("file", version.workflow):
                new = replace(new, id=f"{new.id}-file")
            old = known.get(new.id)
            made.append(await self._standing.put_schedule(_going_on(new, old) if old else new))
        await self._drop_schedules(version.workflow, [each.id for each in made])
        return tuple(made)

    async def _drop_schedules(self, workflow: str, but: Sequence[str]) -> None:
        for each in await self._standing.schedules():
            if each.workflow == workflow and each.source == "file" and each.id not in but:
                await self._standing.remove_schedule(each.id)


def must_take_schedules(workflow: Workflow) -> None:
    """Whether what its schedules give is what it takes; else each start would be refused. Raises UnderstudyError."""
    for rule in workflow.schedules:
        try:
            bind(workflow.parameters, rule.parameters)
        except UnderstudyError as error:
            message = f"Its schedule, {rule.words}, could start nothing. {error.message}"
            raise UnderstudyError(message, "Give it under `schedule:`, as `parameters: {name: value}`.") from error


def _going_on(new: Schedule, old: Schedule) -> Schedule:
    """The schedule of a text in the place of the one before: what means the same times goes on where that was."""
    same = (new.cron, new.every, new.at, new.timezone) == (old.cron, old.every, old.at, old.timezone)
    return replace(new, paused=old.paused, note=old.note, since=old.since if same else new.since)


def _is_code(use: Use) -> bool:
    return bool(use.digest) and use.what in ("skill", "agent")


def plan_of(desk: Desk, workflow: Workflow) -> Plan:
    """What a run would do, whatever its parameters are."""
    services = desk.services
    return make_plan(workflow, services.kinds, services.catalogue, services.settings.defaults)


def schedules_in(version: Version, workflow: Workflow, services: Services) -> list[Schedule]:
    """What the text of a version says of when it starts by itself. A zone that is not said is this machine's."""
    if not workflow.schedules:
        return []
    from app.zone import machine_zone
    from workflows.definition.schedules import read_time
    from workflows.unattended.slots import moment

    found, now = [], services.clock.now()
    for place, rule in enumerate(workflow.schedules, 1):
        zone = rule.timezone or machine_zone(services.environ)
        found.append(
            Schedule(
                id=version.workflow if place == 1 else f"{version.workflow}-{place}",
                workflow=version.workflow,
                cron=rule.cron or "",
                every=rule.every or 0.0,
                at=None if rule.at is None else moment(read_time(rule.at), zone),
                timezone=zone,
                parameters=dict(rule.parameters),
                missed=rule.missed,
                overlap=rule.overlap,
                created=float(int(now)),
                since=now,
                by=version.by,
                source="file",
            )
        )
    return found
