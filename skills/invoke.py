"""Calling a skill: checked arguments in, clean and bounded JSON out, and a plain word for whatever went wrong."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import inspect
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skills.arguments import check, plainly_fit, settle_paths
from skills.clean import clean_failure, clean_preview
from skills.declare import Context, Declared, Preview
from skills.discover import BUILT_IN
from skills.layers import Reloaded
from skills.manifest import Skill
from skills.paths import real_root
from skills.perform import bind, check_preview, check_result, failure_of
from skills.registry import Registry
from skills.waiting import preview_launch, preview_sleep, unsaid_launch
from workflows.border import LiveText
from workflows.engine.deadlines import Deadlines
from workflows.errors import CallFailed, Failure, OutcomeUnknown, fail
from workflows.records import changed
from workflows.secrets import Redactor
from workflows.text import safe_json
from workflows.values import Json

if TYPE_CHECKING:
    from skills.pool import Pool


class Invoker:
    """Calls skills. Built-in ones run in this process, users' and workspaces' Python in workers, others as they say.

    `environ` is what workers start with, already reduced to what is allowed. With a `registry`, workers of versions
    that are no longer current end after their last call. `closed` are folders that no tool looks into.
    """

    def __init__(
        self, environ: Mapping[str, str], registry: Registry | None = None, closed: Sequence[Path] = ()
    ) -> None:
        self._registry = registry
        self.closed = tuple(real_root(folder) for folder in closed)
        self._no_secrets = Redactor()
        self._environ = environ
        self._workers: Pool | None = None
        self._built_in: dict[Path, tuple[str, Mapping[str, Declared[..., Any]]]] = {}
        self._unlisten = registry.listen(self._reloaded) if registry else None

    async def invoke(self, skill: Skill, arguments: Json, context: Context, *, timeout: float | None = None) -> Json:
        """Call a skill and return its result: JSON data of at most 1 MB, every text in it safe to show.

        `timeout` is in seconds and covers starting a worker, not what the skill waits. Cancelling ends whatever the
        call has started.

        Raises CallFailed for a definite failure: `validation` for wrong arguments or results, `denied` for untrusted
        skills and refused paths, `resource` for a result that is too large, or what the skill says itself. Raises
        OutcomeUnknown where the call was under way and nobody can say how it ended.
        """
        # Each call by itself, since several may have the same listener. What has to be redacted is, behind it.
        live = LiveText(context.emit, self._no_secrets)
        context = changed(context, emit=live, root=real_root(context.root), closed=self.closed)
        try:
            result = await self._call(skill, arguments, context, False, timeout)
            return safe_json(check_result(skill.name, result))
        finally:
            live.flush()

    async def preview(self, skill: Skill, arguments: Json, context: Context, *, timeout: float | None = 60) -> Preview:
        """What an approval shows before `skill` is called with these arguments. Changes nothing.

        A skill without a preview shows its arguments. Raises CallFailed.
        """
        context = changed(context, root=real_root(context.root), closed=self.closed)
        if not skill.previews and skill.performer is None:
            await self._settle(skill, arguments, context)
            body = json.dumps(arguments, indent=2, ensure_ascii=False, sort_keys=True)
            return clean_preview(Preview(skill.name, body))
        silent = changed(context, emit=lambda text: None, log=lambda text: None)
        quiet = changed(silent, sleep=preview_sleep, launch=preview_launch)
        try:
            result = await self._call(skill, arguments, quiet, True, timeout)
        except OutcomeUnknown as error:
            raise CallFailed(error.failure) from None  # a preview acts on nothing
        return clean_preview(check_preview(skill.name, result))

    async def aclose(self) -> None:
        """End all workers."""
        if self._unlisten:
            self._unlisten()
            self._unlisten = None
        if self._workers is not None:
            self._workers.close()

    async def _call(self, skill: Skill, arguments: Json, context: Context, preview: bool, timeout: float | None) -> Any:
        settled = await self._settle(skill, arguments, context)
        begun: list[bool] = []
        deadlines, sleep = Deadlines(), context.sleep
        context = changed(context, sleep=lambda seconds: deadlines.outside(sleep(seconds)))
        if not preview and (skill.effect == "pure" or "shell" not in skill.touches):
            context = changed(context, launch=unsaid_launch)
        try:
            async with deadlines.within(timeout, None):
                if skill.performer is not None:
                    begun.append(True)
                    act = skill.performer.preview if preview else skill.performer.perform
                    return await act(skill, settled, context)
                if skill.scope == "built-in":
                    begun.append(True)
                    return await self._call_here(skill, settled, context, preview)
                return await self._call_worker(skill, settled, context, preview, begun)
        except TimeoutError:
            failure = Failure("timeout", f"{skill.name} took longer than {timeout:g} s and was ended")
            raise OutcomeUnknown(failure) if begun else CallFailed(failure) from None
        except CallFailed as error:
            raise CallFailed(clean_failure(error.failure)) from None
        except OutcomeUnknown as error:
            raise OutcomeUnknown(clean_failure(error.failure)) from None

    async def _settle(self, skill: Skill, arguments: Json, context: Context) -> dict[str, Json]:
        """The arguments, checked, with absolute paths. Raises CallFailed for those, and for an untrusted skill."""
        if not skill.trusted:
            raise fail(
                "denied",
                f"{skill.name} belongs to a workspace that is not trusted",
                "look at its skills, then say `understudy trust`",
            )
        if skill.unusable:
            raise fail("validation", f"{skill.name} cannot be called: {skill.unusable}")
        fit = plainly_fit(skill, arguments)
        if not fit and "jsonschema" not in sys.modules:
            # 0.1 s, once: too long for the loop's own thread.
            await asyncio.get_running_loop().run_in_executor(None, importlib.import_module, "jsonschema")
        try:
            if not fit:
                check(skill, arguments)
            return settle_paths(skill, arguments, context)
        except CallFailed as error:
            raise CallFailed(clean_failure(error.failure)) from None

    async def _call_here(self, skill: Skill, arguments: Mapping[str, Json], context: Context, preview: bool) -> Any:
        declared = self._load(skill)
        function = declared.show if preview and declared.show else declared.function
        try:
            if inspect.iscoroutinefunction(function):
                return await bind(declared, preview, arguments, context)()
            from skills.thread import call_in_thread  # here: the smallest skills need none of it

            return await call_in_thread(context, lambda inner: bind(declared, preview, arguments, inner)())
        except OutcomeUnknown:
            raise
        except CallFailed as error:
            raise CallFailed(failure_of(skill.name, error)) from error
        except Exception as error:  # a defect of ours in one skill must not end the run with a traceback
            raise CallFailed(failure_of(skill.name, error, str(skill.path))) from error

    async def _call_worker(
        self, skill: Skill, arguments: Mapping[str, Json], context: Context, preview: bool, begun: list[bool]
    ) -> Any:
        request = {
            "skill": skill.name,
            "preview": preview,
            "arguments": dict(arguments),
            "parameters": skill.parameters,
            "context": {
                "root": str(context.root),
                "cwd": str(context.cwd),
                "key": context.key,
                "environ": dict(context.environ),
                "backups": str(context.backups),
                "run_id": context.run_id,
            },
        }
        own = skill.execution == "process"
        worker = await self._pool.take(skill, context, fresh=own)
        begun.append(True)
        try:
            result = await worker.call(request, context)
        except CallFailed:
            self._pool.give_back(worker, keep=not own)
            raise
        except BaseException:
            self._pool.drop(worker)
            raise
        self._pool.give_back(worker, keep=not own)
        return Preview(**result) if preview else result

    def _load(self, skill: Skill) -> Declared[..., Any]:
        """The function of a built-in skill. What was imported has to be the version that was listed."""
        assert skill.path is not None
        if skill.path not in self._built_in:
            parts = skill.path.relative_to(BUILT_IN.path).with_suffix("").parts
            digest = hashlib.sha256(skill.path.read_bytes()).hexdigest()
            module = importlib.import_module(".".join(("skills", "library", *parts)))
            found = {entry.name: entry for entry in vars(module).values() if isinstance(entry, Declared)}
            self._built_in[skill.path] = digest, found
        digest, skills = self._built_in[skill.path]
        if digest != skill.digest:
            raise fail("dependency", f"{skill.path} has changed since it was loaded", "start understudy again")
        return skills[skill.name]

    @property
    def _pool(self) -> Pool:
        if self._workers is None:
            from skills.pool import Pool  # here: built-in skills need none of it

            self._workers = Pool(self._environ, self._is_current)
        return self._workers

    def _is_current(self, digest: str) -> bool:
        if self._registry is None:
            return True
        return any(skill.digest == digest for skill in self._registry.snapshot.skills.values())

    def _reloaded(self, change: Reloaded) -> None:
        if self._workers is not None and change.old and not self._is_current(change.old):
            self._workers.retire(change.old)
