"""The one way from data to the screen: cleaned, without secrets (a user's own file may hold one), never read as markup.

`Content` made here shows each character as it is. Nothing in the TUI calls `Content.from_markup` or hands a plain `str`
to something that would; `tests/tui` holds it to that.
"""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from app.logs import kept_out
from app.present.status import Badge, Role
from workflows.text import one_line, safe_text

STYLES: dict[Role, str] = {
    "quiet": "$text-muted",
    "active": "$primary",
    "attention": "bold $warning",
    "good": "$success",
    "bad": "bold $error",
    "warning": "$accent",
}
"""The colour of each role, as names of the theme."""

QUIET = STYLES["quiet"]
KEY = "bold $secondary"
"""How a key is written wherever one is named."""


def block(text: str, style: str = "") -> Content:
    """A text of any number of lines."""
    return Content.styled(kept_out().redact(safe_text(text)), style)


def line(text: str, width: int = 400, style: str = "") -> Content:
    """A text on one line, at most `width` characters long."""
    return Content.styled(kept_out().redact(one_line(text, width)), style)


def badge(status: Badge, width: int = 0) -> Content:
    """Glyph and word in the colour of the status' role, padded to `width` columns."""
    return cell(str(status), width or cell_len(str(status)), STYLES[status.role])


def cell(text: str, width: int, style: str = "", *, right: bool = False) -> Content:
    """A text as exactly `width` columns: cut with `…`, or padded."""
    if width <= 0:
        return Content("")
    shown = kept_out().redact(one_line(text, max(width, 1) * 2))
    if (length := cell_len(shown)) > width:
        shown = set_cell_size(shown, width - 1).rstrip() + "…"
        length = cell_len(shown)
    gap = " " * max(0, width - length)
    return Content.styled(gap + shown if right else shown + gap, style)


def keys(*pairs: tuple[str, str]) -> Content:
    """Keys with what they do, on one line: `a approve · d deny`."""
    parts: list[Content | str | tuple[str, str]] = []
    for key, label in pairs:
        parts += [Content.styled(" · ", QUIET)] if parts else []
        parts += [(key, KEY), " ", line(label, style=QUIET)]
    return Content.assemble(*parts)
