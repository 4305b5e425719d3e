"""What skills say of a failure, and before they act: cleaned and short enough to show.

This goes to people and models on its way to the border (`workflows.border`), which all that is kept has to cross.
"""

from __future__ import annotations

from dataclasses import replace

from skills.declare import Preview
from workflows.errors import Failure
from workflows.text import safe_json, safe_text

_SHOWN_MESSAGE = 2000
_SHOWN_DETAIL = 16_000
_SHOWN_PREVIEW = 200_000


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
