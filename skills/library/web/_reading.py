"""A page read by a program of its own, which is ended where it takes too long."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from skills import Context, SkillError
from skills.process import run
from workflows.errors import OutcomeUnknown

_PAGE = Path(__file__).with_name("_page.py")
_SECONDS = 20.0
_LONGEST = 10 * 1024 * 1024
"""Characters of a page that are read."""
_MAX_OUTPUT = 64 * 1024 * 1024


async def read_html(context: Context, html: str, base: str, *, around: bool = False, links: bool = True) -> Any:
    """{title, text, links: [{url, text}]} of a page. Raises SkillError where it takes too much time or memory."""
    request = {"html": html[:_LONGEST], "base": base, "around": around, "links": links}
    try:
        done = await run(
            [sys.executable, "-I", "-S", str(_PAGE)],
            cwd=context.root,
            environ=context.environ,
            stdin=json.dumps(request).encode(),
            timeout=_SECONDS,
            head=_MAX_OUTPUT,
            tail=0,
        )
    except OutcomeUnknown as error:
        message = f"the page was left: reading it took longer than {_SECONDS:g} s"
        raise SkillError(message, "is it meant to be read?", error.failure.kind) from None
    if done.exit != 0:
        raise SkillError("the page cannot be read: it takes too much memory", "is it meant to be read?", "resource")
    return json.loads(done.stdout)
