"""Services: programs that go on when the call that started them, its run and Understudy itself are over.

All else that a skill starts is ended with its call. Whoever starts a service has to say how it is stopped.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable

from skills import detach
from skills.declare import Service
from skills.group import find
from workflows.errors import fail
from workflows.notes import note, noting


def start_service(service: Service) -> int:
    """Start it, and return its process id, which is that of its session and its group too. The run's story tells of it.

    Raises CallFailed: `dependency` where the program is not there or cannot be run, `validation` for what no program
    can be given.
    """
    program = find(service.argv, service.cwd, service.environ)
    if not service.cwd.is_dir():
        raise fail("validation", f"{service.cwd} is not a folder, so {service.name} cannot run there")
    has_locale = str(int("LC_CTYPE" in service.environ))
    report, word = os.pipe()
    with os.fdopen(report, "rb") as said, open(os.open(service.output, _APPEND, 0o600), "ab") as output:
        try:
            subprocess.run(  # noqa: S603  # argv without a shell is what this module is for
                [sys.executable, "-I", "-S", detach.__file__, str(word), has_locale, program, *service.argv],
                cwd=service.cwd,
                env=dict(service.environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=(word,),
                check=True,
            )
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            raise fail("dependency", f"cannot start {service.name}: {error}") from None
        finally:
            os.close(word)
        words = dict(line.split(" ", 1) for line in said.read().decode("utf-8", "replace").splitlines())
    if "failed" in words:
        raise fail("dependency", f"cannot run {service.argv[0]}: {words['failed']}")
    pid = int(words["pid"])
    note(f"started {service.name}, which goes on after the run: process {pid}, its output in {service.output.name}")
    return pid


async def start_aside(launch: Callable[[Service], int], service: Service) -> int:
    """`launch` in a thread: starting takes some 50 ms, too long for the loop's own. What it notes is noted here."""
    notes: list[str] = []

    def start() -> int:
        with noting(notes.append):
            return launch(service)

    pid = await asyncio.to_thread(start)
    for text in notes:
        note(text)
    return pid


_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
