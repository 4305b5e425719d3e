"""Options that several commands share, so that they mean the same everywhere."""

from __future__ import annotations

from typing import Any

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON document to stdout.")
plain_option = click.option("--plain", is_flag=True, help="Plain lines: no screen, no colours.")
input_option = click.option(
    "-i",
    "--input",
    "inputs",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the workflow; may be given several times.",
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
