"""Documents of the workflow service as workflows of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from composer.importing.expressions import Rewriter
from composer.importing.order import check_ids, guard
from composer.importing.parts import At, Part
from composer.importing.steps import Converter, Data, read_step
from workflows.definition.schedules import CronFault, known_zones, read_cron
from workflows.records import dataclass
from workflows.source import Mapping as MappingNode
from workflows.source import Report, value_of
from workflows.values import Json

_ON_ERROR = {"fail": "abort", "continue": "continue", "skip": "skip", "retry": "abort"}

_TYPES: Mapping[type, str] = {bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}


def workflow_of(part: Part, report: Report) -> Data:
    """A service document as data of a workflow of ours."""
    return _Service(report).workflow(part)


@dataclass(frozen=True)
class _Service:
    report: Report

    def workflow(self, part: Part) -> Data:
        data: Data = {key: found for key in ("name", "version", "description") if (found := part.text(key))}
        nodes = part.items("steps", needed=True)
        if not nodes and "steps" in part.entries:
            self.report(part.entries["steps"], "missing-value", "a workflow has at least one step")
        sources = [read_step(node, self.report) for node in nodes]
        everything = [each for source in sources for each in source.all()]
        check_ids(everything, self.report)
        rewriter = Rewriter({each.name: each.known() for each in everything})
        retry, on_failure = self._error_handling(part)
        converter = Converter(rewriter, self.report, retry, on_failure)
        steps, silent = [], []
        for place, source in enumerate(sources):
            others, rewriter.reads = rewriter.reads, set()
            steps.append(converter.step(source))
            if place and not source.after and not rewriter.reads:
                silent.append(source)
            rewriter.reads |= others
        converter.finish()
        guard(sources, steps, converter, silent, "depends_on")
        triggers = [self._trigger(Part(node, "trigger", self.report)) for node in part.items("triggers")]
        data["parameters"] = _parameters(rewriter, [given for _, given in triggers])
        if rules := [_rule(rule, given, rewriter.inputs) for rule, given in triggers if rule is not None]:
            data["schedule"] = rules if len(rules) > 1 else rules[0]
        stage: Data = {"name": "main", "steps": steps}
        if any(source.after for source in sources):
            stage["parallel"] = True
        part.finish()
        return {**data, "stages": [stage]}

    def _error_handling(self, part: Part) -> tuple[Data | None, At | None]:
        """The retry and the `on_failure` that hold for every step."""
        handling = part.part("error_handling", "workflow's error_handling")
        if handling is None:
            return None, None
        word = handling.word("on_error", tuple(_ON_ERROR), "fail")
        retries, delay = handling.number("max_retries"), handling.milliseconds("retry_delay")
        node = handling.entries.get("on_error", handling.node)
        handling.finish()
        retry: Data | None = None
        if word == "retry":
            retry = {"max_retries": retries or 3, "backoff": "fixed", "delay": delay or 1}
        return retry, At(_ON_ERROR[word], node)

    def _trigger(self, trigger: Part) -> tuple[At | None, Mapping[str, Json]]:
        """The schedule that a trigger is, and the input that it gives. Warns of what is not carried over."""
        kind = trigger.word("type", ("manual", "schedule", "webhook", "event"), "manual")
        config = trigger.take("config")
        trigger.finish()
        value: Any = value_of(config, self.report) if isinstance(config, MappingNode) else {}
        given = value.get("input")
        given = given if isinstance(given, dict) else {}
        if kind == "schedule" and config is not None and _can_be_kept(value):
            part = Part(config, "schedule trigger", self.report, {"input"})
            rule = {key: found for key in ("cron", "timezone") if (found := part.text(key))}
            part.finish()
            return At(rule, config), given
        if kind != "manual":
            facts = ", ".join(f"{key} {each}" for key, each in value.items() if isinstance(each, str))
            message = f"the {kind} trigger is not carried over{f' ({facts})' if facts else ''}"
            hint = "the workflow runs when somebody starts it: `understudy run`"
            self.report(trigger.node, "not-carried-over", message, hint, warning=True)
        return None, given


def _can_be_kept(config: Mapping[str, Json]) -> bool:
    """Whether a schedule's times are ones that ours can have: a cron line, in a zone that is known."""
    cron, zone = config.get("cron"), config.get("timezone")
    try:
        read_cron(cron if isinstance(cron, str) else "")
    except CronFault:
        return False
    return zone is None or (isinstance(zone, str) and (zone in known_zones() or not known_zones()))


def _rule(rule: At, given: Mapping[str, Json], parameters: Mapping[str, str]) -> At:
    """The schedule with what its runs are given, of what the workflow reads."""
    read = {name: value for name, value in given.items() if name in parameters}
    return At({**rule.value, "parameters": read}, rule.node) if read else rule


def _parameters(rewriter: Rewriter, inputs: Sequence[Mapping[str, Json]]) -> list[Data]:
    """What the document reads of its input. Types are those of a schedule's input, else what their use shows."""
    types: dict[str, str] = {}
    for given in inputs:
        for name, value in given.items():
            types.setdefault(name, _TYPES.get(type(value), "string"))
    return [
        {"name": name, "type": types.get(name) or shown or "string", "required": True}
        for name, shown in rewriter.inputs.items()
    ]
