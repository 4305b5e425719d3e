"""`unattended:` of a file as a plan has it."""

from __future__ import annotations

from workflows.definition.unattended import Unattended as Written
from workflows.parts import data_of
from workflows.planning.plan import Unattended


def planned_unattended(written: Written | None) -> Unattended | None:
    """What counts in this workflow where nobody answers; None where its file does not say."""
    return None if written is None else Unattended(written.channel, written.timeout, **data_of(written.default))
