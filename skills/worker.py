"""The process that a user's or a workspace's Python skills run in. Run as `python -P -m skills.worker`.

It serves one version of one file: it is handed the file's content, checks the digest, runs exactly that, and makes one
call at a time. `skills.wire` says how it is spoken to. Whatever the code prints is output.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import inspect
import linecache
import os
import socket
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from skills.declare import Context, Declared
from skills.launch import MARKER
from skills.perform import bind, check_preview, check_result, failure_of
from skills.waiting import sleep_of
from skills.wire import WorkerEnd
from workflows.errors import Failure, OutcomeUnknown, fail
from workflows.values import Json


def main() -> None:
    channel = socket.socket(fileno=int(sys.argv[1]))
    channel.set_inheritable(False)
    # Whatever is printed is out before the reply that follows it.
    sys.stdout.reconfigure(line_buffering=True, write_through=True)  # type: ignore[union-attr]  # a plain text stream
    own = os.getpid()
    wire, skills = WorkerEnd(channel), dict[str, Declared[..., Any]]()
    # Both stay between calls, and with them what their code keeps there: connections, caches.
    loop, thread = asyncio.Runner(), ThreadPoolExecutor(1)
    for request in wire:
        loads = "source" in request
        reply = _loading(request, skills) if loads else _calling(request, skills, wire, loop, thread)
        if os.getpid() != own:
            os._exit(0)  # a child that the code has forked: its parent answers
        _answer(wire, request, reply)
    os._exit(0)  # whatever threads the code has left behind


def _answer(wire: WorkerEnd, request: Json, reply: dict[str, Json]) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    wire.reply(request["id"], reply)


def _loading(request: Json, skills: dict[str, Declared[..., Any]]) -> dict[str, Json]:
    path, source = request["path"], base64.b64decode(request["source"])
    if hashlib.sha256(source).hexdigest() != request["digest"]:
        return _failed(Failure("dependency", f"{path} is not the version that was asked for"))
    try:
        skills.update(load(source, path, request["digest"]))
    except BaseException as error:  # a module may raise anything, SystemExit too: it is the reply
        return _failed(failure_of(f"loading {Path(path).name}", error, path))
    return {"result": sorted(skills)}


def load(source: bytes, path: str, digest: str) -> dict[str, Declared[..., Any]]:
    """Run a skill file's content as a module and return its skills by name. Raises whatever the code raises."""
    module = ModuleType(f"understudy_skill_{digest[:16]}")
    module.__file__ = path
    sys.modules[module.__name__] = module
    # Tracebacks show the lines of this version, whatever is on disk by now.
    linecache.cache[path] = (len(source), None, source.decode("utf-8", "replace").splitlines(True), path)
    exec(compile(source, path, "exec"), module.__dict__)  # noqa: S102  # the file that a person trusts, by its digest
    return {entry.name: entry for entry in vars(module).values() if isinstance(entry, Declared)}


def _calling(
    request: Json,
    skills: Mapping[str, Declared[..., Any]],
    wire: WorkerEnd,
    loop: asyncio.Runner,
    thread: ThreadPoolExecutor,
) -> dict[str, Json]:
    name = request["skill"]
    try:
        declared = skills.get(name)
        if declared is None or declared.parameters() != request["parameters"]:
            raise fail(
                "validation", f"{name} is not what its source says", "declare skills at the top level of the file"
            )
        context = _context(request["context"], wire, request["id"])
        marker = os.environ[MARKER]  # what programs started here are found by
        os.environ.clear()
        os.environ.update({**context.environ, MARKER: marker})
        os.chdir(context.cwd)
        call = bind(declared, request["preview"], request["arguments"], context)
        # In a process of its own, a function has that process's main thread.
        result = thread.submit(_alone, call).result() if declared.execution == "thread" else call()
        if inspect.isawaitable(result):
            result = loop.run(_awaited(result))
        if request["preview"]:
            return {"result": check_result(name, asdict(check_preview(name, result)))}
        return {"result": check_result(name, result)}
    except OutcomeUnknown as error:
        return {**_failed(error.failure), "definite": False}
    except BaseException as error:  # a skill may raise anything, SystemExit too: it is the reply
        path = declared.function.__code__.co_filename if declared else ""
        return _failed(failure_of(name, error, path))


def _alone(call: Callable[[], Any]) -> Any:
    """Make a call in this thread; a child that the code forks in it ends with it."""
    own = os.getpid()
    try:
        return call()
    finally:
        if os.getpid() != own:
            sys.stdout.flush()
            os._exit(0)


async def _awaited(result: Any) -> Any:
    """What is awaited. Tasks that the code has left behind end with its call."""
    try:
        return await result
    finally:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def _context(data: Json, wire: WorkerEnd, identity: str) -> Context:
    return Context(
        root=Path(data["root"]),
        cwd=Path(data["cwd"]),
        key=data["key"],
        emit=_emit,
        environ=dict(data["environ"]),
        backups=Path(data["backups"]),
        run_id=data["run_id"],
        log=partial(wire.log, identity),
        sleep=sleep_of(partial(wire.sleep, identity)),
        launch=partial(wire.launch, identity),
    )


def _emit(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _failed(failure: Failure) -> dict[str, Json]:
    return {"failure": asdict(failure), "definite": True}


if __name__ == "__main__":
    main()
