"""understudy schema: the JSON Schema of workflow files, for editors."""

from __future__ import annotations

import click

from app.cli.output import Output


@click.command("schema")
def command() -> int:
    """Print the JSON Schema (draft-07) of workflow files.

    An editor checks a file whose first line is: # yaml-language-server: $schema=PATH
    """
    from workflows.definition.json_schema import json_schema

    Output().document(json_schema())
    return 0
