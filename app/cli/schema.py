"""understudy schema: the JSON Schema of workflow files, for editors."""

from __future__ import annotations

import click

from app.cli.output import Output
from app.cli.session import open_desk, wait_for


@click.command("schema")
def command() -> int:
    """Print the JSON Schema (draft-07) of workflow files.

    An editor checks a file whose first line is: # yaml-language-server: $schema=PATH
    """
    return wait_for(_schema())


async def _schema() -> int:
    from workflows.definition.schema import json_schema

    async with open_desk(journal="none") as desk:
        Output().document(json_schema(desk.services.kinds))
    return 0
