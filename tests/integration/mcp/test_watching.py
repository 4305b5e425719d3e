"""A server that is configured or accepted meanwhile is there by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

from skills.layers import Reloaded
from tests.support.mcp_calls import McpBench, fault_server


async def test_what_is_configured_and_accepted_elsewhere_is_taken_in(tmp_path: Path) -> None:
    bench = McpBench(tmp_path / "work", {})
    task = asyncio.create_task(bench.servers.watch(bench.registry.reload))
    elsewhere = McpBench(tmp_path / "work", {"faults": fault_server()})
    try:
        async with asyncio.timeout(60):
            changed: asyncio.Queue[Reloaded] = asyncio.Queue()
            bench.registry.listen(changed.put_nowait)
            await elsewhere.accept("faults")
            while (await changed.get()).name != "mcp__faults__echo":
                pass
            (tmp_path / "work" / ".understudy").mkdir()
            (tmp_path / "work" / ".understudy" / "mcp.json").write_text('{"mcpServers": {"faults": {"command": "x"}}}')
            while (await changed.get()).name != "mcp__faults__echo":
                pass
            assert bench.known("faults").state == "changed"
            assert "its entry" in bench.registry.get("mcp__faults__echo").unusable
    finally:
        task.cancel()
        await asyncio.wait((task,))
        await elsewhere.close()
        await bench.close()
