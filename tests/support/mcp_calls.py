"""What tests of MCP servers need: a workspace whose `.mcp.json` names them, accepted and called like any skill."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from skills.mcp.known import Known
from skills.mcp.pins import Offer
from skills.mcp.servers import Servers
from skills.registry import Registry
from tests.support import mcp_faults
from tests.support.skill_calls import Caller
from workflows.clock import SystemClock
from workflows.secrets import Redactor


def fault_server(mode: str = "", notes: Path | None = None) -> dict[str, Any]:
    """The entry of a server that does what `tests.support.mcp_faults` says."""
    return {"command": sys.executable, "args": ["-I", str(mcp_faults.__file__), mode, *([str(notes)] if notes else [])]}


class McpBench(Caller):
    """The servers of a workspace `root`, whose file says `entries`. To be closed."""

    def __init__(
        self,
        root: Path,
        entries: Mapping[str, Any],
        *,
        hints: tuple[str, ...] = (),
        trusted: bool = True,
        variables: tuple[str, ...] = (),
        environ: Mapping[str, str] | None = None,
        confined: bool = False,
    ) -> None:
        self.file = root / ".mcp.json"
        self.config = root.parent / "config"
        root.mkdir(parents=True, exist_ok=True)
        self.write(entries)
        self.servers = Servers(
            root,
            self.config,
            {**os.environ, **(environ or {})},
            SystemClock(),
            trusted=lambda _: trusted,
            kept=root.parent / "kept",
            logs=root.parent / "logs",
            redactor=Redactor(),
            hints=hints,
            variables=variables,
            confined=confined,
        )
        registry = Registry([], lambda _: trusted)
        registry.add(*self.servers.sources)
        super().__init__(root, registry=registry)

    def write(self, entries: Mapping[str, Any]) -> None:
        self.file.write_text(json.dumps({"mcpServers": entries}, indent=2))

    def known(self, name: str) -> Known:
        return self.servers.get(name)

    async def accept(self, name: str) -> Offer:
        """Start a server, accept what it has, and take its tools in."""
        config = self.known(name).config
        assert config is not None
        seen = await self.servers.look(config)
        await self.servers.accept(config, seen)
        self.registry.reload()
        return seen.offer

    async def close(self) -> None:
        await self.servers.aclose()
        await self.invoker.aclose()
