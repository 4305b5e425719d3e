"""understudy test --update: run the workflows of tests for real, and put new recordings in the place of the old."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.asking import agreed
from app.cli.output import Output
from app.cli.record import tell
from app.cli.run import Terms, conducted
from app.cli.session import here, open_desk, somebody_is_here

if TYPE_CHECKING:
    from app.desk import Desk


async def update_tests(paths: tuple[Path, ...], yes: bool, as_json: bool, out: Output) -> int:
    """Record anew, after saying what it may cost and asking. Raises UnderstudyError, click.UsageError."""
    from app.cli.test import cases_of, root_of
    from app.failures import Exit

    codes = set[int]()
    for path in cases_of(paths):
        async with open_desk(replace(here(), root=root_of(path))) as desk:
            codes.add(await _update(desk, path, yes, as_json, out))
    return max(codes, default=int(Exit.OK))


async def _update(desk: Desk, path: Path, yes: bool, as_json: bool, out: Output) -> int:
    from app.failures import Exit
    from app.present.plan import cost_words
    from app.testing.case import RECORDING, read_case
    from app.testing.record import record
    from app.testing.running import propose
    from workflows.errors import UnderstudyError
    from workflows.recordings import read_recording

    case = read_case(path, desk.services.paths.root)
    try:
        before = read_recording(case.recording)
    except UnderstudyError:
        before = None  # it is what is made now
    looked_at = propose(desk, case, before)
    proposal = desk.propose(looked_at.file, looked_at.parameters)
    out.say(f"{case.name} is run for real: {cost_words(proposal.plan, desk.estimate(proposal.plan))}.", "attention")
    if not yes and not agreed(out, "understudy test --update --yes"):
        out.say(f"{case.name} stays as it was recorded.")
        return Exit.NEEDS_PERSON
    start = partial(desk.start, proposal, attended=somebody_is_here(), fresh=True)
    ending = await conducted(desk, start, Terms("", somebody_is_here(), False), "text", out, None)
    run = ending.state.run_id
    name = case.recording.name.removesuffix(RECORDING)
    if not ending.state.over:
        out.say(f"{case.name} stays as it was recorded: run {run} is not over. When it is:", "warning")
        out.say(f"  understudy record {run} --to {case.recording.parent} --name {name}")
        return ending.exit
    tell(out, await record(desk, run, case.recording.parent, name, proposal.file), as_json=as_json)
    return Exit.OK
