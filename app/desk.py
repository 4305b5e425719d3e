"""Everything a person can do, as plain functions: the CLI and the TUI are two ways to call these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from app.catalogue import NOT_TRUSTED
from app.disclosure import refuse_in_answer, refuse_in_run
from app.named_workflows import Invalid, NamedWorkflows, WorkflowFile, workspace_of
from app.paths import WORKSPACE
from workflows.definition.parameters import bind
from workflows.definition.parse import Parsed
from workflows.engine.choices import apply
from workflows.engine.driver import Driver
from workflows.errors import UnderstudyError, fail
from workflows.journal.port import NotWaiting, PostedAnswer, Query, Summary, Waiting
from workflows.planning.make import make_plan
from workflows.planning.plan import Budget, Plan
from workflows.planning.secrets import secrets_of
from workflows.records import dataclass
from workflows.runs.events import Answered, Recorded
from workflows.runs.state import RunState
from workflows.secrets import names_in, put_back
from workflows.values import Json

if TYPE_CHECKING:
    from app.container import Services
    from app.estimate import Estimate


OF_A_WORKSPACE = (WORKSPACE, ".claude/agents", ".claude/skills", ".agents/skills", ".mcp.json")
"""What a workspace may have of its own, and what therefore waits for trust."""

FOR_AGENTS = "AGENTS.md"
"""What agents are told where it is trusted; without trust there is nothing that would not run."""


@dataclass(frozen=True)
class Proposal:
    """A run that could be started: nothing has happened yet."""

    file: WorkflowFile
    plan: Plan
    parameters: Json
    environment: Mapping[str, str] = field(default_factory=dict)


class Untrusted(UnderstudyError):
    """The workspace has files of its own and was never trusted."""


def _with_placeholders(state: RunState, entry: str, value: Json) -> Json:
    """An edited input, in which the secrets of the input before, which people see by name, count again."""
    inquiry = state.inquiries.get(entry)
    if inquiry is None:
        return value
    given = state.steps[inquiry.asked.step].input
    return put_back(value, state.nonce, names_in(given, state.nonce))


def budget_of(said: float | Literal["none"] | None, stated: Budget | None) -> Budget | None:
    """The budget of a run: what was said for it, else what its file states, else the settings."""
    if said is None or said == "none":
        return stated if said is None else None
    return Budget(said, stated.on_exceed) if stated else Budget(said)


class Desk:
    """What can be done with the services of one process."""

    def __init__(self, services: Services, named: NamedWorkflows | None = None) -> None:
        """`named` are the workflows that others call, where these are not the files that lie here now."""
        self.services = services
        self._named = named or NamedWorkflows(services)

    def workflows(self) -> Sequence[WorkflowFile]:
        """Every workflow that can be named: workspace, then user, then built-in; broken ones with their diagnostics."""
        return self._named.listed()

    def load(self, name: str) -> WorkflowFile:
        """A workflow by its stem or by a path. Raises UnderstudyError with what it may have been."""
        return self._named.load(name)

    def parse(self, text: str, path: Path) -> Parsed:
        """A workflow's text, read and checked against what exists here. Never raises."""
        return self._named.parse(text, path)

    def must_have_secrets(self, plan: Plan) -> None:
        """Whether every secret that a run may send is set: better said now than when half of it is done."""
        missing = [name for name in secrets_of(plan) if self.services.secrets.get(name) is None]
        if missing:
            listed, one = ", ".join(missing), len(missing) == 1
            message = f"the secret {listed} is not set" if one else f"these secrets are not set: {listed}"
            raise fail("dependency", message, f"`understudy secrets set {missing[0]}`")

    def must_hold_no_secret(self, *given: Json) -> None:
        """Whether what a person gives a step may be kept in its run's history. Raises UnderstudyError."""
        refuse_in_answer(self.services.secrets.redactor, *given)

    def propose(
        self,
        file: WorkflowFile,
        given: Mapping[str, Json],
        *,
        budget: float | Literal["none"] | None = None,
        only_look: bool = False,
    ) -> Proposal:
        """The plan for these parameters. Raises Invalid, Untrusted, SettingsError, UnderstudyError (parameters).

        `budget`, in US dollars or `none`, takes the place of the file's. With `only_look` a workspace need not be
        trusted: what it would do is what a person wants to know before.
        """
        names, files = self._read_whole(file, only_look)
        assert file.workflow is not None  # else it was refused
        parameters = bind(file.workflow.parameters, given)
        settings = self.services.settings
        plan = make_plan(file.workflow, self.services.kinds, self.services.catalogue, settings.defaults)
        plan = replace(plan, budget=budget_of(budget, plan.budget or settings.budget))
        environ = self.services.environ
        environment = {name: environ[name] for name in names if name in environ}
        if not only_look:
            self.must_have_secrets(plan)
            refuse_in_run(self.services.secrets.redactor, files, parameters, environment)
        return Proposal(file, plan, parameters, environment)

    def must_be_fit(self, file: WorkflowFile) -> None:
        """Whether the workflow and all that it calls can be run: no errors, trusted, and no secret in their texts.

        Raises Invalid, Untrusted, SettingsError, UnderstudyError.
        """
        _, files = self._read_whole(file, only_look=False)
        refuse_in_run(self.services.secrets.redactor, files, {}, {})

    def called(self, file: WorkflowFile) -> Sequence[WorkflowFile]:
        """All workflows that one calls, at any depth."""
        return [each for caller, each in self._named.reached(file) if caller]

    def _read_whole(self, file: WorkflowFile, only_look: bool) -> tuple[Mapping[str, None], Mapping[Path, str]]:
        """Which variables the workflow and all that it calls may read, and their texts."""
        if not only_look:
            self._must_be_trusted(file)
            self.services.performers.must_have_rules()
        names: dict[str, None] = {}
        files = {}
        for caller, each in self._named.reached(file):
            files[each.path] = each.text
            if caller and not only_look:
                self._must_be_trusted(each, caller)
            # A workflow that cannot be used is looked at itself, and then it is said what is wrong in it.
            errors = [found for found in each.errors if not (only_look and NOT_TRUSTED in found.message)]
            if each.workflow is None or any(found.code != "unusable-workflow" for found in errors):
                raise Invalid(each, caller)
            names |= dict.fromkeys(each.workflow.env)
        if file.workflow is None or (file.errors and not only_look):
            raise Invalid(file)
        return names, files

    def _must_be_trusted(self, file: WorkflowFile, caller: str = "") -> None:
        """Raises Untrusted where a file of a workspace may not act yet."""
        if file.scope == "workspace" and not self.services.trusted(workspace_of(file.path) or self.services.paths.root):
            called = f", which '{caller}' calls," if caller else ""
            raise Untrusted(
                f"{file.path.name}{called} belongs to a workspace that was never trusted.",
                "Look at its .understudy folder, then `understudy trust`.",
            )

    def estimate(self, plan: Plan) -> Estimate:
        """What one call of each agent of a plan may cost."""
        from app.estimate import estimate  # what agents and their tools are is looked at for this alone

        services = self.services
        return estimate(plan, services.agents.snapshot, services.models, services.skills.snapshot)

    async def start(
        self,
        proposal: Proposal,
        *,
        attended: bool,
        simulated: str = "",
        priority: int = 0,
        after: Sequence[str] = (),
        fresh: bool = False,
        run_id: str | None = None,
        version: str = "",
        cause: str = "",
    ) -> Driver:
        """Begin the run; it is durable and on its way, or queued, on return. It comes `after` runs that succeeded.

        A `fresh` one takes nothing from a cache. With a `run_id`, under that: raises RunTaken where there is one.
        `version` is the published one that it is of, `cause` what asked for it.
        """
        driver = await self.services.engine.start(
            proposal.plan,
            workflow=proposal.file.stem,
            source=proposal.file.text,
            parameters=proposal.parameters,
            root=self.services.paths.root,
            environment=proposal.environment,
            attended=attended,
            simulated=simulated,
            priority=priority,
            after=[await self.services.store.resolve(run) for run in after],
            fresh=fresh,
            run_id=run_id,
            version=version,
            cause=cause,
        )
        self.load_models(proposal.plan)
        return driver

    async def resume(self, run: str, *, attended: bool) -> Driver:
        """Go on with a run, by its id, a prefix of it, or `last`: the newest that is not over."""
        self.services.performers.must_have_rules()
        driver = await self.services.engine.resume(await self.unfinished(run), attended=attended)
        self.load_models(driver.state.plan)
        return driver

    async def answer(
        self, run: str, entry: str, choice: str, value: Json = None, note: str = "", *, by: str = "", digest: str = ""
    ) -> bool:
        """Answer what waits in a run, whoever owns it. `digest` is of what was shown, where that matters.

        True where a living process takes the answer; False where the run must be resumed for it to count.
        The same person may give the same answer again until it is taken. Raises UnderstudyError where nothing waits so.
        """
        # A run of this process is answered without a look into the journal: that may refuse just now.
        drivers = self.services.engine.drivers
        run_id = run if run in drivers else await self.unfinished(run)
        driver = drivers.get(run_id)
        state = driver.committed if driver else await self.state(run_id)
        self.must_hold_no_secret(value, note)
        value = _with_placeholders(state, entry, value) if choice == "edit" else value
        if driver is not None:
            await driver.answer(entry, choice, value, note, by, digest)
            return True
        # The same rules as the owner's, so that a wrong answer is refused here and now.
        apply(state, Answered(entry, choice, value, note, by, digest), state.updated, {})
        try:
            await self.services.store.post_answer(PostedAnswer(0, run_id, entry, choice, value, note, by, digest))
        except NotWaiting as error:
            await self._left_the_same(run_id, entry, choice, value, by, error)
        return bool((await self.summary(run_id)).owner)

    async def _left_the_same(
        self, run_id: str, entry: str, choice: str, value: Json, by: str, refusal: NotWaiting
    ) -> None:
        """An answer that was left before, and that nobody has taken since, may be given once more: it is gone on with.

        Raises the refusal of any other, with what makes the first one count: the process it was left to may have ended.
        """
        left = next((each for each in await self.answers(run_id) if each.entry == entry), None)
        if left is None:
            raise refusal
        if (left.choice, left.value, left.by) != (choice, value, by):  # who is told that it counts is who is named
            owner = (await self.summary(run_id)).owner
            counts = f"It counts when somebody goes on with: understudy resume {run_id}"
            raise NotWaiting(refusal.message, f"{owner} takes that." if owner else counts) from refusal

    async def unfinished(self, run: str) -> str:
        """The id that `run` stands for where something is to be done with it: `last` is the newest that is not over."""
        if run == "last":
            going_on = Query(status=("pending", "running", "waiting", "paused", "interrupted"), limit=1)
            for summary in await self.services.store.runs(going_on):
                return summary.run_id
        return await self.services.store.resolve(run)

    async def delete(self, run_id: str) -> None:
        """Forget a run with all that was kept of it. Raises RunUnknown, RunOwned, StoreError."""
        await self.services.store.delete(run_id)
        try:
            self.services.spool.forget(run_id)
        except OSError as error:
            raise UnderstudyError(f"Live text of {run_id} is still in {error.filename}: {error.strerror}.") from error

    async def runs(self, query: Query) -> list[Summary]:
        """Runs of every process, newest first."""
        return await self.services.store.runs(query)

    async def summary(self, run_id: str) -> Summary:
        """One line about a run, by its whole id: where it stands, and which living process has it."""
        (summary,) = await self.services.store.runs(Query(ids=(run_id,)))
        return summary

    async def state(self, run: str) -> RunState:
        """Where a run stands, by its id, a prefix of it, or `last`.

        Its status is `interrupted` where its events say that it goes on by itself, and no living process has it.
        """
        run_id = await self.services.store.resolve(run)
        state = await self.services.engine.state(run_id)
        if state.over or run_id in self.services.engine.drivers:
            return state
        interrupted = (await self.summary(run_id)).status == "interrupted"
        return replace(state, status="interrupted") if interrupted else state

    async def answers(self, run: str) -> list[PostedAnswer]:
        """Answers that were left for whoever goes on with a run, and not taken yet."""
        return await self.services.store.answers(await self.services.store.resolve(run))

    async def journal(self, run: str) -> list[Recorded]:
        """All that happened in a run."""
        return await self.services.store.read(await self.services.store.resolve(run))

    def line(self) -> list[str]:
        """The ids of the runs that wait for their turn, in all processes, the next one first."""
        turns = self.services.engine.turns
        try:
            return turns.line() if turns else []
        except OSError:
            return []  # it is only shown

    async def inbox(self) -> list[Waiting]:
        """What waits for a person, in all runs, oldest first."""
        return await self.services.store.inbox()

    def trusted(self) -> bool:
        """Whether the workspace may act: it was trusted, or has nothing of its own."""
        root = self.services.paths.root
        return self.services.trusted(root) or not any((root / own).exists() for own in OF_A_WORKSPACE)

    def trust(self) -> None:
        """Trust the workspace from now on."""
        self.services.trust.trust(self.services.paths.root)
        self.services.skills.reload()
        self.services.agents.reload()

    def load_models(self, plan: Plan) -> None:
        """What a run may ask is loaded beside it, from its start: the first call has less to wait for."""
        for model in {model for step in plan.every for use in step.uses if not use.simulated for model in use.models}:
            self.services.models.load(model)
        if any(use.name.startswith("mcp__") for step in plan.every for use in step.uses):
            self.services.servers.load()
