"""An MCP server as people write them, with the SDK: `python mcp_real.py` speaks over stdio, with a PORT over HTTP."""

from __future__ import annotations

import sys

from mcp.server.mcpserver import Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel

server = MCPServer("kitchen", version="3.1")


class Weighed(BaseModel):
    """What the scales say."""

    grams: float
    what: str


@server.tool(annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False))
def weigh(what: str, spoons: int = 1) -> Weighed:
    """Weigh some spoons of something."""
    return Weighed(grams=spoons * 12.5, what=what)


@server.tool()
def brew(minutes: float) -> str:
    """Brew a pot of tea."""
    if minutes > 10:
        raise ToolError("that would be bitter")
    return f"tea, brewed for {minutes:g} minutes"


@server.tool()
def picture() -> Image:
    """A picture of the kitchen."""
    return Image(data=b"\x89PNG\r\n\x1a\n", format="png")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", port=int(sys.argv[1]))
    else:
        server.run()
