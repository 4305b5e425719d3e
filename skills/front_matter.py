"""A Markdown file in two parts: the YAML between its first two lines of `---`, and the text after it."""

from __future__ import annotations

import re

from workflows.diagnostics import Diagnostic
from workflows.records import dataclass
from workflows.source import Document, read

_FENCED = re.compile(r"---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.MULTILINE | re.DOTALL)
_KEY_AND_TEXT = re.compile(r"([A-Za-z][\w-]*:[ \t]+)([^\s\"'\[{|>&*!%@`#].*?)[ \t]*")
_KEY_AND_REST = re.compile(r"([A-Za-z][\w-]*:[ \t]+)(\S.*?)[ \t]*")


@dataclass(frozen=True)
class FrontMatter:
    """The front matter as a document, whose lines are those of the file, and the body as it is.

    `mended` is what YAML has against it, where it was read all the same.
    """

    document: Document
    body: str = ""
    mended: tuple[Diagnostic, ...] = ()


def split(source: bytes, file: str, *, foreign: bool = False) -> FrontMatter:
    """Take a file apart. Never raises: the document has no root where something is wrong, and says what.

    `foreign` files may have `key: a text: with a colon` or `key: [a] [b]`, which YAML refuses and other programs take
    as it is.
    """
    try:
        text = source.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return FrontMatter(read(source, file))
    found = _FENCED.match(text)
    if found is None:
        opened = text.startswith("---")
        message = "the front matter is never closed" if opened else "the file does not start with front matter"
        hint = "end it with a line '---'" if opened else "start with '---', then name, description and another '---'"
        return FrontMatter(_refused(text, file, message, hint))
    matter, body = found[1], text[found.end() :].replace("\r\n", "\n")
    if not matter.strip():
        return FrontMatter(_refused(text, file, "the front matter is empty", "it needs a name and a description"))
    document = read(f"\n{matter}", file)  # the empty line stands for the first '---'
    if foreign and document.root is None:
        for mend in (_quoted, _quoted_where_wrong):
            mended = read("\n" + "\n".join(mend(line) for line in matter.splitlines()), file)
            if mended.root is not None:
                return FrontMatter(mended, body, tuple(document.diagnostics))
    return FrontMatter(document, body)


def _refused(text: str, file: str, message: str, hint: str) -> Document:
    document = Document(file, text, tuple(text.splitlines()))
    found = document.diagnose(document.mark(0, 3), "bad-front-matter", message, hint)
    return Document(file, text, document.lines, None, (found,))


def _quoted(line: str) -> str:
    found = _KEY_AND_TEXT.fullmatch(line)
    return _in_quotes(found) if found else line


def _quoted_where_wrong(line: str) -> str:
    """The same for whatever cannot be read by itself, such as `[one] [two]`."""
    found = _KEY_AND_REST.fullmatch(line)
    return _in_quotes(found) if found and read(line, "").root is None else line


def _in_quotes(found: re.Match[str]) -> str:
    return f"{found[1]}'{found[2].replace(chr(39), chr(39) * 2)}'"
