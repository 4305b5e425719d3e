"""Servers of models that nobody here wrote, from registries: pinned in `tests/proof/servers/models`, on loopback."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.environments import environment
from tests.proof.node_environment import node_programs

PINS = Path(__file__).parent / "servers" / "models"

AIMOCK = "@copilotkit/aimock"
MOCK_AI_API = "mock-ai-api"

UNTIL_UP = 60.0
"""Seconds that a server may take until it answers."""


@dataclass(frozen=True)
class ModelServer:
    """A server that runs. `environ` is what a user sets for it; `log` is what it printed."""

    environ: Mapping[str, str]
    log: Path
    listed: str = ""

    def asked(self) -> int:
        """How many requests for an answer of a model it got."""
        if self.listed:
            return len(_got(self.listed))
        return sum('"POST /v1/' in line for line in self.log.read_text().splitlines())


@contextmanager
def aimock(cache: Path, folder: Path, fixtures: Sequence[Mapping[str, Any]]) -> Iterator[ModelServer]:
    """The server of npm, which answers as its fixtures say. Raises NotInstalled."""
    program = node_programs("models-npm", cache, PINS) / "llmock"
    (folder / "fixtures.json").write_text(json.dumps({"fixtures": list(fixtures)}))
    port = free_port()
    root = f"http://127.0.0.1:{port}"
    command = [str(program), "--port", str(port), "--fixtures", "fixtures.json", "--strict", "--journal-max", "0"]
    with _running(command, folder, f"{root}/health"):
        yield ModelServer(_environ(f"{root}/v1", root), folder / "log", f"{root}/v1/_requests")


@contextmanager
def mock_ai_api(cache: Path, folder: Path) -> Iterator[ModelServer]:
    """The server of PyPI, which answers as the end of a model's name says. Raises NotInstalled."""
    python = environment("models-mock-ai-api", cache, PINS / f"{MOCK_AI_API}.txt")
    openai, anthropic = free_port(), free_port()
    ports = ["--openai-port", str(openai), "--anthropic-port", str(anthropic)]
    health = [f"http://127.0.0.1:{port}/health" for port in (openai, anthropic)]
    with _running([str(python.parent / MOCK_AI_API), *ports], folder, *health):
        yield ModelServer(_environ(f"http://127.0.0.1:{openai}/v1", f"http://127.0.0.1:{anthropic}"), folder / "log")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _environ(openai: str, anthropic: str) -> Mapping[str, str]:
    key = "sk-test-0123456789abcdef"
    return {
        "OPENAI_API_KEY": key,
        "OPENAI_BASE_URL": openai,
        "ANTHROPIC_API_KEY": key,
        "ANTHROPIC_API_BASE": anthropic,
    }


@contextmanager
def _running(command: Sequence[str], folder: Path, *health: str) -> Iterator[None]:
    """A server from when it answers to when it and what it started have ended. Raises RuntimeError."""
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, process_group=0)
    try:
        until = time.monotonic() + UNTIL_UP
        while not all(map(_answers, health)):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{command[0]} does not answer: {(folder / 'log').read_text()[-500:]}")
            time.sleep(0.1)
        yield
    finally:
        if process.poll() is None:
            # What it started itself may have left the group that it was born in.
            started = psutil.Process(process.pid).children(recursive=True)
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            for left in psutil.wait_procs(started, timeout=1)[1]:
                left.kill()


def _answers(url: str) -> bool:
    try:
        _got(url)
    except OSError:
        return False
    return True


def _got(url: str) -> Any:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=5) as answer:
        return json.load(answer)
