"""What the CLI prints: data to stdout, narration to stderr, colour only where it is wanted. No cursor ever moves."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from workflows.text import safe_text

if TYPE_CHECKING:
    from workflows.values import Json

_COLOURS: Mapping[str, str] = {
    "quiet": "2",
    "active": "36",
    "attention": "1;33",
    "good": "32",
    "bad": "1;31",
    "warning": "33",
    "strong": "1",
}
"""The terminal's own colours for the roles of app.present.status, so that every theme of a terminal works."""


_ACTS = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What acts on a terminal, ends a line or turns text around, and JSON lets stand."""


_SUSPECT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\U000e0000-\U000e007f]"
)
"""What may have to go: looked for here, because who removes it takes a while to be imported."""


_BEGINS = re.compile(r" *(?:[○◆‖-] (?:\S+ {2,})?|\d+\. )?")
"""What stands before the text of a line: its indent, its mark, and the name of a step in a column of its own."""


def _shown(text: str) -> str:
    """The text as a terminal may get it. It was cleaned where it came in; a name that was not must do no harm."""
    return safe_text(text, max_line=None) if _SUSPECT.search(text) else text


class Output:
    """Prints texts that were cleaned before, and looks once more. `plain` takes the colours out. Into a `log` goes all,
    if there is one."""

    def __init__(self, *, plain: bool = False, log: TextIO | None = None) -> None:
        self._stdout, self._stderr = log or sys.stdout, log or sys.stderr
        streams = (self._stdout, self._stderr)
        self._coloured = {stream: not plain and wants_colour(stream, os.environ) for stream in streams}

    def say(self, text: str = "", role: str = "") -> None:
        """A line of narration, to stderr. A reader who has gone does not end the work."""
        try:
            self._write(self._stderr, text, role)
        except (OSError, ValueError):
            pass

    def print(self, text: str = "", role: str = "") -> None:
        """A line of data for people, to stdout."""
        self._write(self._stdout, text, role)

    def pieces(self, pieces: Iterable[tuple[str, str]]) -> None:
        """A line of data whose parts have roles of their own, to stdout."""
        self._end(self._stdout, "".join(self._coloured_text(self._stdout, *piece) for piece in pieces))

    def document(self, value: Json, *, reveal: bool = False) -> None:
        """The one JSON document of a command, to stdout. `reveal`: with the secret that is shown this once."""
        self._json(value if reveal else _without_secrets(value), 2)

    def reveal(self, secret: str) -> None:
        """A secret that was made just now, shown this once to who asked for it, to stdout."""
        self._end(self._stdout, _shown(secret))

    def line(self, value: Json) -> None:
        """One JSON value on one line, to stdout."""
        value = _without_secrets(value)
        self._json(value, None)

    def table(
        self,
        header: Sequence[str],
        rows: Iterable[Sequence[str]],
        spare: Sequence[str] = (),
        brief: bool = False,
    ) -> Sequence[str]:
        """Columns as wide as they need be, the last one free; to stdout. Where a terminal is too narrow, those of
        `spare` are left out, the first one first, which are returned; where `brief`, the last one is cut then."""
        from app.cli.columns import lay_out

        lines, left_out = lay_out([header, *rows], self._width(), [header.index(name) for name in spare], brief)
        for number, line in enumerate(lines):
            self.print(line, "strong" if number == 0 else "")
        return [header[column] for column in left_out]

    def item(self, label: str, text: str, role: str = "") -> None:
        """A label and a text behind it, which goes on below itself where a terminal is too narrow; to stdout."""
        from app.cli.columns import LEAST, wrap
        from workflows.diagnostics import terminal_width

        width, indent = self._width(), terminal_width(label)
        first, *rest = [text] if width is None else wrap(text, max(LEAST, width - indent))
        self.print(f"{label}{first}", role)
        for line in rest:
            self.print(f"{' ' * indent}{line}", role)

    def folded(self, line: str, role: str = "") -> None:
        """A line that goes on below where its own text begins, where a terminal is too narrow; to stdout."""
        found = _BEGINS.match(line)
        label = found[0] if found else ""
        self.item(label, line[len(label) :], role)

    def _width(self) -> int | None:
        """The terminal's columns; None where stdout is none."""
        return shutil.get_terminal_size().columns if self._stdout.isatty() else None

    def _write(self, stream: TextIO, text: str, role: str) -> None:
        self._end(stream, self._coloured_text(stream, text, role))

    def _json(self, value: Json, indent: int | None) -> None:
        text = json.dumps(value, indent=indent, ensure_ascii=not _speaks_utf8(self._stdout))
        # JSON's own escapes leave these: as escapes they are the same data, and act on nothing.
        self._end(self._stdout, _ACTS.sub(lambda found: f"\\u{ord(found[0]):04x}", text))

    def _end(self, stream: TextIO, line: str) -> None:
        stream.write(f"{line}\n")
        stream.flush()

    def _coloured_text(self, stream: TextIO, text: str, role: str) -> str:
        text = _without_secrets(text)
        text = _shown(text)
        return f"\x1b[{_COLOURS[role]}m{text}\x1b[0m" if role and self._coloured[stream] else text


def _without_secrets(value: Json) -> Json:
    """What is kept out of the log stands in nothing that is printed: also not where somebody's own file holds it."""
    if "app.logs" not in sys.modules:
        return value  # nothing was opened yet that knows of secrets
    from app.logs import kept_out

    return kept_out().redact_json(value)


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether colour is wanted: NO_COLOR says no, FORCE_COLOR and CLICOLOR_FORCE say yes, else a terminal decides."""
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return stream.isatty() and environ.get("TERM", "dumb") != "dumb"


def settle_streams() -> None:
    """Let no character that a stream cannot write end the program: it becomes `?`. A closed stream swallows all."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            # Closed by who started us. It stays open for as long as the program runs.
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: SIM115  # it is closed with the program
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def let_go() -> None:
    """Write what is still buffered; where nobody reads it any more, drop it without a word."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def diff_role(line: str) -> str:
    """The colour's role of a line of a unified diff."""
    if line.startswith(("+++", "---", "@@")):
        return "strong"
    return {"+": "good", "-": "bad"}.get(line[:1], "")


def _speaks_utf8(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "") == "utf8"
