"""Throws what its own document allows, and what it forbids, at every call of a real server: `./dev proof api`.

Each answer is held against the document: its status, its content type, its body; and none is 5xx. Half of the calls
name things that exist. The server runs in a thread, with a user who may do all.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.server import GATED, ONE_STEP, served

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FAST = "serve: {calls_per_second: 1000000}\n"


@contextmanager
def threaded() -> Iterator[tuple[str, str, dict[str, str]]]:
    """A server in a thread: its address, an admin's token, and names of things that exist."""
    up, down = threading.Event(), threading.Event()
    found: dict[str, Any] = {}

    async def main(folder: Path) -> None:
        async with served(folder, settings=FAST) as server:
            await server.publish("one", ONE_STEP)
            await server.publish("one", ONE_STEP + "\n")  # the first one may be archived
            await server.publish("gated", GATED)
            ada = server.as_("ada")
            run = (await ada.post("/api/v1/runs?wait=30", {"workflow": "one"})).document["run"]
            await ada.post("/api/v1/schedules", {"workflow": "one", "every_s": 86400, "name": "daily"})
            names = {"run": run, "step": "say", "workflow": "one", "number": "1", "schedule": "daily", "entry": "ask:1"}
            await ada.post("/api/v1/triggers", {"workflow": "one", "kind": "manual", "name": "by-hand"})
            names["trigger"] = "by-hand"
            found.update(url=server.server.url, token=server.tokens["ada"], names=names)
            up.set()
            await asyncio.to_thread(down.wait)

    with tempfile.TemporaryDirectory() as folder:
        thread = threading.Thread(target=lambda: asyncio.run(main(Path(folder))), name="server")
        thread.start()
        try:
            if not up.wait(120):
                raise RuntimeError("the server did not begin")
            yield found["url"], found["token"], found["names"]
        finally:
            down.set()
            thread.join()


def fuzz(document: dict[str, Any], url: str, token: str, names: dict[str, str], examples: int) -> Counter[str]:
    """Call everything `examples` times each way; how often each status was answered. Raises for a wrong answer."""
    schema = schemathesis.openapi.from_dict(document)
    statuses: Counter[str] = Counter()
    calm = settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    headers = {"Authorization": f"Bearer {token}"}
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.endswith("/events"):
            continue  # it stays open as long as a run does; its own tests read it
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                strategy = operation.as_strategy(mode)
            except (hypothesis.errors.InvalidArgument, TypeError):
                continue  # nothing about this call can be wrong
            turns = count()

            def throw(case: Any) -> None:
                if next(turns) % 2 and operation.method != "delete":  # noqa: B023  # called before the next one is made
                    real = {name: names[name] for name in case.path_parameters or {} if name in names}
                    case.path_parameters = {**(case.path_parameters or {}), **real}
                    if isinstance(case.body, dict) and "workflow" in case.body:
                        case.body = {**case.body, "workflow": names["workflow"], "parameters": {}, "version": 0}
                if "wait" in (case.query or {}):
                    case.query["wait"] = 0
                response = case.call(base_url=url, headers=headers, timeout=60)
                line = f"{operation.method.upper()} {operation.path} {response.status_code}"  # noqa: B023  # as above
                statuses[line] += 1
                case.validate_response(response, checks=CHECKS)

            try:
                calm(given(strategy)(throw))()
            except hypothesis.errors.Unsatisfiable:
                continue
    return statuses


def main() -> int:
    """Fuzz, and tell what was answered."""
    import requests

    parser = argparse.ArgumentParser(prog="./dev proof api", description=__doc__)
    parser.add_argument("--examples", type=int, default=200, help="calls of each kind, right and wrong ones each")
    arguments = parser.parse_args()
    with threaded() as (url, token, names):
        headers = {"Authorization": f"Bearer {token}"}
        document = requests.get(f"{url}/api/v1/openapi.json", headers=headers, timeout=60).json()
        statuses = fuzz(document, url, token, names, arguments.examples)
    for line, times in sorted(statuses.items()):
        print(f"{times:6}  {line}")
    total, wrong = sum(statuses.values()), sum(times for line, times in statuses.items() if line[-3] == "5")
    print(f"{total} calls, {wrong} answered 5xx, every answer as the document says")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
