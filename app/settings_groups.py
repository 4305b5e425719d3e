"""The keys of `execution`, `resources`, `monitoring` and `history` as they are written in the settings file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal, TypeAlias

from workflows.definition.fields import Amount, Count, Definition, Duration, Name, Percent, Repeats
from workflows.definition.shapes import Whole
from workflows.diagnostics import suggest
from workflows.engine.limits import RUNS
from workflows.parts import Field
from workflows.steps.kind import Finding

# Each place is a file that whoever has it holds open.
Places: TypeAlias = Annotated[int, Whole(1, 10_000)]
Shares: TypeAlias = Annotated[int, Whole(1, 1_000)]


class ExecutionPart(Definition):
    """How much is done at once, and what steps get that do not say it themselves."""

    noun: ClassVar[str] = "execution"

    max_concurrent_workflows: Places = Field(
        default=100, description="Runs at once, of all processes; more wait their turn."
    )
    max_concurrent_steps: Count = Field(default=256, description="Steps at once in all runs of one process.")
    max_steps_per_workflow: Count | None = Field(default=None, description="Steps that one workflow file may have.")
    default_timeout: Duration | None = Field(default=None, description="The timeout of steps that state none.")
    default_retry_count: Repeats = Field(default=0, description="How often steps are repeated that do not say it.")
    enable_parallel_execution: bool = Field(
        default=True, description="Whether steps of one run may be done side by side."
    )
    enable_conditional_execution: bool = Field(default=True, description="Whether workflows may have conditions.")
    queue_timeout: Duration | None = Field(
        default=None, description="How long a run or a step waits for its turn at most."
    )


class ResourcesPart(Definition):
    """How busy the machine may be before new work waits."""

    noun: ClassVar[str] = "resources"

    max_cpu_usage: Percent | None = Field(default=None, description="Percent of all processors.")
    max_memory_usage: Percent | None = Field(default=None, description="Percent of the memory.")
    max_storage_usage: Percent | None = Field(default=None, description="Percent of the disk that the journal is on.")
    max_network_usage: Percent | None = Field(default=None, description="Percent of the network's speed.")
    network_speed: Amount | None = Field(default=None, description="What 100 percent are, in megabits a second.")
    agent_pool_size: Count = Field(default=20, description="Agents that are asked at once, in all runs of one process.")
    capacities: Mapping[str, Shares] = Field(
        default_factory=dict, description="How much there is of what workflows say they need, by name."
    )

    def findings(self) -> Iterable[Finding]:
        if RUNS in self.capacities:
            hint = "give it another name; how many runs there may be at once says execution.max_concurrent_workflows"
            yield Finding(("capacities", RUNS), "conflict", f"'{RUNS}' is the name of the places for runs", hint)


class RulePart(Definition):
    """What holds for one rule in the place of what holds for all."""

    noun: ClassVar[str] = "rule"

    enabled: bool = Field(default=True, description="Whether it is looked at.")
    window: Duration | None = Field(default=None, description="What ended within so long counts.")
    cool_down: Duration | None = Field(default=None, description="How long nothing more is told of the same.")
    channels: tuple[Name, ...] | None = Field(default=None, description="Where it is told.")


class MonitoringPart(Definition):
    """How often the machine is looked at, what alerts are raised by, and what the end of a run warns of."""

    noun: ClassVar[str] = "monitoring"

    check_interval: Duration = Field(default=5.0, description="How often the machine and the rules are looked at.")
    alert_threshold: Count | None = Field(default=None, description="Failed tries in one run that are worth a warning.")
    performance_threshold: Percent | None = Field(
        default=None, description="Percent of steps that should succeed at once."
    )
    error_rate_threshold: Percent | None = Field(default=None, description="Percent of steps that may fail.")
    failed_runs: Count | None = Field(default=1, description="Failed runs of a workflow that are an alert.")
    max_execution_time: Duration | None = Field(default=None, description="How long a run may take.")
    min_success_rate: Percent | None = Field(default=None, description="Percent of a workflow's runs to succeed.")
    max_failure_rate: Percent | None = Field(default=None, description="Percent of one run's steps that may fail.")
    slow_factor: Amount | None = Field(default=3.0, description="Times the usual that a run may take.")
    max_memory: Count | None = Field(default=None, description="Megabytes that we and our tools may use.")
    memory_growth: Count | None = Field(default=200, description="Percent by which that may grow.")
    window: Duration = Field(default=300.0, description="What ended within so long counts.")
    cool_down: Duration = Field(default=900.0, description="How long nothing more is told of the same.")
    channels: tuple[Name, ...] = Field(default=(), description="Where alerts are told.")
    rules: Mapping[str, RulePart] = Field(default_factory=dict, description="What holds for single rules.")

    def findings(self) -> Iterable[Finding]:
        from app.monitoring.rules import RULES  # few have a word on them

        for name in self.rules:
            if name not in RULES:
                yield Finding(("rules", name), "unknown-key", f"there is no rule '{name}'", suggest(name, RULES))


class HistoryPart(Definition):
    """How long things are kept."""

    noun: ClassVar[str] = "history"

    keep_days: Count = Field(default=30, description="Days for which the live text of runs is kept that are over.")
    keep_runs: Count | None = Field(default=None, description="How many runs that are over are kept, the newest.")
    keep_succeeded: Duration | None = Field(default=None, description="How long runs are kept that succeeded.")
    keep_failed: Duration | None = Field(default=None, description="How long runs are kept that failed.")
    keep_cancelled: Duration | None = Field(default=None, description="How long runs are kept that were cancelled.")
    keep_starts_days: Count = Field(
        default=90, description="Days for which starts are kept whose runs are gone, and alerts that are over."
    )
    keep_drafts: Duration | None = Field(default=None, description="How long drafts are kept that were not saved.")


class McpPart(Definition):
    """What MCP servers are believed, and what their entries may read."""

    noun: ClassVar[str] = "mcp"

    trust_hints: tuple[Name, ...] = Field(default=(), description="Servers that are believed about their tools.")
    variables: tuple[Name, ...] = Field(
        default=(), description="Environment variables that a workspace's file may name."
    )


class ServePart(Definition):
    """How `understudy serve` behaves."""

    noun: ClassVar[str] = "serve"

    resume: Literal["own", "never"] = Field(
        default="own", description="Whether runs of a server that died are gone on with by themselves."
    )
    calls_per_second: Amount = Field(default=500.0, description="Calls that one user may make a second.")
    create: bool = Field(default=False, description="Whether admins may write workflows by calls.")


class LogPart(Definition):
    """How the log file is written."""

    noun: ClassVar[str] = "log"

    format: Literal["text", "json"] = Field(default="text", description="How its lines are written.")
    runs: bool = Field(default=False, description="Whether it has what happens in runs.")
    size: Count = Field(default=1, description="Megabytes of a file before it is put aside.")
    keep: Count = Field(default=1, description="Older files that are kept.")
