"""The one place where services are built, and put away in the reverse order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from app.catalogue import Inventory
from app.housekeeping import keep_house
from app.kept_code import KeptCode
from app.logs import keep_out_of_log, shape_log
from app.machine import Machine
from app.paths import Paths
from app.performers import Performers
from app.secret_store import SecretStore, store_of
from app.settings import Log, Settings, load_settings
from app.watching import Watching
from skills.trust import TrustStore
from workflows.bus import Bus, Committed, Notice, Streamed
from workflows.clock import Clock, SystemClock
from workflows.engine.engine import Engine
from workflows.engine.limits import RUNS
from workflows.engine.places import Places
from workflows.engine.turns import Turns
from workflows.journal.port import StoreError
from workflows.journal.spool import Spool
from workflows.journal.sqlite.store import SqliteStore
from workflows.records import dataclass
from workflows.secrets import Redactor
from workflows.steps.kind import Catalogue, StepKind

if TYPE_CHECKING:
    from agents.catalog import Catalog
    from agents.models.registry import Models
    from app.attention import Attention
    from app.monitoring.watch import Watch
    from app.workflow_files import Workflows
    from skills.mcp.servers import Servers
    from skills.registry import Registry
    from workflows.journal.memory import MemoryStore
    from workflows.unattended.port import Standing

BUILT_IN_WORKFLOWS = Path(__file__).parent.parent / "workflows" / "library"


Journal: TypeAlias = Literal["write", "read", "none"]
"""What a command wants of the journal: to write it; to read it, even where it cannot be written; nothing at all."""


@dataclass(frozen=True)
class Services:
    """What one process works with. Made by `open_services`, passed on by constructor."""

    paths: Paths
    settings: Settings
    environ: Mapping[str, str]
    clock: Clock
    bus: Bus
    store: SqliteStore | MemoryStore
    spool: Spool
    trust: TrustStore
    secrets: SecretStore
    performers: Performers
    kinds: MutableMapping[str, StepKind]
    catalogue: Catalogue
    engine: Engine
    code: KeptCode
    workflow_files: Workflows | None = None
    """The user's and the workspace's workflows, in a program that reloads what is edited."""
    own_trust: bool = False
    watching: Watching | None = None
    """Who looks for alerts, where the journal may be written."""

    @property
    def skills(self) -> Registry:
        return self.performers.skills

    @property
    def standing(self) -> Standing:
        """Versions, schedules, triggers, starts, users and alerts."""
        return self.store.standing

    @property
    def servers(self) -> Servers:
        return self.performers.servers

    @property
    def agents(self) -> Catalog:
        return self.performers.agents

    @property
    def models(self) -> Models:
        return self.performers.models

    def trusted(self, root: Path) -> bool:
        """Whether the files of this workspace may act: a person trusted it, or this process made it (the demo)."""
        return (self.own_trust and root == self.paths.root) or self.trust.is_trusted(root)

    def workflow_folders(self) -> Mapping[str, Path]:
        """Where workflows lie, by scope, the one that wins first."""
        return {**self.paths.folders("workflows"), "built-in": BUILT_IN_WORKFLOWS}


@asynccontextmanager
async def open_services(
    paths: Paths,
    environ: Mapping[str, str],
    *,
    trusted: bool = False,
    hot: bool = False,
    journal: Journal = "write",
    clock: Clock | None = None,
) -> AsyncIterator[Services]:
    """Services for this process, until the block ends; runs that are under way then are stopped in good order.

    `trusted`: the workspace is this process's own (the demo's). `hot`: reload skills, agents and workflows that
    are edited. `clock`: another than the machine's, by which everything waits. Raises UnderstudyError for broken
    settings and StoreError where the journal cannot be opened.
    """
    async with AsyncExitStack() as stack:
        # First of all: what is wrong in a file is shown with its line, and a secret may stand in it.
        secrets = store_of(paths.config, environ)
        keep_out_of_log(secrets.redactor)
        settings = load_settings(paths.config, environ)
        clock, bus = clock or SystemClock(), Bus()
        if settings.log != Log():
            _write_log(settings.log, bus)
        store = await _open_journal(paths.journal, journal)
        stack.push_async_callback(store.close)
        spool = Spool(paths.spool)
        stack.callback(spool.close)
        bus.subscribe(lambda notice: _keep(spool, notice))
        trust = TrustStore(paths.config / "trusted.json", clock)

        def may_act(root: Path) -> bool:
            return (trusted and root == paths.root) or trust.is_trusted(root)

        closing = await stack.enter_async_context(AsyncExitStack())
        performers = Performers(paths, settings, environ, clock, may_act, closing, secrets.redactor)
        folders = {**paths.folders("workflows"), "built-in": BUILT_IN_WORKFLOWS}
        inventory = Inventory(performers, folders, lambda: may_act(paths.root), settings.allowed)
        code = KeptCode(paths.data / "code", performers, paths.root, secrets.redactor)
        if journal == "write":
            inventory.keep = code.keep
        engine = Engine(
            store,
            performers.kinds,
            bus,
            clock,
            code=inventory.digest,
            secrets=secrets,
            redactor=secrets.redactor,
            places=_places(settings, clock, paths),
            turns=_turns(settings, paths) if journal != "none" else None,
        )
        watching = _watching(store, settings, paths, clock, performers) if journal == "write" else None
        if watching is not None:
            stack.push_async_callback(watching.close)
            bus.subscribe(watching.notice)
            if hot:
                watching.begin()
        if journal == "write" and environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
            await _tell_collector(stack, bus, environ)
        stack.push_async_callback(engine.close)
        if journal == "write":
            _tell_people(stack, engine, bus, store, performers, paths, clock, secrets.redactor)
        if isinstance(store, SqliteStore) and journal == "write":
            house = keep_house(paths.data, spool, store, settings.history)
            stack.push_async_callback(_end, asyncio.create_task(house, name="housekeeping"))
        workflow_files = _reload_edited(stack, paths, performers, inventory, may_act) if hot else None
        yield Services(
            paths=paths,
            settings=settings,
            environ=environ,
            clock=clock,
            bus=bus,
            store=store,
            spool=spool,
            trust=trust,
            secrets=secrets,
            performers=performers,
            kinds=performers.kinds,
            catalogue=inventory,
            engine=engine,
            code=code,
            workflow_files=workflow_files,
            own_trust=trusted,
            watching=watching,
        )


def _tell_people(
    stack: AsyncExitStack,
    engine: Engine,
    bus: Bus,
    store: SqliteStore | MemoryStore,
    performers: Performers,
    paths: Paths,
    clock: Clock,
    redactor: Redactor,
) -> None:
    """Have people told of what waits in runs that nobody attends. Nothing is loaded for it before something does."""
    made: list[Attention] = []

    def hear(notice: Notice) -> None:
        if not isinstance(notice, Committed) or notice.state.attended or not notice.state.unanswered:
            return
        if not made:
            from app.answer_links import AnswerLinks, link_of
            from app.attention import Attention

            links = AnswerLinks(paths.data)
            link = partial(link_of, store.standing, links)
            made.append(Attention(engine, bus, lambda: performers.channels, clock, redactor, paths.root, link))
            stack.push_async_callback(made[0].close)
        made[0].hear(notice)

    bus.subscribe(hear)


def _reload_edited(
    stack: AsyncExitStack,
    paths: Paths,
    performers: Performers,
    inventory: Inventory,
    may_act: Callable[[Path], bool],
) -> Workflows:
    """Take what is edited in files: servers, skills, agents and workflows, until the stack is closed."""
    from app.workflow_files import Workflows
    from skills.watch import watch

    workflows = Workflows(paths.folders("workflows"), performers.kinds, may_act)
    inventory.kept = workflows.kept
    watching = performers.servers.watch(performers.skills.reload)
    stack.push_async_callback(_end, asyncio.create_task(watching, name="watch servers"))
    for layers in (performers.skills, performers.agents, workflows):
        stack.push_async_callback(_end, asyncio.create_task(watch(layers), name=f"watch {layers.what}s"))
    return workflows


def _places(settings: Settings, clock: Clock, paths: Paths) -> Places:
    return Places(
        clock,
        steps=settings.execution.max_concurrent_steps,
        agents=settings.resources.agent_pool_size,
        probe=Machine(paths.journal, settings.resources.network_speed),
        thresholds=settings.thresholds,
        interval=settings.monitoring.check_interval,
        queue_timeout=settings.execution.queue_timeout,
    )


def _write_log(log: Log, bus: Bus) -> None:
    """Write the log as the settings have it, and what happens in runs where they want it."""
    shape_log(as_json=log.format == "json", runs=log.runs, size=log.size * 1_000_000, keep=log.keep)
    if log.runs:
        from app.telemetry.run_log import log_runs

        bus.subscribe(log_runs)


async def _tell_collector(stack: AsyncExitStack, bus: Bus, environ: Mapping[str, str]) -> None:
    """Tell a collector of the runs of this process, until the stack is closed."""
    from app.telemetry.beginning import teller

    telemetry = await asyncio.to_thread(teller, environ)
    if telemetry is not None:
        bus.subscribe(telemetry.notice)
        stack.push_async_callback(asyncio.to_thread, telemetry.close)


def _watching(
    store: SqliteStore | MemoryStore, settings: Settings, paths: Paths, clock: Clock, performers: Performers
) -> Watching:
    """Who looks for alerts. What does it is made when there is something to look at."""

    def make() -> Watch:
        from app.monitoring.telling import tell
        from app.monitoring.terms import terms_of
        from app.monitoring.watch import Watch

        return Watch(
            store,
            terms_of(settings.monitoring, settings.resources),
            paths.data / "watched",
            clock.now,
            Machine(paths.journal, settings.resources.network_speed).look,
            lambda alert, channels: tell(alert, channels, performers.channels, paths.root),
        )

    return Watching(make, settings.monitoring.check_interval)


def _turns(settings: Settings, paths: Paths) -> Turns:
    """Places for runs, which all processes that share the journal share too."""
    there = {RUNS: settings.execution.max_concurrent_workflows, **settings.resources.capacities}
    return Turns(paths.journal / "turns", there)


async def _open_journal(folder: Path, journal: Journal) -> SqliteStore | MemoryStore:
    if journal == "write":
        return await SqliteStore.open(folder)
    from workflows.journal.memory import MemoryStore

    if journal == "none":
        # Closed, so that a command that wants history after all is refused instead of finding none.
        store = MemoryStore()
        await store.close()
        return store
    try:
        return await SqliteStore.open(folder)
    except StoreError:
        pass  # it is enough to read it
    try:
        (folder / "journal.db").stat()
    except FileNotFoundError:
        return MemoryStore()  # no journal was ever begun, so there is nothing in it
    except OSError:
        pass  # the next line says it in words
    return await SqliteStore.open_to_read(folder)


def _keep(spool: Spool, notice: Notice) -> None:
    if isinstance(notice, Streamed):
        spool.write(notice.run_id, notice.step, notice.attempt, notice.text, log=notice.log)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, OSError):
        await task
