"""understudy test: play recordings again on the workflows as they are now, and check what comes of it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import here, open_desk, wait_for

if TYPE_CHECKING:
    from app.testing.running import Outcome


@click.command("test")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@json_option
@click.option("--junit", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write JUnit XML too.")
@click.option(
    "--update", is_flag=True, help="Run the workflows for real and record them anew. Says what it may cost, and asks."
)
@click.option("--yes", is_flag=True, help="With --update: do not ask whether it may cost that. Approvals still ask.")
@plain_option
def command(paths: tuple[Path, ...], as_json: bool, junit: Path | None, update: bool, yes: bool, plain: bool) -> int:
    """Play tests offline, and check what they expect. Without PATHS: all below the workspace.

    PATHS are tests (NAME.test.yaml), folders of them, or workflows by file or name, whose tests lie in tests/WORKFLOW
    beside them. Each
    plays the recording beside it with the workflow and the agents as they are now. No model is asked, no tool is
    called, nothing is sent or written: a request that the recording does not have, word by word, fails.

    Make the first one with `understudy run WORKFLOW --record`. Exits with 1 where a test fails, with 2 where one cannot
    be played.
    """
    out = Output(plain=plain)
    if update:
        from app.cli.update import update_tests

        return wait_for(update_tests(paths, yes, as_json, out))
    if yes:
        raise click.UsageError("--yes goes with --update: a replay costs nothing and asks nobody.")
    return wait_for(_test(paths, as_json, junit, out))


async def _test(paths: tuple[Path, ...], as_json: bool, junit: Path | None, out: Output) -> int:
    from app.failures import Exit
    from app.present.testing import outcome_line, outcomes_document, problem_lines, summary_line
    from workflows.text import one_line

    cases = cases_of(paths)
    outcomes: list[Outcome] = []
    async for outcome in _played(cases):
        outcomes.append(outcome)
        if not as_json:
            out.print(*outcome_line(outcome))
            _print_lines(out, problem_lines(outcome))
            for note in outcome.notes:
                out.print(f"  note: {one_line(note, 400)}", "warning")
    verdicts = {outcome.verdict for outcome in outcomes}
    code = Exit.FAILED if "failed" in verdicts else Exit.USAGE if "broken" in verdicts else Exit.OK
    if junit is not None:
        from app.testing.junit import junit as written

        _write(junit, written(outcomes))
    if as_json:
        out.document(outcomes_document(outcomes, int(code)))
    else:
        out.say(*summary_line(outcomes))
    return code


def cases_of(paths: tuple[Path, ...]) -> list[Path]:
    """The files of the tests that are meant. Raises click.UsageError where there are none."""
    from app.testing.running import find_cases

    cases = find_cases([_named(path) for path in paths] or [Path(os.path.relpath(here().root))])
    if not cases:
        raise click.UsageError("There are no tests (NAME.test.yaml) here. Make one: understudy run WORKFLOW --record")
    return cases


def _named(path: Path) -> Path:
    """The file of a workflow that is called by its name, as `run` calls it; anything else as it is."""
    if path.exists() or path.suffix or len(path.parts) != 1:
        return path
    folders = here().folders("workflows").values()
    files = [folder / f"{path}{suffix}" for folder in folders for suffix in (".yaml", ".yml")]
    found = next((file for file in files if file.is_file()), None)
    return Path(os.path.relpath(found)) if found else path


async def _played(cases: list[Path]) -> AsyncIterator[Outcome]:
    """Each test in the workspace that it lies in. It may look at what is not trusted, because nothing acts."""
    from app.testing.running import run_case

    by_root: dict[Path, list[Path]] = {}
    for path in cases:
        by_root.setdefault(root_of(path), []).append(path)
    for root, paths in by_root.items():
        async with open_desk(replace(here(), root=root), trusted=True, journal="none") as desk:
            for path in paths:
                yield await run_case(desk, path)


def root_of(path: Path) -> Path:
    """The workspace of a test: the one that it lies in, else the working folder's."""
    from app.paths import WORKSPACE

    resolved = path.resolve()
    inside = (folder.parent for folder in resolved.parents if folder.name == WORKSPACE)
    around = (folder for folder in resolved.parents if (folder / WORKSPACE).is_dir())
    return next(inside, None) or next(around, None) or here().root


def _print_lines(out: Output, lines: Iterable[tuple[str, str]]) -> None:
    """Lines of differences, what changed in each line in colour."""
    for pieces in _pieces([*lines]):
        out.pieces(pieces)


def _pieces(lines: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    from app.present.testing import in_words

    place = 0
    while place < len(lines):
        text, role = lines[place]
        after = lines[place + 1] if place + 1 < len(lines) else ("", "")
        if text.lstrip().startswith("-") and after[0].lstrip().startswith("+") and role == "bad" and after[1] == "good":
            old, new = in_words(text, after[0])
            yield [(piece, "bad" if changed else "") for piece, changed in old]
            yield [(piece, "good" if changed else "") for piece, changed in new]
            place += 2
        else:
            yield [(text, role)]
            place += 1


def _write(path: Path, content: bytes) -> None:
    from workflows.errors import UnderstudyError

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise UnderstudyError(f"{path} cannot be written: {error.strerror}", "Name another file.") from error
