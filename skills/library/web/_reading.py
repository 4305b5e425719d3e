"""A page read by a program of its own, which is ended where it takes too long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from skills import Context
from skills.asking import ask_program

_PAGE = Path(__file__).with_name("_page.py")
_SECONDS = 20.0
_LONGEST = 10 * 1024 * 1024
"""Characters of a page that are read."""
_MAX_OUTPUT = 64 * 1024 * 1024


async def read_html(context: Context, html: str, base: str, *, around: bool = False, links: bool = True) -> Any:
    """{title, text, links: [{url, text}]} of a page. Raises SkillError where it takes too much time or memory."""
    request = {"html": html[:_LONGEST], "base": base, "around": around, "links": links}
    return await ask_program(
        _PAGE,
        request,
        context,
        doing="reading the page",
        hint="is it meant to be read?",
        seconds=_SECONDS,
        most=_MAX_OUTPUT,
    )
