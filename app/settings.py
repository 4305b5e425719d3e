"""Settings: file, then environment, then flag; the later wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from workflows.definition.checks.allowed import Allowed
from workflows.diagnostics import render
from workflows.engine.limits import Thresholds
from workflows.errors import UnderstudyError
from workflows.planning.defaults import Defaults
from workflows.records import dataclass

if TYPE_CHECKING:
    from agents.models.prices import Price
    from app.settings_groups import RulePart
    from skills.channels.model import Channel
    from skills.permissions.rules import Rule
    from workflows.planning.plan import Budget


Sandboxing: TypeAlias = Literal["off", "preferred", "required"]
Ringing: TypeAlias = Literal["off", "bell", "desktop"]


class SettingsError(UnderstudyError):
    """The settings cannot be read, or say what does not fit."""


@dataclass(frozen=True)
class Execution:
    """How much is done at once, and what steps get that do not say it themselves. Times are seconds.

    None is no limit, and for `queue_timeout` waiting as long as it takes.
    """

    max_concurrent_workflows: int = 100
    max_concurrent_steps: int = 256
    max_steps_per_workflow: int | None = None
    default_timeout: float | None = None
    default_retry_count: int = 0
    enable_parallel_execution: bool = True
    enable_conditional_execution: bool = True
    queue_timeout: float | None = None


@dataclass(frozen=True)
class Resources:
    """How busy the machine may be before new work waits, in percent; None is not looked at.

    `network_speed` is what 100% of the network is, in megabits a second; None for what the machine says itself.
    `capacities` is how much there is of what workflows say they need, by name.
    """

    max_cpu_usage: int | None = None
    max_memory_usage: int | None = None
    max_storage_usage: int | None = None
    max_network_usage: int | None = None
    network_speed: float | None = None
    agent_pool_size: int = 20
    capacities: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Monitoring:
    """`check_interval` is how often the machine and the rules are looked at, in seconds.

    What alerts are held against: numbers of failed tries in one run (`alert_threshold`) and of failed runs, percentages
    of steps and runs, seconds, megabytes, and times of what is usual. None is no threshold. `window` is how far back
    they look, `cool_down` how long nothing more is told of the same, both in seconds.
    """

    check_interval: float = 5.0
    alert_threshold: int | None = None
    performance_threshold: int | None = None
    error_rate_threshold: int | None = None
    failed_runs: int | None = 1
    max_execution_time: float | None = None
    min_success_rate: int | None = None
    max_failure_rate: int | None = None
    slow_factor: float | None = 3.0
    max_memory: int | None = None
    memory_growth: int | None = 200
    window: float = 300.0
    cool_down: float = 900.0
    channels: tuple[str, ...] = ()
    rules: Mapping[str, RulePart] = field(default_factory=dict)


@dataclass(frozen=True)
class History:
    """`keep_days` is how long the live text of a run that is over is kept.

    Of runs that are over, the newest `keep_runs` stay, and of each status those that ended within so many seconds; None
    is for ever. `keep_starts_days` is for starts whose runs are gone, alerts that are over and what was noted beside.
    """

    keep_days: int = 30
    keep_runs: int | None = None
    keep_succeeded: float | None = None
    keep_failed: float | None = None
    keep_cancelled: float | None = None
    keep_starts_days: int = 90
    keep_drafts: float | None = None


@dataclass(frozen=True)
class Mcp:
    """MCP servers: which are believed where they say that a tool changes nothing; what a workspace's file may read."""

    trust_hints: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Serve:
    """`understudy serve`: whether it goes on with the runs of a server that died (`own`), or leaves them to people.

    `calls_per_second` is how many one user may make; `create` lets admins write workflows by calls.
    """

    resume: Literal["own", "never"] = "own"
    calls_per_second: float = 500.0
    create: bool = False


@dataclass(frozen=True)
class Log:
    """How the log file is written: its lines, whether it has what happens in runs, megabytes of a file, older files."""

    format: Literal["text", "json"] = "text"
    runs: bool = False
    size: int = 1
    keep: int = 1


@dataclass(frozen=True)
class Settings:
    """What a user can set. docs/settings.md describes every key.

    `model` is the default model of agents that name none; empty for none at all. `allow_hosts` (`network:` in the
    file) are hosts, as `host` or `host:port`, that steps may reach though they are private. `permissions` are the
    rules for what agents may do with their tools, `sandbox` is whether programs run in one. `channels` are where
    notifications can go besides the terminal and the desktop; `notify` is how the screens call whoever is needed.
    `pricing` says what models cost that are not known to, or cost you something else; `unknown_price` is the worst
    for all whose price nobody knows. `budget` is that of runs whose workflow has none.
    """

    model: str = ""
    pricing: Mapping[str, Price] = field(default_factory=dict)
    unknown_price: Price | None = None
    budget: Budget | None = None
    allow_hosts: tuple[str, ...] = ()
    permissions: tuple[Rule, ...] = ()
    sandbox: Sandboxing = "off"
    notify: Ringing = "bell"
    channels: Mapping[str, Channel] = field(default_factory=dict)
    execution: Execution = field(default_factory=Execution)
    resources: Resources = field(default_factory=Resources)
    monitoring: Monitoring = field(default_factory=Monitoring)
    history: History = field(default_factory=History)
    mcp: Mcp = field(default_factory=Mcp)
    log: Log = field(default_factory=Log)
    serve: Serve = field(default_factory=Serve)
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Keys of the screens by action id, such as `history.filter`: as people write them."""

    @property
    def defaults(self) -> Defaults:
        """What plans give to steps that do not say it."""
        own = self.execution
        return Defaults(own.default_timeout, own.default_retry_count, own.enable_parallel_execution)

    @property
    def thresholds(self) -> Thresholds:
        """How busy the machine may be before new work waits."""
        own = self.resources
        return Thresholds(own.max_cpu_usage, own.max_memory_usage, own.max_storage_usage, own.max_network_usage)

    @property
    def allowed(self) -> Allowed:
        """What workflows may have here."""
        own = self.execution
        return Allowed(own.max_steps_per_workflow, own.enable_conditional_execution, self.resources.capacities)


def load_settings(config: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of `settings.yaml` in the configuration folder and of `UNDERSTUDY_*` variables.

    Raises SettingsError where the file has an unknown key or a value that does not fit.
    """
    settings = _from_file(config / "settings.yaml")
    if model := environ.get("UNDERSTUDY_MODEL"):
        settings = replace(settings, model=model)
    return settings


def _from_file(path: Path) -> Settings:
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}", "Mend the file or move it away.") from error
    # Imported here: most have no such file, and reading one takes the whole language.
    from app.settings_file import read_settings

    values, problems = read_settings(content, str(path))
    if problems:
        raise SettingsError(
            "\n".join(map(render, sorted(problems, key=lambda each: each.place))), "Mend the file or move it away."
        )
    groups: Mapping[str, Any] = {
        "execution": Execution,
        "resources": Resources,
        "monitoring": Monitoring,
        "history": History,
        "mcp": Mcp,
        "log": Log,
        "serve": Serve,
    }
    return Settings(**{key: groups[key](**value) if key in groups else value for key, value in values.items()})
