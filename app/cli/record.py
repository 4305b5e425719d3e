"""understudy record RUN: keep a run that is over as a recording, and a test beside it."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk_of, wait_for


@click.command("record")
@click.argument("run")
@click.option("--to", "folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help="Where it goes.")
@click.option("--workflow", metavar="FILE", default="", help="Its workflow, where its name is not enough.")
@click.option("--name", default="", help="What it is called; one of that name is replaced.")
@json_option
@plain_option
def command(run: str, folder: Path | None, workflow: str, name: str, as_json: bool, plain: bool) -> int:
    """Make a recording of RUN, and a first test: its id, the beginning of it, or `last`.

    All that the recording needs is in the history: nothing is run again, and nothing is paid again. Secrets are taken
    out before anything is written. `understudy test` plays it. Without --to it goes to `tests/WORKFLOW` beside the
    workflow.
    """
    return wait_for(_record(run, folder, workflow, name, as_json, Output(plain=plain)))


async def _record(run: str, folder: Path | None, workflow: str, name: str, as_json: bool, out: Output) -> int:
    from app.testing.record import record

    async with open_desk_of(run) as desk:
        written = await record(desk, run, folder, name, desk.load(workflow) if workflow else None)
    tell(out, written, as_json=as_json)
    return 0


def tell(out: Output, written: object, *, as_json: bool = False) -> None:
    """Say where a recording is."""
    from app.present.figures import plural
    from app.present.run import SCHEMA_VERSION
    from app.testing.case import RECORDING, SUFFIX
    from app.testing.record import Written

    assert isinstance(written, Written)
    if as_json:
        document = {"recording": str(written.recording), "calls": written.calls}
        test = str(written.test) if written.test else None
        out.document({"schema_version": SCHEMA_VERSION, **document, "test": test, "exit_code": 0})
    out.say(f"recorded: {written.recording} ({plural(written.calls, 'call')}, no secrets)")
    if written.test:
        out.say(f"  first test: {written.test}")
    beside = written.recording.with_name(written.recording.name.removesuffix(RECORDING) + SUFFIX)
    out.say(f"  play it, offline and for nothing: understudy test {beside if beside.exists() else written.recording}")
