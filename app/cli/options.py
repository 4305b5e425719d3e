"""Options that several commands share, so that they mean the same everywhere."""

from __future__ import annotations

from typing import Any, Literal

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON document to stdout.")
jsonl_option = click.option("--jsonl", is_flag=True, help="Print every event to stdout as one JSON line.")
yes_option = click.option(
    "--yes", is_flag=True, help="Approve every approval of the workflow. Failed steps and agents' tools still wait."
)
deny_option = click.option("--deny", is_flag=True, help="Deny every approval.")
attended_option = click.option(
    "--attended/--unattended",
    default=None,
    help="Whether a person can be asked here. By default, whether stdin and stdout are terminals.",
)
details_option = click.option("--details", is_flag=True, help="Narrate every call, not only what matters.")
plain_option = click.option("--plain", is_flag=True, help="Plain lines: no screen, no colours.")
input_option = click.option(
    "-i",
    "--input",
    "inputs",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the workflow; may be given several times.",
)
budget_option = click.option(
    "--budget",
    metavar="USD",
    help="What the run may spend on models, in the place of what the file says. `none` for no limit.",
)


def read_budget(text: str | None) -> float | Literal["none"] | None:
    """An amount of US dollars, or `none`; None where nothing was said. Raises click.UsageError."""
    if text is None:
        return None
    if text.strip().lower() == "none":
        return "none"
    try:
        usd = float(text.strip().removeprefix("$"))
    except ValueError:
        usd = 0.0
    if not 0 < usd < float("inf"):
        raise click.UsageError(f"--budget {text!r} is no amount of US dollars, such as 0.50, and not `none`.")
    return usd


def read_raise(text: str | None) -> float | None:
    """A limit that a run is to have in the place of a lower one. Raises click.UsageError."""
    usd = read_budget(text)
    if usd == "none":
        raise click.UsageError("--budget none: the limit of a run can be raised, not taken away. Give an amount.")
    return usd


PRIORITIES = {"low": -10, "normal": 0, "high": 10}


class Priority(click.ParamType[int]):
    """A priority: a word, or any whole number."""

    name = "priority"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        try:
            return PRIORITIES[value] if value in PRIORITIES else int(value)
        except ValueError:
            self.fail(f"'{value}' is not {', '.join(PRIORITIES)} or a whole number.", param, ctx)


no_cache_option = click.option(
    "--no-cache", "fresh", is_flag=True, help="Take nothing from earlier runs where steps have `cache`."
)
priority_option = click.option(
    "--priority",
    type=Priority(),
    default="normal",
    metavar="low|normal|high|N",
    help="Where runs or steps wait for places, those of a higher priority go first.",
)

after_option = click.option(
    "--after", "after", multiple=True, metavar="RUN", help="Begin when RUN has succeeded. May be given several times."
)


def read_inputs(inputs: tuple[str, ...]) -> dict[str, Any]:
    """`name=value` texts as a mapping. Raises click.UsageError for one without a name or given twice."""
    given: dict[str, Any] = {}
    for text in inputs:
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals or not name:
            raise click.UsageError(f"--input {text!r} is not NAME=VALUE.")
        if name in given:
            raise click.UsageError(f"--input {name} is given twice.")
        given[name] = value
    return given
