"""A little of what `./dev proof serve` does: a server is killed under load, and nothing that was accepted is lost."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.proof.serving import Ground, prove


async def test_what_was_accepted_is_run_once_although_the_server_is_killed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    load, runs = await prove(Ground(tmp_path), kills=2, callers=3, seed=7, port=port)
    assert len(load.accepted) <= runs <= load.asked
