"""What a server may lack that fetches its program, said where it could not be started."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.servers import unseen
from skills.mcp.config import ServerConfig
from skills.mcp.files import File

ENVIRON = {"SSL_CERT_FILE": "/certs.pem", "NODE_EXTRA_CA_CERTS": "/certs.pem", "HTTPS_PROXY": "", "KEY": "x"}


def server(command: str, *, own: bool = False, **env: str) -> ServerConfig:
    root = None if own else Path("/project")
    return ServerConfig(
        "a", "a", File(Path("/project/.mcp.json"), "user" if own else "workspace", root), 1, command=command, env=env
    )


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (
            server("uvx"),
            '"env": {"SSL_CERT_FILE": "${SSL_CERT_FILE}"}, and in your settings.yaml mcp: {variables: [SSL_CERT_FILE]}',
        ),
        (server("/usr/bin/npx", own=True), '"env": {"NODE_EXTRA_CA_CERTS": "${NODE_EXTRA_CA_CERTS}"}'),
        (server("uvx", SSL_CERT_FILE="${SSL_CERT_FILE}"), ""),
        (server("python3"), ""),
    ],
)
def test_the_variables_are_named_that_say_how_it_gets_to_the_network(config: ServerConfig, said: str) -> None:
    told = unseen(config, ENVIRON)
    assert told.rpartition("say ")[2] == said
    assert "/certs.pem" not in told
