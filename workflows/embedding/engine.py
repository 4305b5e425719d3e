"""The engine as another program uses it: execute, cancel, status; whatever can be plugged in is given to it by name."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from inspect import iscoroutinefunction
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from workflows.bus import Bus, Committed, Notice, Subscriber
from workflows.clock import Clock, SystemClock
from workflows.definition.parameters import bind, schema_of
from workflows.definition.parse import parse
from workflows.diagnostics import Diagnostic, render
from workflows.embedding.middleware import Middleware, around
from workflows.engine.engine import Engine as Core
from workflows.engine.places import Places
from workflows.errors import Failure, UnderstudyError
from workflows.journal.memory import MemoryStore
from workflows.journal.port import RunStore
from workflows.journal.sqlite import SqliteStore
from workflows.planning.defaults import Defaults
from workflows.planning.make import make_plan
from workflows.records import dataclass
from workflows.runs.events import AttemptFinished
from workflows.runs.state import RunState
from workflows.secrets import Secrets
from workflows.steps import built_in
from workflows.steps.kind import Catalogue, Entry, StepKind, What
from workflows.values import Json

OnError = Callable[[str, str, Failure], None]
"""Hears the run's id, the step's address and the failure."""


@dataclass(frozen=True)
class Options:
    """How an engine works. `steps` and `agents` are at work at once, over all runs.

    `timeout` (seconds) and `retries` (the first try not counted) are those of steps that state none; `retry_delay`
    (seconds) is the wait before each of these. `log` is the least level that the `workflows` loggers pass on.
    """

    steps: int = 256
    agents: int = 20
    timeout: float | None = None
    retries: int = 0
    retry_delay: float = 1.0
    log: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "WARNING"


class Invalid(UnderstudyError):
    """The workflow has errors. `diagnostics` lists everything that was found, with its place."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("\n".join(render(found) for found in diagnostics), "Mend it and execute it again.")
        self.diagnostics = tuple(diagnostics)


@dataclass
class _Workflows:
    """A catalogue of the workflows that others call, before whatever catalogue was given."""

    more: Catalogue | None
    entries: dict[str, Entry] = field(default_factory=dict)

    def find(self, what: What, name: str) -> Entry | None:
        own = self.entries.get(name) if what == "workflow" else None
        return own or (self.more.find(what, name) if self.more else None)

    def names(self, what: What) -> Sequence[str]:
        own = tuple(self.entries) if what == "workflow" else ()
        return (*own, *(self.more.names(what) if self.more else ()))


