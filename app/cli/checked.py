"""What was found wrong in files that were checked, told in one way whatever they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.cli.output import Output

if TYPE_CHECKING:
    from workflows.diagnostics import Diagnostic


def tell_checked(found: Sequence[tuple[str, Sequence[Diagnostic]]], as_json: bool, out: Output) -> int:
    """Tell what is to be said of each file, and give the exit code: 2 where anything is an error."""
    from app.failures import Exit
    from app.present.figures import plural
    from app.present.run import SCHEMA_VERSION
    from workflows.diagnostics import render, to_json

    errors = sum(diagnostic.is_error for _, said in found for diagnostic in said)
    warnings = sum(len(said) for _, said in found) - errors
    if as_json:
        files = [
            {
                "file": name,
                "valid": not any(diagnostic.is_error for diagnostic in said),
                "diagnostics": [to_json(diagnostic) for diagnostic in said],
            }
            for name, said in found
        ]
        out.document({"schema_version": SCHEMA_VERSION, "valid": not errors, "errors": errors, "files": files})
    else:
        for name, said in found:
            for diagnostic in said:
                out.print(render(diagnostic), "bad" if diagnostic.is_error else "warning")
            if not said:
                out.print(f"{name}: ok", "good")
        out.say(f"{plural(len(found), 'file')}: {plural(errors, 'error')}, {plural(warnings, 'warning')}.")
    return Exit.USAGE if errors else Exit.OK
