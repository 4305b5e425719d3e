"""What a person does with MCP servers: start one to look at it, and accept what it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.errors import UnderstudyError

if TYPE_CHECKING:
    from skills.mcp.config import ServerConfig
    from skills.mcp.known import Known


def must_be_startable(known: Known) -> ServerConfig:
    """The entry of a server that may be started. Raises UnderstudyError, which says why not."""
    if known.config is None or known.state in ("untrusted", "unset", "off", "hidden"):
        raise UnderstudyError(f"The MCP server '{known.name}' cannot be started: {known.why}.", known.hint)
    return known.config


def was_told(known: Known) -> bool:
    """Whether a person has said before that exactly this entry may be started."""
    pin, config = known.pin, known.config
    return pin is not None and pin.accepted is not None and config is not None and pin.config == config.digest
