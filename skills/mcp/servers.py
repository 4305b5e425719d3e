"""The MCP servers that are configured here, as a source of skills. Without any, nothing more is imported.

What is known of a server's tools is what a person accepted of them, so that lists, plans and checks start nothing.
"""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from skills.declare import Context, Preview
from skills.layers import Scope, Unit
from skills.manifest import Skill
from skills.mcp.files import File, files_of
from workflows.clock import Clock
from workflows.diagnostics import Diagnostic
from workflows.errors import UnderstudyError, fail
from workflows.records import dataclass
from workflows.secrets import Redactor
from workflows.values import Json

if TYPE_CHECKING:
    from skills.mcp.config import ServerConfig
    from skills.mcp.connections import Connections
    from skills.mcp.known import Known
    from skills.mcp.pins import Offer, Pins


@dataclass(frozen=True)
class Seen:
    """What was found when a server was looked at: its tools, and the digest of its program."""

    offer: Offer
    program: str


@dataclass(frozen=True)
class FileSource:
    """The servers of the user's file, or of the workspace's, as a source of skills."""

    servers: Servers
    scope: Scope
    within: Path | None

    def read(self) -> Iterable[Unit[Skill]]:
        return self.servers.units(self.scope)


class Servers:
    """All servers, and the connections to those that run.

    `trusted` says whether a workspace may act; `hints` names the servers that are believed where they say that a tool
    changes nothing; `variables` are the environment variables that a workspace's file may name. `kept` is a folder for
    what was accepted and for files that tools give, `logs` one for what servers say. Where programs have to be
    `confined`, no server that is one is started.
    """

    def __init__(
        self,
        root: Path,
        config: Path,
        environ: Mapping[str, str],
        clock: Clock,
        *,
        trusted: Callable[[Path], bool],
        kept: Path,
        logs: Path,
        redactor: Redactor,
        hints: Collection[str] = (),
        variables: Collection[str] = (),
        confined: bool = False,
    ) -> None:
        self.files = files_of(root, config)
        self.sources = (FileSource(self, "user", None), FileSource(self, "workspace", root))
        self._environ, self._clock, self._trusted = environ, clock, trusted
        self._kept, self._logs, self._redactor = kept, logs, redactor
        self._hints, self._variables, self._confined = frozenset(hints), frozenset(variables), confined
        self._pins: Pins | None = None
        self._connections: Connections | None = None
        self._tools: dict[str, tuple[ServerConfig, str]] = {}
        self.known: tuple[Known, ...] = ()

    def units(self, scope: Scope) -> list[Unit[Skill]]:
        """Read the files again: the tools of one scope that can be used, and what is wrong."""
        self._tools = {}
        if not any(file.path.exists() for file in self.files):
            self.known = ()
            return []
        known, problems = self._look()
        self.known = tuple(known)
        units: list[Unit[Skill]] = []
        for file in self.files:
            if file.scope != scope:
                continue
            own = [each for each in known if each.file == file]
            skills = tuple(skill for each in own for skill in each.skills)
            said = [*problems.get(file, ()), *(each.note() for each in own if each.waits)]
            units.append(Unit(file.path, skills, tuple(said)))
        return units

    def why_held(self, name: str) -> str:
        """Why there is no tool of this name that can be used; empty where no server of ours would have it."""
        if not name.startswith("mcp__"):
            return ""
        from skills.mcp.catalogue import prefix_of

        found = [each for each in self.known if f"{name}__".startswith(prefix_of(each.key)) and each.state != "hidden"]
        known = min(found, key=lambda each: each.state == "untrusted", default=None)
        return known.held if known and known.state != "ready" else ""

    def get(self, name: str) -> Known:
        """The server of this name that counts. Raises UnderstudyError."""
        from workflows.diagnostics import suggest

        found = [each for each in self.known if each.name == name]
        if not found:
            names = [each.name for each in self.known]
            hint = suggest(name, names) or (f"there are: {', '.join(names)}" if names else "`understudy mcp` says how")
            raise UnderstudyError(f"There is no MCP server '{name}'.", hint[0].upper() + hint[1:])
        return min(found, key=lambda each: each.state in ("hidden", "untrusted"))

    async def perform(self, skill: Skill, arguments: Mapping[str, Json], context: Context) -> Json:
        """Call the tool that a skill is: {text, data, files, left_out}. Raises CallFailed and OutcomeUnknown."""
        config, tool = self._tool(skill)
        return await self._connected().call(config, tool, skill.effect, dict(arguments), context.log)

    async def preview(self, skill: Skill, arguments: Mapping[str, Json], context: Context) -> Preview:
        """What an approval shows: the server, the tool, the arguments. Nothing is started."""
        config, tool = self._tool(skill)
        body = json.dumps(dict(arguments), indent=2, ensure_ascii=False, sort_keys=True)
        return Preview(f"{tool} of {config.name}", body, {"server": config.summary, "tool": tool}, config.digest)

    def _tool(self, skill: Skill) -> tuple[ServerConfig, str]:
        if skill.name not in self._tools:
            hint = "`understudy mcp list` says what became of its server"
            raise fail("denied", f"{skill.name} can no longer be called", hint)
        return self._tools[skill.name]

    async def look(self, config: ServerConfig) -> Seen:
        """Start a server, note what it has, and end it. Raises CallFailed."""
        offer, program = await self._connected().look(config)
        await asyncio.to_thread(self._pinned().note, config, offer)
        return Seen(offer, program)

    async def accept(self, config: ServerConfig, seen: Seen) -> None:
        """Let these tools be used from now on. The registry has to be reloaded then."""
        await asyncio.to_thread(self._pinned().accept, config, seen.program, seen.offer)

    def forget(self, config: ServerConfig) -> bool:
        """Accept a server no longer. False where it was not accepted."""
        return self._pinned().forget(config)

    def log_of(self, config: ServerConfig) -> Path:
        """The file with what a server says."""
        return self._connected().log_of(config)

    def load(self) -> None:
        """Begin to import what calls need, in a thread: somebody is about to make one."""
        asyncio.get_running_loop().run_in_executor(None, importlib.import_module, "skills.mcp.server")

    async def watch(self, reload: Callable[[], object]) -> None:
        """Call `reload` whenever a file changes or something is accepted. Ends only by being cancelled."""
        from skills.mcp.watching import watch_servers

        await watch_servers([file.path for file in self.files], self._kept / "accepted", reload)

    async def aclose(self) -> None:
        """End all servers."""
        if self._connections is not None:
            await self._connections.aclose()

    def _look(self) -> tuple[list[Known], dict[File, list[Diagnostic]]]:
        from skills.mcp.config import read_file
        from skills.mcp.known import Known, judge

        known: list[Known] = []
        problems: dict[File, list[Diagnostic]] = {}
        taken: dict[str, str] = {}
        for file in self.files:
            trusted = file.root is None or self._trusted(file.root)
            servers, broken, wrong = read_file(file, lambda name: name in self._variables)
            problems[file] = [*wrong, *(each.problem for each in broken)]
            for bad in broken:
                where, hint = bad.problem, bad.problem.hint[:1].upper() + bad.problem.hint[1:]
                why = f"{bad.why} ({file.path}:{where.line}:{where.column})"
                known.append(Known(bad.name, bad.key, "broken", why, hint, file))
            for config in servers:
                if config.key in taken:
                    why = f"'{taken[config.key]}' has its name"
                    known.append(Known(config.name, config.key, "hidden", why, "", file, config))
                    continue
                pin, believed = self._pinned().read(config), config.name in self._hints
                each = judge(
                    config, pin, self._environ, trusted=trusted, hints=believed, performer=self, confined=self._confined
                )
                self._tools |= {tool.skill.name: (config, tool.name) for tool in each.tools}
                if trusted:  # what is not trusted hides nothing
                    taken[config.key] = config.place
                known.append(each)
        return known, problems

    def _pinned(self) -> Pins:
        if self._pins is None:
            from skills.mcp.pins import Pins

            self._pins = Pins(self._kept / "accepted", self._clock)
        return self._pins

    def _connected(self) -> Connections:
        if self._connections is None:
            from skills.mcp.connections import Connections, Places

            places = Places(self._logs, self._kept / "files")
            self._connections = Connections(
                self._pinned(), self._environ, places, self._redactor, confined=self._confined
            )
        return self._connections
