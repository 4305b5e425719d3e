"""What a person does with MCP servers: start one to look at it, and accept what it has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from workflows.errors import CallFailed, UnderstudyError

if TYPE_CHECKING:
    from skills.mcp.config import ServerConfig
    from skills.mcp.known import Known
    from skills.mcp.servers import Seen, Servers

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy")
_PYTHON = ("SSL_CERT_FILE", "SSL_CERT_DIR", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
_NODE = ("NODE_EXTRA_CA_CERTS", "NPM_CONFIG_REGISTRY", "npm_config_registry")

ON_THE_WAY: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("uvx", "uv", "pipx"), (*_PROXIES, *_PYTHON)),
    **dict.fromkeys(("npx", "bunx", "pnpm", "deno"), (*_PROXIES, *_NODE)),
}
"""Programs that fetch what they run, each with the variables that say how it gets to the network."""


def must_be_startable(known: Known) -> ServerConfig:
    """The entry of a server that may be started. Raises UnderstudyError, which says why not."""
    if known.config is None or known.state in ("untrusted", "unset", "off", "hidden"):
        raise UnderstudyError(f"The MCP server '{known.name}' cannot be started: {known.why}.", known.hint)
    return known.config


async def look(servers: Servers, config: ServerConfig, environ: Mapping[str, str]) -> Seen:
    """Start a server and note what it has. Raises CallFailed, which says what it may lack to be fetched."""
    try:
        return await servers.look(config)
    except CallFailed as error:
        if not (lacks := unseen(config, environ)):
            raise
        hint = f"{lacks}.\n        Else: {error.failure.hint}" if error.failure.hint else lacks
        raise CallFailed(replace(error.failure, hint=hint)) from None


def unseen(config: ServerConfig, environ: Mapping[str, str]) -> str:
    """What a server that fetches its program may lack: variables that it is not given. Empty for others."""
    program = config.command.rpartition("/")[2]
    names = [name for name in ON_THE_WAY.get(program, ()) if environ.get(name) and name not in config.env]
    if not names:
        return ""
    entry = json.dumps({name: f"${{{name}}}" for name in names})
    allowed = f", and in your settings.yaml mcp: {{variables: [{', '.join(names)}]}}" if config.file.root else ""
    return f'{program} is given nothing of how you reach the network; where it needs that, say "env": {entry}{allowed}'


def was_told(known: Known) -> bool:
    """Whether a person has said before that exactly this entry may be started."""
    pin, config = known.pin, known.config
    return pin is not None and pin.accepted is not None and config is not None and pin.config == config.digest
