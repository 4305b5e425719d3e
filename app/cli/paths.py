"""understudy paths: where everything is kept."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import here


@click.command("paths")
@json_option
@plain_option
def command(as_json: bool, plain: bool) -> int:
    """Print where settings, history, logs and the workspace are. UNDERSTUDY_HOME moves all but the last."""
    from app.present.run import SCHEMA_VERSION

    out, paths = Output(plain=plain), here()
    folders = paths.named()
    if as_json:
        out.document({"schema_version": SCHEMA_VERSION, **{name: str(path) for name, path in folders.items()}})
        return 0
    for name, path in folders.items():
        out.print(f"{name:<16} {path}" + ("" if path.exists() else "   (not there yet)"))
    return 0
