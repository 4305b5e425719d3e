"""A configured server as it stands: whether its tools can be used, and what keeps them from it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from skills.manifest import Performer, Skill
from skills.mcp import variables
from skills.mcp.catalogue import Refused, Tool, tools_of
from skills.mcp.config import ServerConfig
from skills.mcp.files import File
from skills.mcp.pins import Pin
from skills.outside import INSTEAD, OUTSIDE
from workflows.diagnostics import Diagnostic
from workflows.records import dataclass

State = Literal["ready", "untrusted", "new", "changed", "unset", "off", "broken", "hidden"]
"""ready: its tools can be used. new: nobody accepted them. changed: it is not what was accepted. unset: a variable that
it names is not set. off: its entry says so. hidden: another file has a server of this name that wins."""


@dataclass(frozen=True)
class Known:
    """One configured server. `why` says what keeps its tools from being used; `config` is None for a broken entry.

    `skills` are its tools as they were accepted, unusable where it is held back; `tools` are those that can be used.
    """

    name: str
    key: str
    state: State
    why: str = ""
    hint: str = ""
    file: File | None = None
    config: ServerConfig | None = None
    pin: Pin | None = None
    skills: Sequence[Skill] = ()
    tools: Sequence[Tool] = ()
    refused: Sequence[Refused] = ()

    @property
    def held(self) -> str:
        """Why its tools cannot be used, and what to do, as one text."""
        return f"the MCP server '{self.name}' is held back: {self.why}. {self.hint}".rstrip(". ")

    @property
    def waits(self) -> bool:
        """Whether somebody has to do something before its tools can be used."""
        return self.state in ("new", "changed", "unset")

    def note(self) -> Diagnostic:
        """What is to be said of it where skills are looked at."""
        assert self.config is not None
        file, line = str(self.config.file.path), self.config.line
        message = f"the MCP server '{self.name}' is held back: {self.why}"
        return Diagnostic("warning", "held-mcp-server", message, self.hint, file, line)


def judge(
    config: ServerConfig,
    pin: Pin,
    environ: Mapping[str, str],
    *,
    trusted: bool,
    hints: bool,
    performer: Performer,
    confined: bool = False,
) -> Known:
    """Whether a server's tools can be used, and the tools. `hints`: it is believed about what they change. `confined`:
    programs have to run in the sandbox, and servers do not."""
    found = [] if pin.accepted is None else list(tools_of(config, pin.accepted, hints, trusted, performer))
    tools = tuple(each for each in found if isinstance(each, Tool))
    refused = tuple(each for each in found if isinstance(each, Refused))
    state, why, hint = _standing(config, pin, environ, trusted=trusted)
    if confined and config.transport == "stdio" and state not in ("untrusted", "off"):
        state, why, hint = "off", OUTSIDE, INSTEAD
    known = Known(config.name, config.key, state, why, hint, config.file, config, pin, (), (), refused)
    if state == "ready":
        return replace(known, skills=tuple(each.skill for each in tools), tools=tools)
    return replace(known, skills=tuple(replace(each.skill, unusable=known.held) for each in tools))


def _standing(config: ServerConfig, pin: Pin, environ: Mapping[str, str], *, trusted: bool) -> tuple[State, str, str]:
    """State, what keeps its tools from being used, and what to do about it."""
    if not trusted:
        return "untrusted", "it belongs to a workspace that is not trusted", "Look at it: `understudy trust`"
    if config.disabled:
        return "off", f'its entry says "disabled": true ({config.place})', ""
    missing = [name for text in config.texts for name in variables.missing(text, environ)]
    if missing:
        return "unset", f"it needs {missing[0]}, which is not set ({config.place})", f"export {missing[0]}=…"
    if why := pin.why_not(config):
        accept = f"Look at it and accept it: `understudy mcp accept {shlex.quote(config.name)}`"
        return ("new" if pin.accepted is None else "changed"), why, accept
    return "ready", "", ""
