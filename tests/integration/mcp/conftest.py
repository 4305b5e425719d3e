"""A workspace with one server, `faults`, that can be wrong in every way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.mcp_calls import McpBench, fault_server

Make = Callable[..., McpBench]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    """Makes the bench: `mode` is what is wrong with the server."""
    made: list[McpBench] = []

    def make(mode: str = "", **options: Any) -> McpBench:
        made.append(McpBench(tmp_path / "work", {"faults": fault_server(mode, tmp_path / "notes")}, **options))
        return made[-1]

    yield make
    for bench in made:
        await bench.close()


@pytest.fixture
async def bench(make: Make) -> McpBench:
    """A server whose tools were accepted; its word counts that a tool changes nothing."""
    bench = make(hints=("faults",))
    await bench.accept("faults")
    return bench
