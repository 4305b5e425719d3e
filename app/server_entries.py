"""The entries of MCP servers: one is written down, and the end of what a server said is read."""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from app.sources import Source, read_source_text, save_source
from workflows.errors import UnderstudyError
from workflows.text import one_line
from workflows.values import Json

if TYPE_CHECKING:
    from app.paths import Paths
    from skills.mcp.known import Known
    from skills.mcp.servers import Servers


def end_of_log(servers: Servers, known: Known, most: int = 12) -> list[str]:
    """The last lines that a server said on its stderr. May take its time."""
    if known.config is None:
        return []
    try:
        with open(servers.log_of(known.config), "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 64 * 1024))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [one_line(line, 400) for line in text.splitlines() if line.strip()][-most:]


def add_server(paths: Paths, name: str, text: str, *, user: bool = False) -> Path:
    """Write the entry of a server into the workspace's `.mcp.json`, or the user's own file, and give that file.

    `text` is an address (http:// or https://), or a program with its arguments. Nothing is started, and nothing that is
    there is replaced. Raises UnderstudyError.
    """
    path = paths.config / "mcp.json" if user else paths.root / ".mcp.json"
    source = read_source_text(path) if path.exists() else Source(path, "")
    document = _document(source)
    servers = document.setdefault("mcpServers", {})
    if not isinstance(servers, dict) or name in servers:
        why = (
            f"{path} has a server '{name}' already." if isinstance(servers, dict) else f"{path} is no list of servers."
        )
        raise UnderstudyError(why, "Choose another name, or edit the file.")
    servers[must_be_a_server_name(name)] = read_entry(text)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_source(source, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return path


def must_be_a_server_name(name: str) -> str:
    """Raises UnderstudyError for a name that the tools of a server could not begin with."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}", name):
        raise UnderstudyError(f"'{name}' is no name for a server.", "Letters, digits, '-', '_' and '.': time")
    return name


def read_entry(text: str) -> dict[str, Json]:
    """The entry for an address, or for a command as it would be typed. Raises UnderstudyError."""
    text = text.strip()
    if text.startswith(("http://", "https://")):
        if len(text.split()) != 1:
            raise UnderstudyError("An address holds no blanks.", "Headers are written into the file by hand.")
        return {"type": "http", "url": text}
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UnderstudyError(f"The command cannot be read: {str(error).lower()}.", "Close the quotes.") from None
    if not words:
        raise UnderstudyError("A server is a command or an address.", "Such as: uvx mcp-server-time")
    return {"command": words[0], "args": list(words[1:])}


def _document(source: Source) -> dict[str, Json]:
    if not source.text.strip():
        return {}
    try:
        document = json.loads(source.text)
    except (ValueError, RecursionError) as error:
        raise UnderstudyError(f"{source.path} is no JSON: {error}.", "Mend it first.") from None
    if not isinstance(document, dict):
        raise UnderstudyError(f"{source.path} is no JSON object.", "Mend it first.")
    return document
