"""Who and what performs steps: skills, agents, models, and the step kinds that call them, each made when first needed.

Most commands need few of them, and what the others import takes longer than all else that such a command does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from workflows.notes import note
from workflows.steps import makers
from workflows.steps.kinds import Kinds

if TYPE_CHECKING:
    from agents.catalog import Catalog
    from agents.models.keyring import KeyringKeys
    from agents.models.port import Model
    from agents.models.registry import Models
    from app.credentials import Credentials
    from app.paths import Paths
    from app.permissions import RuleBook
    from app.settings import Settings
    from skills.channels.channels import Channels
    from skills.invoke import Invoker
    from skills.mcp.servers import Servers
    from skills.network.client import Client
    from skills.permissions.rules import Rule
    from skills.registry import Registry
    from skills.sandbox import Sandbox
    from workflows.breaker import Breakers, Transition
    from workflows.clock import Clock
    from workflows.secrets import Redactor
    from workflows.steps.kind import StepKind

_log = logging.getLogger(__name__)


class Performers:
    """`trusted` says whether the files of a workspace may act. What is open of it is closed with `closing`.

    `redactor` knows what must stand in no record and no log.
    """

    def __init__(
        self,
        paths: Paths,
        settings: Settings,
        environ: Mapping[str, str],
        clock: Clock,
        trusted: Callable[[Path], bool],
        closing: AsyncExitStack,
        redactor: Redactor,
    ) -> None:
        self._paths = paths
        self._settings = settings
        self._environ = environ
        self._clock = clock
        self._trusted = trusted
        self._closing = closing
        self._redactor = redactor
        self.kinds = Kinds(
            {
                **makers(),
                "skill": self._skill,
                "agent": self._agent,
                "http": self._http,
                "notification": self._notification,
            }
        )

    @cached_property
    def skills(self) -> Registry:
        from skills.discover import BUILT_IN, user_folders, workspace_folders
        from skills.registry import Registry

        own = user_folders(self._paths.config, self._home)
        folders, confined = workspace_folders(self._paths.root), self._settings.sandbox == "required"
        registry = Registry([BUILT_IN, *own, *folders], self._trusted, confined=confined)
        registry.add(*self.servers.sources)
        return registry

    @cached_property
    def servers(self) -> Servers:
        from skills.mcp.servers import Servers

        paths, own = self._paths, self._settings.mcp
        servers = Servers(
            paths.root,
            paths.config,
            self._environ,
            self._clock,
            trusted=self._trusted,
            kept=paths.data / "mcp",
            logs=paths.logs / "mcp",
            redactor=self._redactor,
            hints=own.trust_hints,
            variables=own.variables,
            confined=self._settings.sandbox == "required",
        )
        self._closing.push_async_callback(servers.aclose)
        return servers

    @cached_property
    def agents(self) -> Catalog:
        from agents.catalog import BUILT_IN, Catalog, user_folders, workspace_folders

        own = user_folders(self._paths.config, self._home)
        return Catalog([BUILT_IN, *own, *workspace_folders(self._paths.root)], self._trusted)

    @cached_property
    def invoker(self) -> Invoker:
        from skills.invoke import Invoker

        invoker = Invoker(self._allowed, self.skills, self._own)
        self._closing.push_async_callback(invoker.aclose)
        return invoker

    @cached_property
    def rulebook(self) -> RuleBook:
        from app.permissions import RuleBook

        return RuleBook(self._settings.permissions, self._trusted)

    def rules(self) -> Sequence[Rule]:
        """The permission rules that count in this workspace. Raises SettingsError where they cannot be read."""
        return self.rulebook.rules(self._paths.root)

    def must_have_rules(self) -> None:
        """Raises SettingsError where the workspace's rules cannot be read: better said now than when half is done."""
        if (self._paths.workspace / "settings.yaml").exists():
            self.rules()

    @cached_property
    def credentials(self) -> Credentials:
        from app.credentials import Credentials

        return Credentials(self._paths.config, self._environ, self._redactor.learn)

    @cached_property
    def keys(self) -> KeyringKeys:
        from agents.models.keyring import KeyringKeys

        keys = KeyringKeys(self._environ, self.credentials.get, self._redactor.learn)
        self.credentials.listen(keys.forget)
        return keys

    @cached_property
    def models(self) -> Models:
        from agents.models.breaking import Breaking
        from agents.models.litellm_model import LitellmModel
        from agents.models.price_list import PriceList
        from agents.models.prices import Prices
        from agents.models.registry import Models
        from agents.models.template_model import TemplateModel

        listed = PriceList()
        prices = Prices(self._settings.pricing, self._settings.unknown_price, listed.price)
        real = LitellmModel(self.keys, self._clock, prices, listed.abilities)
        self._closing.push_async_callback(real.aclose)
        entries: dict[str, Model] = {"template/": TemplateModel(), "": Breaking(real, self._breakers)}
        return Models(entries, self._settings.model, redactor=self._redactor)

    @property
    def _home(self) -> Path | None:
        home = self._environ.get("HOME")
        return Path(home) if home else None

    @cached_property
    def _allowed(self) -> Mapping[str, str]:
        from skills.process import environment

        return environment(self._environ)

    @cached_property
    def _client(self) -> Client:
        from skills.network.client import Client

        return Client(self._settings.allow_hosts)

    @cached_property
    def _breakers(self) -> Breakers:
        from workflows.breaker import Breakers

        return Breakers(self._clock, _tell_of)

    @cached_property
    def sandbox(self) -> Sandbox | None:
        if self._settings.sandbox == "off":
            return None
        from skills.sandbox import Sandbox

        return Sandbox(self._settings.sandbox, self._allowed, self._own)

    @property
    def _own(self) -> tuple[Path, ...]:
        """Our folders, which no tool has anything to do with."""
        return (self._paths.config, self._paths.data, self._paths.logs)

    def _skill(self) -> StepKind:
        from skills.step import SkillStep

        return SkillStep(self.skills, self.invoker, self._allowed, self._paths.backups, self.sandbox)

    def _agent(self) -> StepKind:
        from agents.step import AgentStep

        performed_by = (self.agents, self.models, self.skills, self.invoker)
        rules, sandbox = self.rulebook.of_a_step, self.sandbox
        return AgentStep(
            *performed_by, self._allowed, self._paths.backups, rules=rules, sandbox=sandbox, trusted=self._trusted
        )

    def _http(self) -> StepKind:
        from skills.kinds.http import Http

        return Http(self._client, self._breakers, self._clock)

    def _notification(self) -> StepKind:
        from skills.kinds.notification import Notification

        return Notification(self.channels)

    @cached_property
    def channels(self) -> Channels:
        """Where messages to people go."""
        from skills.channels.channels import Channels

        return Channels(self._settings.channels, self._client, self._breakers, self._clock, self._environ)


def _tell_of(transition: Transition) -> None:
    """A circuit changed: the run whose call did it says so, and so does the log."""
    note(str(transition))
    _log.info("%s", transition)
