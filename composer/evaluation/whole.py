"""Checks of a draft as a whole: its limits, what is put back, who is told, when it starts, its parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from composer.evaluation.facts import compare
from composer.evaluation.roles import has_role
from composer.evaluation.subject import Seen, Subject
from composer.evaluation.values import found_in, same
from workflows.definition.modifiers import Notify
from workflows.definition.schedules import as_interval, read_cron
from workflows.values import Json

CHANNELS = {"mail": ("mail", "email", "smtp"), "desktop": ("desktop",), "terminal": ("terminal", "console")}


def parallel_limit(now: Subject, sign: str, wanted: str) -> bool:
    """Whether a `max_parallel` is given, and all that are compare so."""
    workflow = now.workflow
    given = [workflow.max_parallel, *(stage.max_parallel for stage in workflow.stages)]
    given += [seen.step.foreach.max_parallel for seen in now.every if seen.step.foreach]
    limits = [limit for limit in given if limit is not None]
    return bool(limits) and all(compare(float(limit), sign, wanted) for limit in limits)


def timeout(now: Subject, sign: str, wanted: str) -> bool:
    """Whether the run's timeout compares so; where it has none, that of every step that has one."""
    workflow = now.workflow
    whole = workflow.timeout or (workflow.metadata.timeout if workflow.metadata else None)
    limits = [whole] if whole else [seen.step.timeout for seen in now.steps if seen.step.timeout is not None]
    return bool(limits) and all(compare(limit, sign, wanted) for limit in limits)


def budget(now: Subject, sign: str, wanted: str) -> bool:
    """Whether the budget in US dollars compares so."""
    return now.workflow.budget is not None and compare(now.workflow.budget.usd, sign, wanted)


def rollback(now: Subject) -> bool:
    """Whether something is put back when it fails."""
    workflow = now.workflow
    handled = any(
        handler.action in ("rollback", "compensate") or "rollback" in (handler.then or "") or _restores(handler.steps)
        for handler in workflow.error_handlers
    )
    steps = any(seen.step.undo is not None or seen.step.on_failure == "rollback" for seen in now.every)
    put_back = any(has_role(seen, "restore") and seen.step.when is not None for seen in now.steps)
    return workflow.rollback is not None or handled or steps or put_back


def notifies(now: Subject, when: str = "", channel: str = "") -> bool:
    """Whether somebody is told; with `when="failure"`, also when it goes wrong."""
    return any(
        (when != "failure" or told == "failure") and (not channel or _is_channel(name, channel))
        for told, name in _tellings(now)
    )


def schedule(now: Subject, cron: str = "", every: str = "", zone: str = "") -> bool:
    """Whether it starts so. Cron lines are compared by the times that they mean."""
    for rule in now.workflow.schedules:
        if zone and rule.timezone != zone:
            continue
        line = read_cron(rule.cron) if rule.cron is not None else None
        between = rule.every if line is None else as_interval(line)
        if cron and not (line == read_cron(cron) or (between is not None and between == as_interval(read_cron(cron)))):
            continue
        if every and (between is None or not compare(between, "=", every)):
            continue
        return True
    return False


def parameter(now: Subject, name: str, default: str | None) -> bool:
    """Whether there is such a parameter, or that value stands in a step under such a name."""
    if default is None:
        return any(found_in({each.name: ""}, name) for each in now.workflow.parameters)
    wanted: Json = default.split(",") if "," in default else default
    values = found_in(now.values, name)
    for seen in now.every:
        values += found_in(_flat(seen.data), name)
    return any(same(value, wanted) for value in values)


def _flat(data: Mapping[str, Json]) -> dict[str, Json]:
    inner = data.get("parameters")
    return {**data, **(inner if isinstance(inner, Mapping) else {})}


def _restores(names: tuple[str, ...]) -> bool:
    return any(re.search(r"restore|rollback|recover|revert|undo", name, re.IGNORECASE) for name in names)


def _tellings(now: Subject) -> Iterator[tuple[str, str]]:
    """Who is told: `failure` where they are when it goes wrong, and the channel."""
    for seen in now.every:
        if seen.step.notify:
            yield _of(seen.step.notify)
        if has_role(seen, "notify") and seen.step.type in ("notification", "skill", "http", "workflow"):
            yield ("failure" if _comes_after_failure(seen) else "success"), str(seen.data.get("channel") or seen.text)
    for handler in now.workflow.error_handlers:
        if handler.notify:
            yield _of(handler.notify)


def _of(notify: bool | Notify) -> tuple[str, str]:
    if not isinstance(notify, Notify):
        return "failure", ""
    return ("success" if notify.when == "success" else "failure"), notify.channel or ""


def _comes_after_failure(seen: Seen) -> bool:
    """Whether a step that tells something does so when it goes wrong: in rollback, finally, or on a condition."""
    return seen.placed.stage is None or bool(seen.step.when) or bool(seen.placed.inside)


def _is_channel(name: str, wanted: str) -> bool:
    return any(word in name.lower() for word in CHANNELS.get(wanted, (wanted,)))