class Engine:
    """Runs workflows in this process: `async with await Engine.open(store) as engine`.

    `store` keeps the runs (in memory by default), `kinds` are kinds of steps besides this layer's own, `catalogue` what
    they can name (skills, agents). `middleware` stands around every attempt of every step, the first outermost.
    """

    def __init__(
        self,
        store: RunStore | None = None,
        *,
        kinds: Iterable[StepKind] = (),
        middleware: Sequence[Middleware] = (),
        catalogue: Catalogue | None = None,
        secrets: Secrets | None = None,
        clock: Clock | None = None,
        options: Options | None = None,
    ) -> None:
        self.options = options or Options()
        self.store = store or MemoryStore()
        logging.getLogger("workflows").setLevel(self.options.log)
        self._clock = clock or SystemClock()
        self._bus = Bus()
        self._middleware = tuple(middleware)
        self._catalogue = _Workflows(catalogue)
        self._kinds: dict[str, StepKind] = {}
        for kind in (*built_in(), *kinds):
            self.register(kind)
        places = Places(self._clock, steps=self.options.steps, agents=self.options.agents)
        self._core = Core(
            self.store, self._kinds, self._bus, self._clock, code=self._code, secrets=secrets, places=places
        )

    @classmethod
    async def open(cls, store: RunStore | Path | str | None = None, **more: Any) -> Self:
        """An engine on a store: one of yours, a folder for a SQLite journal, or nothing to keep runs in memory.

        Raises StoreError where the journal cannot be opened.
        """
        kept = await SqliteStore.open(Path(store)) if isinstance(store, Path | str) else store
        return cls(kept, **more)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def register(self, kind: StepKind) -> StepKind:
        """Add a kind of step, or put another in the place of one. Runs that are under way take it from then on."""
        self._kinds[kind.name] = around(kind, self._middleware) if self._middleware else kind
        return kind

    def add_workflow(self, name: str, text: str) -> None:
        """A workflow that others can call by this name. Raises Invalid."""
        parsed = parse(text, f"{name}.yaml", self._kinds, self._catalogue)
        if parsed.workflow is None or parsed.errors:
            raise Invalid(parsed.diagnostics)
        parameters = schema_of(parsed.workflow.parameters)
        self._catalogue.entries[name] = Entry("workflow", name, parameters=parameters, definition=parsed.workflow)

    def observe(self, observer: Subscriber) -> Callable[[], None]:
        """Call the observer with every notice: committed events with the state after them, live text, a stuck journal.

        It must not block. The function that is returned ends it. An observer that raises is logged, and stops nothing.
        Raises TypeError for one that is `async`: nobody would await it.
        """
        if iscoroutinefunction(observer) or iscoroutinefunction(type(observer).__call__):
            raise TypeError("an observer is a plain function: one that is async would never be awaited")
        return self._bus.subscribe(observer)

    def on_error(self, handler: OnError) -> Callable[[], None]:
        """Call the handler whenever an attempt of a step has failed, whatever is done about it then."""

        def hear(notice: Notice) -> None:
            for recorded in notice.events if isinstance(notice, Committed) else ():
                event = recorded.event
                if isinstance(event, AttemptFinished) and event.failure and not event.interrupted:
                    handler(notice.run_id, event.step, event.failure)

        return self.observe(hear)

    async def start(
        self, workflow: str | Path, parameters: Mapping[str, Json] | None = None, *, root: Path | None = None
    ) -> str:
        """Begin a run and return its id; it is durable by then. `workflow` is YAML, or the path of a file.

        `root` is the folder that its steps work in. Raises Invalid, and UnderstudyError where parameters do not fit.
        """
        path = workflow if isinstance(workflow, Path) else None
        text = path.read_text(encoding="utf-8") if path else str(workflow)
        parsed = parse(text, str(path or "workflow.yaml"), self._kinds, self._catalogue)
        if parsed.workflow is None or parsed.errors:
            raise Invalid(parsed.diagnostics)
        given = bind(parsed.workflow.parameters, parameters or {})
        defaults = Defaults(self.options.timeout, self.options.retries, delay=self.options.retry_delay)
        plan = make_plan(parsed.workflow, self._kinds, self._catalogue, defaults)
        driver = await self._core.start(
            plan,
            workflow=path.stem if path else parsed.workflow.name,
            source=text,
            parameters=given,
            root=root or Path.cwd(),
        )
        return driver.state.run_id

    async def execute(
        self, workflow: str | Path, parameters: Mapping[str, Json] | None = None, *, root: Path | None = None
    ) -> RunState:
        """Begin a run and wait until it is over, or stopped by `close`. Cancelling the wait leaves the run alone."""
        return await self.wait(await self.start(workflow, parameters, root=root))

    async def wait(self, run: str) -> RunState:
        """Wait until a run of this process is over or stopped; of another one, say at once where it stands."""
        return await self._core.finished(run) if run in self._core.drivers else await self._core.state(run)

    async def resume(self, run: str) -> str:
        """Go on with a run that was stopped, or whose process died. Raises RunUnknown, RunOwned, UnderstudyError."""
        return (await self._core.resume(run)).state.run_id

    async def answer(self, run: str, entry: str, choice: str, value: Json = None, *, by: str = "") -> None:
        """Answer what waits in a run of this process (`state.open_inquiries`). Raises UnderstudyError."""
        await self._driver(run).answer(entry, choice, value, by=by)

    async def cancel(self, run: str, why: str = "cancelled by the program") -> RunState:
        """End a run of this process; what finishes it (`finally`) is still done. Gives its end."""
        driver = self._driver(run)
        driver.cancel(why)
        return await self.wait(run)

    async def status(self, run: str) -> RunState:
        """Where a run stands, whoever owns it. Raises RunUnknown."""
        return await self._core.state(run)

    async def close(self) -> None:
        """Stop every run in good order, each to be resumed later, and close the store."""
        await self._core.close()
        await self.store.close()

    def _driver(self, run: str) -> Any:
        driver = self._core.drivers.get(run)
        if driver is None:
            raise UnderstudyError(f"No run {run} is under way here.", "`status` says where it stands.")
        return driver

    def _code(self, reference: str) -> str:
        what, _, name = reference.partition(":")
        entry = self._catalogue.find(what, name) if what in ("skill", "agent", "workflow") else None  # type: ignore[arg-type]  # it is one of these
        return entry.digest if entry else ""
