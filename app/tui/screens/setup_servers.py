"""MCP servers on the Setup screen: written down, started to be looked at, accepted; each after a question."""

from __future__ import annotations

from functools import partial

from app.paths import from_home
from app.present.mcp import about, change_lines, start_lines
from app.present.setup import Line
from app.server_entries import add_server, must_be_a_server_name, read_entry
from app.servers import look, must_be_startable, was_told
from app.tui.background import in_background
from app.tui.modals.choices import Choices, Option
from app.tui.modals.entry import Entry
from app.tui.modals.json_editor import Edited
from app.tui.modals.pick import Pick, Pickable
from app.tui.stage import Stage
from skills.mcp.config import ServerConfig
from skills.mcp.servers import Seen
from workflows.errors import CallFailed, UnderstudyError

SHOWN = 40
"""Lines of what changed that a question shows."""


class Serving(Stage):
    """A class of its own, since Textual finds no handlers in a plain mixin."""

    @property
    def line(self) -> Line | None:
        """What the cursor is on."""
        raise NotImplementedError

    def look_at(self, *groups: str) -> None:
        """Look at some of it again."""
        raise NotImplementedError

    def do_server(self) -> None:
        async def named(given: Edited | None) -> None:
            if given is not None:
                self._ask_entry(str(given.value))

        text = "How is it to be called? Its tools are mcp__NAME__TOOL then."
        self.ask(
            Entry("add an MCP server", text, "such as time", lambda name: must_be_a_server_name(name.strip())), named
        )

    def _ask_entry(self, name: str) -> None:
        text = "What is started, or reached? The command as you would type it, or an address. Nothing is started yet."

        async def given(words: Edited | None) -> None:
            if words is not None:
                self._ask_file(name, str(words.value))

        def read(typed: str) -> str:
            read_entry(typed)
            return typed.strip()

        self.ask(Entry(f"add {name}", text, "uvx mcp-server-time, or https://example.org/mcp", read), given)

    def _ask_file(self, name: str, text: str) -> None:
        paths = self.understudy.paths
        values = [
            Pickable("workspace", "this workspace", from_home(str(paths.root / ".mcp.json"))),
            Pickable("user", "all of yours", from_home(str(paths.config / "mcp.json"))),
        ]

        async def where(taken: Edited | None) -> None:
            if taken is None:
                return
            path = add_server(paths, name, text, user=taken.value == "user")
            self.understudy.desk.services.skills.reload()
            self.look_at("servers")
            self.understudy.tell(f"{name} is written into {path}. Look at it with a before its tools are used.")

        self.ask(Pick(f"add {name}", "Where is it written down?", values), where)

    async def do_accept(self) -> None:
        """Start it, show what it has beside what was accepted, and accept that; each is asked for."""
        if (chosen := self.line) is None:
            return
        known = self.understudy.desk.services.servers.get(chosen.subject)
        config = must_be_startable(known)
        if was_told(known):
            self._look_at_server(config)
            return
        option = Option("start", "s", "start it", "to look at its tools; none is called", deliberate=True)

        async def agreed(choice: str | None) -> None:
            if choice == "start":
                self._look_at_server(config)

        self.ask(Choices(f"start {known.name}?", "\n".join(start_lines(known)), (option,)), agreed)

    def _look_at_server(self, config: ServerConfig) -> None:
        self.understudy.tell(f"Looking at {config.name} …")
        in_background(self, partial(self._look, config), "look at server")

    async def _look(self, config: ServerConfig) -> None:
        services = self.understudy.desk.services
        servers = services.servers
        try:
            seen = await look(servers, config, services.environ)
        except CallFailed as error:
            self.understudy.tell_error(UnderstudyError(error.failure.message, error.failure.hint))
            self.look_at("servers")
            return
        services.skills.reload()
        self.look_at("servers")
        shown = list(change_lines(servers.get(config.name), seen.offer))
        lines = [f"{about(seen.offer)}. What follows are its own words, not ours:", *shown[:SHOWN]]
        lines += (
            [f"… and {len(shown) - SHOWN} lines more: `understudy mcp show {config.name}`"]
            if len(shown) > SHOWN
            else []
        )
        if not shown:
            lines = [f"{about(seen.offer)}. Its tools are those that were accepted."]
        option = Option("accept", "a", "accept it", "steps and agents may use these tools", deliberate=True)
        self.ask(Choices(f"accept {config.name}?", "\n".join(lines), (option,)), partial(self._accept, config, seen))

    async def _accept(self, config: ServerConfig, seen: Seen, choice: str | None) -> None:
        if choice == "accept":
            services = self.understudy.desk.services
            await services.servers.accept(config, seen)
            services.skills.reload()
            self.look_at("servers")
            self.understudy.tell(f"{config.name} is accepted. Its tools are skills now.")
