"""What a skill file imports: the decorator that makes a function a skill, and what the function gets and returns."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import field
from functools import cache
from pathlib import Path
from typing import Any, Generic, Literal, ParamSpec, Protocol, TypeAlias, TypeVar, get_args, get_type_hints, overload

from workflows.effects import Effect
from workflows.errors import CallFailed, Failure, FailureClass
from workflows.records import dataclass
from workflows.values import Json

P = ParamSpec("P")
R = TypeVar("R")

Touch = Literal["reads", "writes", "network", "shell"]
Execution = Literal["async", "thread", "process"]
"""Where a call of a skill runs: in the loop of a worker, in a thread of one, or in a process of its own."""

TOUCHES: frozenset[str] = frozenset(get_args(Touch))
"""What a skill may say it touches: files it reads or writes, the network, other programs."""

Undo: TypeAlias = "str | Mapping[str, Json]"
"""What undoes a skill: the name of another, or {skill, parameters}, whose expressions may read `output`."""


def _unheard(text: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Service:
    """A program that is to go on when its run is over: what it is called, started with, and which file hears it."""

    name: str
    argv: Sequence[str]
    cwd: Path
    environ: Mapping[str, str]
    output: Path


def _launch(service: Service) -> int:
    from skills.services import start_service  # here: what only lists skills needs none of it

    return start_service(service)


async def _wait(seconds: float) -> None:
    import asyncio  # here: what only lists skills needs none of it

    await asyncio.sleep(seconds)


class Confining(Protocol):
    """Gives what stands before the words of a program that runs in `cwd`, so that it is confined; empty where none is.

    It may see the folders `reads` and write in the folders `writes` besides the workspace. Raises CallFailed.
    """

    def __call__(
        self, cwd: Path, *, reads: Sequence[Path] = (), writes: Sequence[Path] = ()
    ) -> Awaitable[Sequence[str]]: ...


async def _unconfined(cwd: Path, *, reads: Sequence[Path] = (), writes: Sequence[Path] = ()) -> Sequence[str]:
    return ()


@dataclass(frozen=True)
class Context:
    """What one call of a skill is given.

    `root` is the real path of the workspace and `cwd` where relative paths start. `key` is the idempotency key: the
    same for every attempt of the same call. `emit` shows text while the call runs, `log` adds a line to the step's log.
    `environ` is the allowed part of the environment. `backups` is the folder for copies of what is overwritten.
    `run_id` is empty outside of a run.

    `sleep(seconds)` waits: an `async` function awaits it, in any other it blocks. The wait is kept in the run's
    history, so that a call that is repeated after a crash waits only for what is left, and the step's timeout leaves it
    out. Raises CallFailed (`validation`) for what is no number of seconds.

    `closed` are folders that no tool looks into, whatever the workspace is: settings, secrets, history, logs.

    `sandbox` is for built-in skills that run programs: `skills.process.run(…, within=await context.sandbox(cwd))`.
    """

    root: Path
    cwd: Path
    key: str
    emit: Callable[[str], None]
    environ: Mapping[str, str]
    backups: Path
    run_id: str = ""
    log: Callable[[str], None] = _unheard
    sleep: Callable[[float], Awaitable[None]] = _wait
    launch: Callable[[Service], int] = _launch
    sandbox: Confining = _unconfined
    closed: tuple[Path, ...] = ()

    @property
    def idempotency_key(self) -> str:
        """`key`, by its full name."""
        return self.key

    def stream(self, text: str) -> None:
        """`emit`, by the name that it has in a step's own context."""
        self.emit(text)

    def start_service(
        self,
        name: str,
        argv: Sequence[str],
        *,
        output: Path,
        cwd: Path | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> int:
        """Start a program that goes on when the run and Understudy are over, and return its process id.

        All else that a skill starts is ended with its call. The program gets a session of its own, no terminal, and the
        environment given, or the allowed one; it writes to the end of `output`. Whoever starts it says how it is
        stopped. Blocks for a moment, in `async` functions too. Raises CallFailed where it cannot be run.
        """
        given = self.environ if environ is None else environ
        return self.launch(Service(name, tuple(map(str, argv)), cwd or self.cwd, given, output))


@dataclass(frozen=True)
class Preview:
    """What an approval shows before a skill acts.

    `body` is the whole of it, such as a unified diff. `facts` are single lines: argv, cwd, files, hosts. `binds` is
    what the approval's digest covers besides the arguments, such as the digest of the file that would be replaced.
    """

    title: str
    body: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    binds: Json = None


class SkillError(CallFailed):
    """A skill ended and is known to have failed. `kind` says why; `detail` is data for tools and history."""

    def __init__(self, message: str, hint: str = "", kind: FailureClass = "business", **detail: Json) -> None:
        super().__init__(Failure(kind, message, hint, detail or None))


class Declared(Generic[P, R]):
    """A function that is a skill. Calling it calls the function."""

    def __init__(
        self,
        function: Callable[P, R],
        name: str,
        effect: Effect,
        touches: Sequence[Touch],
        undo: Undo | None = None,
        execution: Execution | None = None,
    ) -> None:
        self.function = function
        self.execution = execution or usual_execution(asynchronous=inspect.iscoroutinefunction(function))
        self.name = name or function.__name__
        self.effect = effect
        self.touches = frozenset(touches)
        self.undo = undo
        self.show: Callable[..., Any] | None = None
        self._parameters: Json = None
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.function(*args, **kwargs)

    def preview(self, function: Callable[P, Any]) -> Callable[P, Any]:
        """Say what an approval shows: a function of the same parameters that returns a Preview and changes nothing."""
        self.show = function
        return function

    @property
    def asynchronous(self) -> bool:
        return inspect.iscoroutinefunction(self.function)

    @property
    def takes_context(self) -> bool:
        return takes_context(self.function)

    def parameters(self) -> Json:
        """The schema of the arguments. Equals what `skills.discover` reads from the source."""
        if self._parameters is None:  # asked for at each call, and a third of a millisecond of looking
            self._parameters = self._described()
        return self._parameters

    def _described(self) -> Json:
        from skills.schema import REQUIRED, Parameter, parameters_schema, read_docstring

        hints = get_type_hints(self.function)
        found = [
            Parameter(name, hints.get(name, Any), REQUIRED if entry.default is entry.empty else entry.default)
            for name, entry in inspect.signature(self.function).parameters.items()
            if hints.get(name) is not Context
        ]
        return parameters_schema(found, read_docstring(self.__doc__).parameters or {})


def usual_execution(*, asynchronous: bool) -> Execution:
    """Where a function runs that does not say it."""
    return "async" if asynchronous else "thread"


@cache
def takes_context(function: Callable[..., Any]) -> bool:
    """Whether a function's first parameter is annotated as a Context."""
    first = next(iter(inspect.signature(function).parameters), None)
    return first is not None and get_type_hints(function).get(first) is Context


@overload
def skill(function: Callable[P, R], /) -> Declared[P, R]: ...


@overload
def skill(
    *,
    name: str = "",
    effect: Effect = "unsafe",
    touches: Sequence[Touch] = (),
    undo: Undo | None = None,
    execution: Execution | None = None,
) -> Callable[[Callable[P, R]], Declared[P, R]]: ...


def skill(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str = "",
    effect: Effect = "unsafe",
    touches: Sequence[Touch] = (),
    undo: Undo | None = None,
    execution: Execution | None = None,
) -> Any:
    """Make a function a skill.

    `name` is the function's own name unless given. `effect` is what repeating a call does (`pure`, `idempotent` or
    `unsafe`, which is assumed where nothing is said). `undo` names the skill that takes back what this one did, for
    steps that do not say it themselves. `execution` is where a call runs: `async` in the loop of a worker (what an
    `async` function does anyway), `thread` in a thread of a worker (any other), `process` in a process of its own that
    ends with the call. Every argument is a literal, because before a workspace is
    trusted its files are read and not run.
    """
    if function is not None:
        return Declared(function, name, effect, touches, undo, execution)
    return lambda decorated: Declared(decorated, name, effect, touches, undo, execution)
