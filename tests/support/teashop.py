"""The workspace of examples/deployment, copied; what its servers say; and that nothing of it is left running."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

EXAMPLE = Path(__file__).parents[2] / "examples" / "deployment"

_RUNNING = ("backups", "dist", "environments", "releases", "__pycache__", ".benchmarks")


@contextmanager
def copied(folder: Path) -> Iterator[Path]:
    """A copy of the workspace as it is kept. What runs of it at the end is ended."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(*_RUNNING))
    try:
        yield folder
    finally:
        end_all(folder)


def end_all(folder: Path) -> None:
    """End what was started for this workspace, keepers before what they would start again."""
    for _ in range(5):
        found = running(folder)
        for process in sorted(found, key=lambda each: each.pid):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(found, timeout=60)


def running(folder: Path) -> list[psutil.Process]:
    """Processes that were started for this workspace, by what their command line names."""
    found = []
    for process in psutil.process_iter():
        try:
            if any(str(folder) in word for word in process.cmdline()) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # it has ended meanwhile
    return found


def left_running(folder: Path) -> list[psutil.Process]:
    """Those that are not ending either."""
    psutil.wait_procs(running(folder), timeout=60)
    return running(folder)


def endpoint(folder: Path, environment: str = "staging") -> str:
    told = json.loads((folder / "environments" / environment / "server.json").read_text())
    return f"http://127.0.0.1:{told['port']}"


def ask(url: str, **sent: Any) -> tuple[int, Any]:
    """The status and the JSON that a server answers with; `sent` makes it a POST."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, json.dumps(sent).encode() if sent else None, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
