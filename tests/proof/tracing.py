"""Stopping a thread until strace watches it, and strace's own words for what it should do there.

strace counts the system calls of each thread by itself, and traces here one thread only; so a thread and a number name
one call, whatever the others do meanwhile. Threads are numbered in the order in which they start; 0 is the main one.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]

WRITES = (
    "?write,?writev,?pwrite64,?pwritev,?pwritev2,?fsync,?fdatasync,?sync_file_range,?ftruncate,?truncate,?fallocate,"
    "?rename,?renameat,?renameat2,?link,?linkat,?symlink,?symlinkat,?unlink,?unlinkat,?rmdir,?mkdir,?mkdirat,?creat,"
    "?open,?openat,?sendto,?sendmsg,?copy_file_range,?sendfile,?msync"
)
"""System calls that change what another process, or a later one, can see, as strace takes them: `?` where there is one.

Of open and openat it is those that create."""

_PR_SET_PTRACER = 0x59616D61
_ANYBODY = ctypes.c_ulong(-1)


@dataclass(frozen=True, order=True)
class Strike:
    """The `number`-th call of `name` in a thread. `line` is what strace wrote of it in a run that nobody disturbed."""

    thread: int
    name: str
    number: int
    line: str = field(default="", compare=False)


def why_not() -> str:
    """Why strace cannot be used here; empty where it can."""
    if sys.platform != "linux":
        return "strace is for Linux"
    if shutil.which("strace") is None:
        return "strace is not installed"
    words = "from tests.proof.tracing import let_in; let_in(); print(flush=True); input()"
    probe = subprocess.Popen([sys.executable, "-c", words], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert probe.stdout is not None
    try:
        probe.stdout.readline()
        tracer = attach(probe.pid, ["-e", "trace=none"], Path(os.devnull))
    except OSError as error:
        return f"strace cannot watch a process here: {error}"
    finally:
        probe.kill()
        probe.communicate()
    tracer.communicate()
    return ""


def let_in() -> None:
    """Let strace watch this process, also where the kernel lets only ancestors do so (Yama)."""
    ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANYBODY, 0, 0, 0)


def attach(thread: int, options: list[str], output: Path) -> subprocess.Popen[bytes]:
    """strace, once it watches the thread. Raises OSError where it cannot."""
    tracer = subprocess.Popen(
        ["strace", "-p", str(thread), "-o", str(output), *options], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert tracer.stderr is not None
    line = tracer.stderr.readline()
    if b"attached" not in line:
        tracer.kill()
        tracer.wait()
        raise OSError(line.decode(errors="replace").strip())
    return tracer


def watch_threads(wanted: Callable[[int], bool], request: Callable[[int, int], None]) -> None:
    """Have `request(ordinal, thread id)` called in every wanted thread before it does anything, this one included."""
    lock, count = threading.Lock(), 0
    start = threading.Thread.start

    def meet() -> None:
        nonlocal count
        with lock:
            ordinal, count = count, count + 1
        if wanted(ordinal):
            request(ordinal, threading.get_native_id())

    def started(thread: threading.Thread) -> None:
        run = thread.run

        def watched() -> None:
            meet()
            run()

        thread.run = watched  # type: ignore[method-assign]  # the one place that every thread comes through
        start(thread)

    threading.Thread.start = started  # type: ignore[method-assign]  # this process is made to be watched
    let_in()
    meet()


def survey(folder: Path) -> list[Strike]:
    """Every call that changes something, from what strace wrote of each thread of a clean run (`trace.N`)."""
    found: list[Strike] = []
    for path in sorted(folder.glob("trace.*")):
        thread, counts = int(path.suffix[1:]), Counter[str]()
        for line in path.read_text(errors="replace").splitlines():
            if match := re.match(r"(\w+)\(", line):
                counts[match[1]] += 1
                if not _IDLE.match(line):
                    found.append(Strike(thread, match[1], counts[match[1]], line))
    return found


_IDLE = re.compile(r'open(at)?\((?!.*O_CREAT)|sendto\(\d+(<[^>]*>)?, "\\0", 1, ')
"""What changes nothing: opening what is there, and an event loop that wakes itself."""


def listing() -> list[str]:
    """strace's options for a survey."""
    return ["-y", "-e", f"trace={WRITES}", "-e", "signal=none"]


def killing(strike: Strike) -> dict[str, list[str]]:
    """strace's options, by thread, that kill at a strike."""
    inject = f"inject={strike.name}:signal=KILL:when={strike.number}"
    return {str(strike.thread): ["-e", f"trace={strike.name}", "-e", "signal=none", "-e", inject]}


def refusing(strike: Strike, error: str, times: int) -> dict[str, list[str]]:
    """strace's options, by thread, that refuse so many calls from a strike on."""
    inject = f"inject={strike.name}:error={error}:when={strike.number}..{strike.number + times - 1}"
    return {str(strike.thread): ["-y", "-e", f"trace={strike.name}", "-e", "signal=none", "-e", inject]}
