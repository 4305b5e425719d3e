"""understudy merge A B…: several workflows made one; what both say otherwise is settled by choices."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, somebody_is_here, wait_for

if TYPE_CHECKING:
    from app.desk import Desk
    from composer.merge import Conflict, Merged, Source


@click.command("merge")
@click.argument("workflows", nargs=-1, required=True, metavar="WORKFLOW WORKFLOW...")
@click.option("-o", "--to", metavar="NAME|FILE", help="Save the result: as a new workflow of that name, or in a file.")
@click.option(
    "--choose",
    "chosen",
    multiple=True,
    metavar="WHAT=CHOICE",
    help="Settle what both say otherwise, such as step:log=rename; may be given several times.",
)
@click.option("--name", metavar="TEXT", help="What the result is called, for people.")
@json_option
@plain_option
def command(
    workflows: tuple[str, ...], to: str | None, chosen: tuple[str, ...], name: str | None, as_json: bool, plain: bool
) -> int:
    """Make one workflow of several: their stages one after the other, in the order of the words. Nothing runs.

    Parameters, handlers, rollback and outputs are put together. What two of them say otherwise is asked for, or is
    settled with --choose; where neither is done it is listed, and nothing is written.
    """
    if len(workflows) < 2:
        raise click.UsageError("Name at least two workflows.")
    choices = dict(word.rpartition("=")[::2] for word in chosen)
    return wait_for(_merge(workflows, to, choices, name, as_json, Output(plain=plain)))


async def _merge(
    names: Sequence[str], to: str | None, choices: dict[str, str], title: str | None, as_json: bool, out: Output
) -> int:
    from app.failures import Exit
    from composer.edit import SetField, apply
    from composer.merge import Source
    from workflows.definition.parse import HERE_AND_NOW
    from workflows.diagnostics import render, to_json

    async with open_desk(journal="none") as desk:
        files = [desk.load(name) for name in names]
        known = {(d.code, d.message) for file in files for d in file.errors if d.code in HERE_AND_NOW}
        whole, notes, left = Source(files[0].stem, files[0].text), list[str](), tuple["Conflict", ...]()
        for file in files[1:]:
            found, left = _settled(whole, Source(file.stem, file.text), choices, out, ask=not as_json)
            if found is None:
                break
            whole = Source(whole.name, found.text)
            notes += found.notes
        if not left:
            text = apply(whole.text, [SetField(("name",), title)]) if title else whole.text
            whole = Source(whole.name, text)
        place = _place(desk, to) if to else Path("merged.yaml")
        parsed = desk.parse(whole.text, place)
    wrong = [each for each in parsed.errors if (each.code, each.message) not in known]
    good = not left and not wrong
    for note in notes if not left else ():
        out.say(note)
    for each in wrong if not left else ():
        out.say(render(each), "bad")
    if to and good:
        _write(place, whole.text)
    if as_json:
        from app.present.run import SCHEMA_VERSION

        out.document(
            {
                "schema_version": SCHEMA_VERSION,
                "conflicts": [
                    {"key": e.key, "first": e.first, "second": e.second, "choices": list(e.choices)} for e in left
                ],
                "notes": notes,
                "diagnostics": [] if left else [to_json(each) for each in parsed.diagnostics],
                "yaml": whole.text if good else None,
                "saved": str(place) if to and good else None,
            }
        )
    elif good and not to:
        out.print(whole.text.rstrip("\n"))
    if left:
        _tell_left(left, out)
        return Exit.NEEDS_PERSON
    if wrong:
        out.say("What came of it has errors. Nothing was written.", "bad")
        return Exit.USAGE
    out.say(f"Saved as {place}. Nothing ran." if to else "Nothing was written: -o NAME saves it.")
    return Exit.OK


def _settled(
    first: Source, second: Source, choices: dict[str, str], out: Output, *, ask: bool
) -> tuple[Merged | None, tuple[Conflict, ...]]:
    """Both in one; without, what is left to be chosen."""
    from composer.merge import conflicts, merge

    settled = dict(choices)
    left: list[Conflict] = []
    for conflict in conflicts(first, second):
        if settled.get(conflict.key) in conflict.choices:
            continue
        if ask and somebody_is_here():
            settled[conflict.key] = _asked(conflict, out)
        else:
            left.append(conflict)
    return (None, tuple(left)) if left else (merge(first, second, settled), ())


def _asked(conflict: Conflict, out: Output) -> str:
    _tell(conflict, out)
    chosen: str = click.prompt("Which?", type=click.Choice(conflict.choices), err=True)
    return chosen


def _tell(conflict: Conflict, out: Output) -> None:
    from composer.merge.conflicts import CHOICES
    from workflows.text import one_line

    what, _, name = conflict.key.partition(":")
    head = f"Both have a {what} '{name}', and not the same" if name else f"Both say otherwise what the {what} is"
    out.say(f"{head} ({conflict.key}):", "attention")
    out.say(f"  the first:  {one_line(conflict.first, 160)}")
    out.say(f"  the second: {one_line(conflict.second, 160)}")
    for choice in conflict.choices:
        out.say(f"  {choice}: {CHOICES[choice]}")


def _tell_left(left: Sequence[Conflict], out: Output) -> None:
    for conflict in left:
        _tell(conflict, out)
    words = " ".join(f"--choose {each.key}={each.choices[0]}" for each in left)
    out.say(f"Nothing was written. Choose, such as: {words}")


def _place(desk: Desk, to: str) -> Path:
    from app.drafts import place_of

    path = Path(to)
    return path if path.suffix in (".yaml", ".yml") or len(path.parts) > 1 else place_of(desk, to)


def _write(path: Path, text: str) -> None:
    from app.drafts import write_whole
    from workflows.errors import UnderstudyError

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text, replace=False)
    except FileExistsError:
        raise UnderstudyError(f"{path} is there already.", "Choose another name, or move it away.") from None
    except OSError as error:
        raise UnderstudyError(f"{path} cannot be written: {error.strerror}.", "Choose another place.") from None
