"""understudy import FILE: a document of another system as a workflow of ours."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for
from workflows.errors import UnderstudyError

if TYPE_CHECKING:
    from app.desk import Desk
    from composer.importing.documents import Imported


@click.command("import")
@click.argument("file", metavar="FILE")
@click.option("--to", "target", metavar="FILE", help="Write the workflow there, too.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@json_option
@plain_option
def command(file: str, target: str | None, force: bool, as_json: bool, plain: bool) -> int:
    """Convert a document of another system to a workflow, and print its YAML. Nothing runs.

    It is JSON of a workflow service (`steps`) or a graph of `nodes` and `connections`; - is stdin.

    What cannot be carried over is listed on stderr. Exits with 2 where the document has errors.
    """
    if force and not target:
        raise click.UsageError("--force is for writing: say where with --to FILE.")
    return wait_for(_import(Path(file), Path(target) if target else None, force, as_json, Output(plain=plain)))


async def _import(path: Path, target: Path | None, force: bool, as_json: bool, out: Output) -> int:
    from app.failures import Exit
    from composer.importing.documents import convert

    text = _read(path)
    async with open_desk(journal="none") as desk:
        found = convert(text, str(path), desk.services.kinds)
        if found.text is None and _is_ours(desk, text, path):
            raise UnderstudyError(
                f"{path} is a workflow of Understudy: there is nothing to convert.", f"`understudy run {path}` runs it."
            )
    if found.text is not None and target is not None:
        _write(target, found.text, force)
    if as_json:
        _document(found, path, target, out)
    else:
        _print(found, path, target, out)
    return Exit.OK if found.text is not None else Exit.USAGE


def _read(path: Path) -> bytes:
    from workflows.source import LARGEST

    try:
        if str(path) == "-":
            return sys.stdin.buffer.read(LARGEST + 1)
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise UnderstudyError(f"{path} cannot be read: {error.strerror}.", "Name a file that can.") from None


def _is_ours(desk: Desk, text: bytes, path: Path) -> bool:
    """Whether the text is a workflow as it is."""
    parsed = desk.parse(text.decode(errors="replace"), path)
    return parsed.workflow is not None and not any(each.is_error for each in parsed.diagnostics)


def _write(target: Path, text: str, force: bool) -> None:
    """Write the file whole or not at all."""
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        reserved = not force and _reserve(target)
        try:
            part.write_text(text, encoding="utf-8")
            part.replace(target)
        except OSError:
            part.unlink(missing_ok=True)
            if reserved:
                target.unlink()
            raise
    except OSError as error:
        raise UnderstudyError(f"{target} cannot be written: {error.strerror}.", "Choose another place.") from None


def _reserve(target: Path) -> bool:
    """Take the name, so that nothing that is there, or comes meanwhile, is written over."""
    try:
        target.open("x").close()
    except FileExistsError:
        raise UnderstudyError(f"{target} is there already.", "Choose another name, or add --force.") from None
    return True


def _print(found: Imported, path: Path, target: Path | None, out: Output) -> None:
    from app.present.figures import plural
    from workflows.diagnostics import render
    from workflows.text import safe_text

    for diagnostic in found.diagnostics:
        out.say(render(diagnostic), "bad" if diagnostic.is_error else "warning")
    errors = sum(diagnostic.is_error for diagnostic in found.diagnostics)
    counts = f"{plural(errors, 'error')}, {plural(len(found.diagnostics) - errors, 'warning')}"
    if found.text is None:
        out.say(f"Not imported: {safe_text(str(path))} has {counts}.", "bad")
        return
    out.print(found.text.rstrip("\n"))
    out.say(f"Imported: {counts}.")
    if target:
        out.say(f"Written to {safe_text(str(target))}. Check it with `understudy validate`.")
    else:
        out.say("Nothing was written: --to FILE does.")


def _document(found: Imported, path: Path, target: Path | None, out: Output) -> None:
    from app.present.run import SCHEMA_VERSION
    from workflows.diagnostics import to_json
    from workflows.text import safe_json

    out.document(
        safe_json(
            {
                "schema_version": SCHEMA_VERSION,
                "file": str(path),
                "imported": found.text is not None,
                "yaml": found.text,
                "written": str(target) if target and found.text is not None else None,
                "diagnostics": [to_json(diagnostic) for diagnostic in found.diagnostics],
            }
        )
    )
