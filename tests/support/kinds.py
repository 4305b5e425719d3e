"""Every kind of step there is, for tests of the language."""

from __future__ import annotations

from collections.abc import Mapping

from agents.step import AgentStep
from skills.kinds.http import Http
from skills.kinds.notification import Notification
from skills.step import SkillStep
from workflows.steps import built_in
from workflows.steps.kind import StepKind


def all_kinds() -> Mapping[str, StepKind]:
    """The kinds by name. Those that need services to run are made without them: parsing and checking use none."""
    kinds: tuple[StepKind, ...] = (
        *built_in(),
        SkillStep.__new__(SkillStep),
        AgentStep.__new__(AgentStep),
        Http(),
        Notification(),
    )
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: kind.name)}
