"""The one way to run a program: argv without a shell, bounded output, and nothing left alive afterwards.

Every program runs below a keeper (`skills.launch`), which ends all that the program started when the call is over, or
when we die. Its output comes through pipes of ours: asyncio's own would keep `wait()` from returning while a grandchild
holds them (CPython gh-119710).
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from skills.group import GRACE, start
from skills.output import Capture
from workflows.errors import Failure, FailureClass, OutcomeUnknown, fail
from workflows.records import dataclass
from workflows.values import Json

ALLOWED = ("PATH", "HOME", "LANG", "TERM", "TMPDIR", "USER")
"""The part of the environment that programs see, with all of LC_* and what a step declares."""

HEAD = TAIL = 64 * 1024
"""Bytes of a program's output that are kept from its beginning and from its end."""

LIMIT = 50 * 1024 * 1024
"""Bytes of output after which a program is ended."""

_SHOWN_OUTPUT = 4000
"""Characters at the end of an output that a failure carries."""


def environment(source: Mapping[str, str], declared: Mapping[str, str] | None = None) -> dict[str, str]:
    """The allowed part of `source`, and what was declared."""
    allowed = {name: value for name, value in source.items() if name in ALLOWED or name.startswith("LC_")}
    return {**allowed, **(declared or {})}


@dataclass(frozen=True)
class Completed:
    """A program that ended by itself. `exit` is its exit code, or minus the signal that ended it.

    `stdout` and `stderr` are decoded and not cleaned; where `truncated`, their middle is left out.
    """

    argv: tuple[str, ...]
    exit: int
    stdout: str
    stderr: str
    truncated: bool
    seconds: float

    @property
    def output(self) -> str:
        return self.stdout + self.stderr

    def end_of_output(self) -> str:
        """The last of what it wrote, short enough to go with a failure."""
        return self.output.rstrip()[-_SHOWN_OUTPUT:]


async def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    environ: Mapping[str, str],
    timeout: float | None = None,
    emit: Callable[[str], None] | None = None,
    read: Callable[[str], None] | None = None,
    stdin: bytes | None = None,
    grace: float = GRACE,
    head: int = HEAD,
    tail: int = TAIL,
    limit: int = LIMIT,
    within: Sequence[str] = (),
) -> Completed:
    """Run a program to its end. It has no terminal; its stdin holds `stdin`, or nothing.

    When this returns or raises, the program and all its descendants are gone: also those it left in the background and,
    on Linux, those with a session or an environment of their own. `timeout` and `grace` are seconds, the others bytes.
    `emit` gets the output as it comes, both streams in their order of arrival. Where there is a `read`, that gets
    all of stdout in its place. `within` is what stands before its words: the sandbox that it runs in.

    Raises CallFailed as `start` does, and OutcomeUnknown where the program was ended by us: `timeout`, or `resource`
    where it wrote more than `limit` bytes. Whatever its exit code, it returns.
    """
    began = time.monotonic()
    loop = asyncio.get_running_loop()
    flooded: asyncio.Future[None] = loop.create_future()
    with ExitStack() as stack:
        out, err = os.pipe(), os.pipe()
        writers = stack.enter_context(ExitStack())
        for end in (out[1], err[1]):
            writers.callback(os.close, end)
        readers = stack.enter_context(ExitStack())
        for end in (out[0], err[0]):
            readers.callback(os.close, end)
        source = _file_of(stdin, stack)
        process = start([*within, *argv], cwd=cwd, environ=environ, stdin=source, stdout=out[1], stderr=err[1])
        stack.callback(process.kill)
        writers.close()
        readers.pop_all()
        captures: list[Capture] = []

        def count(_: int) -> None:
            if sum(capture.total for capture in captures) > limit and not flooded.done():
                flooded.set_result(None)

        for end, hear in ((out[0], read or emit), (err[0], emit)):
            captures.append(Capture(end, head=head, tail=tail, emit=hear, more=count))
            stack.callback(captures[-1].close)
        try:
            await asyncio.wait((process.exited, flooded), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            by_itself, too_much = process.exited.done(), flooded.done()
        finally:
            await process.end(grace)
        for capture in captures:
            capture.drain()
        stdout, stderr = (capture.text() for capture in captures)
        truncated = any(capture.truncated for capture in captures)
        completed = Completed(tuple(argv), process.exit, stdout, stderr, truncated, time.monotonic() - began)
    if process.not_run:
        raise fail("dependency", f"cannot run {argv[0]}: {process.not_run}")
    if by_itself:
        return completed
    if too_much:
        message = f"{argv[0]} wrote more than {limit / 1024**2:g} MB and was ended (output limit)"
        raise _ended("resource", message, completed)
    raise _ended("timeout", f"{argv[0]} ran longer than {timeout:g} s and was ended", completed)


def _ended(kind: FailureClass, message: str, completed: Completed) -> OutcomeUnknown:
    hint = "what it did until then is not undone"
    detail: Json = {"output": completed.end_of_output(), "seconds": round(completed.seconds, 3)}
    return OutcomeUnknown(Failure(kind, message, hint, detail))


def _file_of(content: bytes | None, stack: ExitStack) -> int:
    """A program's stdin: a file without a name, because a pipe that nobody reads would block us."""
    if content is None:
        return subprocess.DEVNULL
    from tempfile import TemporaryFile

    file = stack.enter_context(TemporaryFile())  # noqa: SIM115  # the stack is the context manager
    file.write(content)
    file.seek(0)
    return file.fileno()
