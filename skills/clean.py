"""The border where what skills say becomes text of ours: cleaned, bounded, in whole escape sequences."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from skills.declare import Preview
from workflows.errors import Failure
from workflows.text import safe_json, safe_text

_SHOWN_MESSAGE = 2000
_SHOWN_DETAIL = 16_000
_SHOWN_PREVIEW = 200_000

_UNFINISHED = re.compile(r"(?:\r|\x1b(?:\[[0-?]*[ -/]*|[\]P^_X][^\x07\x1b\n]*)?)\Z")
"""The end of a chunk that may be the beginning of an escape sequence, or of a line end."""

_HELD = 4096


class LiveText:
    """Passes text on as it comes, cleaned. What a chunk ends in is held back where its rest may follow."""

    def __init__(self, emit: Callable[[str], None]) -> None:
        self._emit = emit
        self._held = ""

    def __call__(self, text: str) -> None:
        text = self._held + text
        unfinished = _UNFINISHED.search(text, max(0, len(text) - _HELD))
        cut = unfinished.start() if unfinished else len(text)
        text, self._held = text[:cut], text[cut:]
        if text:
            self._emit(safe_text(text))

    def flush(self) -> None:
        """Pass on what was held back."""
        if self._held:
            self._emit(safe_text(self._held))
            self._held = ""


def clean_failure(failure: Failure) -> Failure:
    """The failure with every text in it cleaned and short enough to show."""
    return replace(
        failure,
        message=safe_text(failure.message, limit=_SHOWN_MESSAGE),
        hint=safe_text(failure.hint, limit=_SHOWN_MESSAGE),
        detail=safe_json(failure.detail, limit=_SHOWN_DETAIL),
    )


def clean_preview(preview: Preview) -> Preview:
    """The preview with every text in it cleaned. `binds` is data for a digest and stays as it is."""
    return Preview(
        safe_text(preview.title, limit=_SHOWN_MESSAGE),
        safe_text(preview.body, limit=_SHOWN_PREVIEW),
        {safe_text(name): safe_text(value, limit=_SHOWN_MESSAGE) for name, value in preview.facts.items()},
        preview.binds,
    )
