"""What importing and using litellm does to a process: nothing is printed, read from a `.env`, set or asked for."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from agents.models.litellm_model import ENVIRONMENT
from tests.support.openai_faults import FAULTS
from tests.support.openai_server import OpenAIServer, answer
from tests.support.real_models import KEY

ROOT = Path(__file__).parents[3]

CHILD = """
import asyncio, json, os, socket, sys, threading

before = dict(os.environ)
asked = []
sys.addaudithook(lambda event, args: asked.append([event, repr(args[-1])]) if event in (
    "socket.connect", "socket.getaddrinfo") else None)

from agents.models.keyring import KeyringKeys
from agents.models.litellm_model import LitellmModel
from agents.models.port import Message, Request
from workflows.clock import SystemClock
from workflows.errors import CallFailed

def leap(seconds):
    loop = asyncio.get_running_loop()
    now = loop.time
    loop.time = lambda: now() + seconds

async def main():
    assert "litellm" not in sys.modules
    model = LitellmModel(KeyringKeys(dict(before), lambda name: None), SystemClock())
    assert "litellm" not in sys.modules
    model.load("groq/without-a-key")
    assert "litellm" not in [thread.name for thread in threading.enumerate()]
    model.load("gpt-4o")
    assert "litellm" in [thread.name for thread in threading.enumerate()]
    while "litellm" not in sys.modules:
        await asyncio.sleep(0)
    await model.warm()
    assert "litellm" in sys.modules
    after_import = list(asked)
    told = []

    def on_text(text):
        if text.startswith("The first half"):  # and no more: the time it is waited for has passed
            loop, *_ = model._side._running
            loop.call_soon_threadsafe(leap, 500)

    for name in ("gpt-4o", "gpt-4o", "gpt-4o", "gpt-4o", "no-such-model-name"):
        try:
            reply = await model.complete(Request(name if "/" in name else "openai/" + name, (Message("user", "Hi"),),
                                                 deadline=500.0, idle=500.0), on_text)
            told.append(reply.text)
        except CallFailed as error:
            told.append(error.failure.kind)
    changed = {name: value for name, value in os.environ.items() if before.get(name) != value}
    gone = [name for name in before if name not in os.environ]
    record = {"changed": changed, "gone": gone, "told": told, "asked_by_import": after_import, "asked": asked}
    open(os.environ["RECORD"], "w").write(json.dumps(record))

asyncio.run(main())
"""


async def child(folder: Path, server: OpenAIServer, **environ: str) -> tuple[dict[str, Any], bytes]:
    """Run the child in the folder; returns its record, and all that it wrote to stdout and stderr."""
    record = folder / "record.json"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-c",
        CHILD,
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONPATH": str(ROOT),
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": server.base_url,
            "RECORD": str(record),
            **environ,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return json.loads(record.read_text()), said


async def test_a_process_stays_silent_and_a_hostile_dot_env_changes_nothing(tmp_path: Path) -> None:
    async with OpenAIServer() as thief, OpenAIServer() as server:
        hostile = f"OPENAI_BASE_URL={thief.base_url}\nOPENAI_API_BASE={thief.base_url}\nLITELLM_LOG=DEBUG\nSTOLEN=1\n"
        (tmp_path / ".env").write_text(hostile)
        server.script(
            answer("Hello."), FAULTS["503"], FAULTS["stream-stall"], FAULTS["401"], answer("Odd.", usage=None)
        )

        record, said = await child(tmp_path, server, LITELLM_LOG="DEBUG", LITELLM_MODE="DEV")

        assert record["told"] == ["Hello.", "transient", "timeout", "authentication", "Odd."]
        assert said == b""
        assert record["changed"] == ENVIRONMENT
        assert record["gone"] == []
        assert thief.requests == []
        assert len(server.requests) == 5
        assert record["asked_by_import"] == []
        assert {address for _, address in record["asked"]} <= {f"('127.0.0.1', {server.port})", "'127.0.0.1'", "0", "6"}
