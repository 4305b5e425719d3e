"""Triggers as a person makes, looks at and changes them: what starts a workflow when something happens."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, count
from pathlib import Path

from app.desk import Desk
from app.proving import must_be_headless
from app.publishing import desk_of
from app.scheduling import free_id, given_to, must_be_published
from workflows.diagnostics import suggest
from workflows.errors import UnderstudyError
from workflows.journal.port import Query, Summary
from workflows.records import dataclass
from workflows.unattended.values import Start, Trigger, TriggerKind, Version, new_run_id, start_for
from workflows.values import Json

ENDS = ("succeeded", "failed", "cancelled")


@dataclass(frozen=True)
class SeenTrigger:
    """A trigger as people see it. `last` is its newest start, `run` what became of that, `version` which one runs."""

    trigger: Trigger
    last: Start | None = None
    run: Summary | None = None
    version: str = ""


@dataclass(frozen=True)
class TriggerWish:
    """What a person wants. Nothing is checked yet. `about` is of its kind: a glob, or a workflow and how it ends.

    `give` is the parameter that is given what happened: the file's path, the run's id, or the webhook's body.
    """

    workflow: str
    kind: TriggerKind
    about: str = ""
    parameters: Mapping[str, Json] | None = None
    give: str = ""
    name: str = ""
    note: str = ""
    version: int = 0
    priority: int = 0


class Triggering:
    """What can be done with triggers. `by` is who does it."""

    def __init__(self, desk: Desk, by: str) -> None:
        self._desk = desk
        self._by = by
        self._standing = desk.services.standing
        self._clock = desk.services.clock

    async def listed(self) -> list[SeenTrigger]:
        """All triggers, by id."""
        return [await self._seen(trigger) for trigger in await self._standing.triggers()]

    async def show(self, name: str) -> SeenTrigger:
        """One trigger. Raises UnderstudyError with what it may have been."""
        return await self._seen(await self._named(name))

    async def add(self, wish: TriggerWish) -> tuple[Trigger, str]:
        """Make a trigger of a published workflow. Returns it, and of a webhook its secret: this one time.

        Raises UnderstudyError, which says what is wrong with it.
        """
        version = await must_be_published(self._desk, wish.workflow, wish.version)
        must_be_headless(*desk_of(self._desk, version))
        parameters = self._input(version, wish)
        others = await self._standing.triggers()
        name = free_id(wish.name, f"{wish.workflow}-{wish.kind}" if not wish.name else "", {each.id for each in others})
        now = self._clock.now()
        config: dict[str, Json] = {"give": wish.give} if wish.give else {}
        secret = ""
        if wish.kind == "file":
            config |= {"glob": _absolute(wish.about), "since": now}
        elif wish.kind == "run":
            config |= self._ended(wish, others) | {"since": now}
        elif wish.kind == "webhook":
            from app.server.signatures import new_secret

            secret = new_secret()
            config["secret"] = self._free_secret(name)
            self._desk.services.secrets.set(config["secret"], secret)
        trigger = Trigger(
            name,
            wish.workflow,
            wish.kind,
            config,
            parameters,
            note=wish.note,
            created=now,
            by=self._by,
            version=wish.version,
            priority=wish.priority,
        )
        return await self._standing.put_trigger(trigger), secret

    async def pause(self, name: str) -> Trigger:
        """Let it start nothing until it is resumed. Runs under way go on."""
        return await self._standing.put_trigger(replace(await self._named(name), paused=True))

    async def resume(self, name: str) -> Trigger:
        """Let it start again from now on: what happened meanwhile starts nothing."""
        trigger = await self._named(name)
        if not trigger.paused:
            return trigger
        config = dict(trigger.config)
        if "since" in config:
            config["since"] = self._clock.now()
        return await self._standing.put_trigger(replace(trigger, paused=False, config=config))

    async def remove(self, name: str) -> Trigger:
        """Forget it, and the secret of a webhook. Its runs stay."""
        trigger = await self._named(name)
        await self._standing.remove_trigger(trigger.id)
        if isinstance(secret := trigger.config.get("secret"), str):
            self._desk.services.secrets.remove(secret)
        return trigger

    async def fire(self, name: str) -> Start:
        """Ask for one run with what the trigger gives, as if it had happened. Raises UnderstudyError."""
        trigger, now, run_id = await self._named(name), self._clock.now(), new_run_id()
        await must_be_published(self._desk, trigger.workflow, trigger.version)
        start = start_for(trigger, f"{trigger.kind}:{trigger.id}", f"fired-{run_id}", now, by=self._by, run_id=run_id)
        start, _ = await self._standing.ask(start)
        return start

    async def _named(self, name: str) -> Trigger:
        known = {trigger.id: trigger for trigger in await self._standing.triggers()}
        if name not in known:
            hint = suggest(name, known) or "`understudy trigger list` shows what there is."
            raise UnderstudyError(f"There is no trigger '{name}'.", hint[0].upper() + hint[1:])
        return known[name]

    async def _seen(self, trigger: Trigger) -> SeenTrigger:
        version = await self._standing.version(trigger.workflow, trigger.version)
        starts = await self._standing.starts(cause=f"{trigger.kind}:{trigger.id}", limit=1)
        runs = await self._desk.runs(Query(ids=(starts[0].run_id,))) if starts else []
        return SeenTrigger(
            trigger, starts[0] if starts else None, runs[0] if runs else None, version.name if version else ""
        )

    def _free_secret(self, trigger: str) -> str:
        """A name for the secret of a trigger that nothing has yet: `a-b` and `a_b` must not know each other's."""
        base, secrets = secret_name(trigger), self._desk.services.secrets
        names = chain((base,), (f"{base}_{number}" for number in count(2)))
        return next(name for name in names if secrets.get(name) is None)

    def _input(self, version: Version, wish: TriggerWish) -> Mapping[str, Json]:
        """What its runs are given, checked against what the version takes; what is given later may be left out."""
        workflow = self._desk.parse(version.text, Path(version.path or f"{wish.workflow}.yaml")).workflow
        given = dict(wish.parameters or {})
        if workflow is None:
            return given
        names = [parameter.name for parameter in workflow.parameters]
        if wish.give and wish.give not in names:
            hint = suggest(wish.give, names) or (f"It takes {', '.join(names)}." if names else "It takes none.")
            raise UnderstudyError(f"{wish.workflow} has no parameter '{wish.give}'.", hint[0].upper() + hint[1:])
        return given_to([each for each in workflow.parameters if each.name != wish.give], given)

    def _ended(self, wish: TriggerWish, others: Sequence[Trigger]) -> dict[str, Json]:
        """Whose end is waited for. Raises UnderstudyError where the workflow would start itself for ever."""
        name, _, status = wish.about.partition(":")
        if status not in ("", *ENDS):
            hint = suggest(status, ENDS) or f"One of {', '.join(ENDS)}."
            raise UnderstudyError(f"A run does not end as '{status}'.", hint[0].upper() + hint[1:])
        known = {file.stem for file in self._desk.workflows()}
        if name not in known:
            hint = suggest(name, known) or "`understudy workflows` lists them."
            raise UnderstudyError(f"There is no workflow '{name}'.", hint[0].upper() + hint[1:])
        after = [(each.workflow, str(each.config.get("workflow", ""))) for each in others if each.kind == "run"]
        reached, new = {wish.workflow}, {wish.workflow}
        while new:
            new = {one for one, other in after if other in reached} - reached
            reached |= new
        if name in reached:
            way = "its own end" if name == wish.workflow else f"{name}, which it starts itself"
            raise UnderstudyError(
                f"{wish.workflow} would start for ever: after {way}.", "Take out one of the triggers of that circle."
            )
        return {"workflow": name, "status": status}


def secret_name(trigger: str) -> str:
    """The name under which the secret of a webhook is kept."""
    return "WEBHOOK_" + re.sub(r"[^A-Z0-9]", "_", trigger.upper())


def _absolute(pattern: str) -> str:
    if not pattern.strip():
        raise UnderstudyError("Say which files: --file 'inbox/*.csv'.")
    return os.path.abspath(os.path.expanduser(pattern))
