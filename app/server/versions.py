"""Published versions as the server uses them: read once, and never from a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.desk import Desk
from app.named_workflows import WorkflowFile
from app.publishing import Publishing, desk_of, propose_version, version_of
from workflows.definition.model import Workflow
from workflows.definition.parameters import bind
from workflows.errors import UnderstudyError
from workflows.unattended.port import Standing
from workflows.unattended.values import Start, Version
from workflows.values import Json

MOST = 500
"""Versions that are kept read."""


class Versions:
    """The versions in the journal. What is read of one never changes, so it is read once."""

    def __init__(self, standing: Standing, own: Desk) -> None:
        self._standing = standing
        self._own = own
        self._read: dict[str, Workflow | None] = {}
        self._at: dict[tuple[Desk, str], tuple[tuple[object, ...], tuple[Desk, WorkflowFile]]] = {}

    async def of(self, workflow: str, number: int = 0) -> Version:
        """A version that may start; 0 is the newest that is published. Raises UnderstudyError where there is none."""
        found = await version_of(self._standing, workflow, number)
        if found.status == "archived":
            raise UnderstudyError(f"{found.name} is archived.", f"`understudy versions {workflow}` lists the others.")
        return found

    def workflow_of(self, version: Version) -> Workflow | None:
        """The workflow of a version; None where this release cannot read it."""
        if version.digest not in self._read:
            if len(self._read) >= MOST:
                self._read.clear()
            self._read[version.digest] = desk_of(self._own, version)[1].workflow
        return self._read[version.digest]

    def bind(self, version: Version, given: Mapping[str, Json]) -> None:
        """Whether these are parameters of it. Raises UnderstudyError."""
        if (workflow := self.workflow_of(version)) is not None:
            bind(workflow.parameters, given)

    async def begin(self, desk: Desk, version: Version, start: Start) -> None:
        """Begin the run that was asked for, under its id. Raises RunTaken, and as `Desk.propose` and `Desk.start`."""
        # What somebody asked for by a call or by hand, they look after. The rest must come to an end by itself, also
        # with the skills, agents and rules of now.
        alone = not start.cause.startswith(("api:", "person:", "manual:"))
        kept = self._kept_at(desk, version)
        proposal = propose_version(desk, version, start.parameters, unattended=alone, kept=kept)
        await desk.start(
            proposal,
            attended=False,
            priority=start.priority,
            run_id=start.run_id,
            version=version.name,
            cause=start.cause,
        )

    def _kept_at(self, desk: Desk, version: Version) -> tuple[Desk, WorkflowFile]:
        """The desk of a version, read anew only when the skills or agents that it may name are others, or trust is."""
        services = desk.services
        trusted = services.trusted(services.paths.root)
        about = (services.skills.snapshot, services.agents.snapshot, services.settings, trusted)
        known = self._at.get((desk, version.name))
        if known is None or any(new is not old for new, old in zip(about, known[0], strict=True)):
            if len(self._at) >= MOST:
                self._at.clear()
            known = self._at[desk, version.name] = (about, desk_of(desk, version))
        return known[1]

    async def publish(self, workflow: str, note: str, by: str) -> tuple[Version, bool]:
        """Publish a workflow's file; it must be proven that it can run where nobody is. False where nothing is new.

        Raises UnderstudyError.
        """
        done = await Publishing(self._own).publish(workflow, note=note, by=by, unattended=True)
        return done.version, done.new

    async def archive(self, version: Version) -> Version:
        """Let nothing start a version by itself any more."""
        await Publishing(self._own).archive(version.workflow, version.number)
        return replace(version, status="archived")

    def files(self) -> Sequence[WorkflowFile]:
        """The workflows that lie in the user's and the workspace's folders."""
        return [file for file in self._own.workflows() if file.scope != "built-in" and not file.shadowed]
