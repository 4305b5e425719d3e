"""A text made to say what another one says, with its own comments and layout wherever they are about the same."""

from __future__ import annotations

from composer.edit.page import EditRefused, open_page
from composer.edit.primitives import put


def rewritten(before: str, after: str) -> str:
    """`before`, changed only where `after` says something else; `after` as it is where that cannot be done."""
    try:
        return put(before, (), open_page(after).data)
    except EditRefused:
        return after
