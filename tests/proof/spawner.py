"""Starts the processes of a proof: imports the program once, then forks a fresh process for each request.

Run as `python -m tests.proof.spawner`. A request is a line of JSON on stdin, its reply a line on stdout. A reply comes
when the process has ended and so has everything that it left behind, so that nothing happens behind an inspection's
back: this process adopts what is orphaned (Linux: PR_SET_CHILD_SUBREAPER).
"""

from __future__ import annotations

import asyncio
import ctypes
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from tests.proof.case import Case

LATE = (
    "agents.models.breaking",
    "agents.models.exchange",
    "agents.models.keyring",
    "agents.models.litellm_model",
    "agents.models.price_list",
    "agents.models.template_model",
    "agents.step",
    "anyio._backends._asyncio",
    "app.credentials",
    "app.monitoring.telling",
    "app.monitoring.watch",
    "app.permissions",
    "app.settings_file",
    "difflib",
    "encodings.idna",
    "glob",
    "httpcore",
    "jsonschema",
    "psutil",
    "rapidfuzz",
    "skills.comparing",
    "skills.detach",
    "skills.kinds.http",
    "skills.kinds.notification",
    "skills.library.file.restore",
    "skills.library.file.write",
    "skills.mcp.files",
    "skills.mcp.servers",
    "skills.network.wire",
    "skills.pool",
    "skills.services",
    "skills.thread",
    "workflows.definition.checks.silence",
    "workflows.definition.json_schemas",
    "workflows.expressions.functions",
    "workflows.journal.sqlite.pulse",
    "workflows.journal.sqlite.standing",
    "workflows.steps.approval",
    "workflows.steps.decision",
    "workflows.steps.delay",
    "workflows.steps.parallel",
    "workflows.steps.question",
    "workflows.steps.transform",
    "workflows.steps.workflow",
    "workflows.yaml_errors",
    "workflows.yaml_reading",
)
"""What the program imports when it first needs it; else each process of a proof would, for half of its time."""

_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Request:
    """What a process does. `watch` has strace's options by thread (`*` for every one).

    It is killed at its `wrapped`-th wrapped write, or by the outside at a `moment`, such as `after send`. One that is
    `impatient` tries again soon where the journal refuses.

    `seconds` is how long it may take.
    """

    folder: str
    command: str
    workflow: str
    parameters: dict[str, Any] = field(default_factory=dict)
    fault: str = ""
    watch: dict[str, list[str]] = field(default_factory=dict)
    wrapped: int = 0
    moment: str = ""
    impatient: bool = False
    seconds: float = 300.0


@dataclass(frozen=True)
class Ended:
    """How a process ended. `code` is as subprocess has it; `told` are its lines; `took` is in seconds."""

    code: int
    told: tuple[str, ...]
    errors: str
    took: float

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Spawner:
    """A spawner process of one's own; it does one request at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.proof.spawner"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )

    def run(self, request: Request) -> Ended:
        """Have a process run to its end, whatever that is."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asdict(request)) + "\n")
        self._process.stdin.flush()
        reply = json.loads(self._process.stdout.readline())
        return Ended(**{**reply, "told": tuple(reply["told"])})

    def close(self) -> None:
        self._process.communicate()


def main() -> None:
    from tests.proof import child, faults, tracing, wrapper  # noqa: F401  # once, for all that are forked

    for name in LATE:
        importlib.import_module(name)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    for line in sys.stdin:
        replies.write(json.dumps(asdict(_serve(Request(**json.loads(line))))) + "\n")


def _serve(request: Request) -> Ended:
    folder = Path(request.folder)
    told, ours = os.pipe()
    channel, theirs = socket.socketpair()
    errors = os.open(folder / "stderr", os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        channel.close()
        os.close(told)
        _become(request, ours, errors, theirs)
    os.close(ours)
    theirs.close()
    tracers: list[subprocess.Popen[bytes]] = []
    lines = bytearray()
    try:
        _listen(request, told, channel, tracers, lines, began + request.seconds)
    finally:
        if time.monotonic() > began + request.seconds:
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        took = time.monotonic() - began
        for tracer in tracers:
            tracer.communicate()
        _reap()
        os.close(told)
        channel.close()
    said = os.pread(errors, 100_000, 0).decode(errors="replace")
    os.close(errors)
    code = os.waitstatus_to_exitcode(status)
    if time.monotonic() > began + request.seconds:
        code, said = 124, f"{said}\nit took longer than {request.seconds:g} s"
    return Ended(code, tuple(lines.decode().splitlines()), said, took)


def _listen(
    request: Request,
    told: int,
    channel: socket.socket,
    tracers: list[subprocess.Popen[bytes]],
    lines: bytearray,
    deadline: float,
) -> None:
    """Take what the process tells, and have its threads watched, until it has ended."""
    from tests.proof.tracing import attach

    waiting = select.poll()
    waiting.register(told, select.POLLIN)
    waiting.register(channel, select.POLLIN)
    while (left := deadline - time.monotonic()) > 0:
        for number, _ in waiting.poll(left * 1000):
            if number == told:
                chunk = os.read(told, 65536)
                if not chunk:
                    return
                lines += chunk
            elif data := channel.recv(4096):
                for line in data.decode().splitlines():
                    ordinal, thread = line.split()
                    options = request.watch.get(ordinal) or request.watch["*"]
                    tracers.append(attach(int(thread), options, Path(request.folder) / f"trace.{ordinal}"))
                    channel.send(b"!")
            else:
                waiting.unregister(channel)


def _become(request: Request, told: int, errors: int, channel: socket.socket) -> NoReturn:
    """The process itself."""
    from tests.proof import child, faults, tracing, wrapper
    from workflows.engine import ledger

    code = 70
    try:
        os.dup2(told, 1)
        os.dup2(errors, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.close(told)
        os.close(errors)

        def watched(ordinal: int, thread: int) -> None:
            channel.sendall(f"{ordinal} {thread}\n".encode())
            channel.recv(1)

        (Path(request.folder) / "struck").write_text(f"{os.getpid()} {request.moment}")
        if request.watch:
            tracing.watch_threads(lambda ordinal: "*" in request.watch or str(ordinal) in request.watch, watched)
        if request.impatient:
            assert ledger.STORAGE_EVERY > 0  # it is still there
            ledger.STORAGE_EVERY = 0.05  # seconds
        writes = wrapper.install(request.wrapped) if request.wrapped else None
        case = Case(Path(request.folder))
        code = asyncio.run(child.play(case, request, faults.FAULTS[request.fault]))
        if writes:
            child.tell("writes", writes.count)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(code)


def _reap() -> None:
    """Wait for all that the process left behind."""
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


if __name__ == "__main__":
    main()
