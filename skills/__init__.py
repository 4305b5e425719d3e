"""Skills: functions with a name, typed parameters and a version, that steps run and agents use as tools.

A skill file says:

    from skills import Context, skill

    @skill(effect="pure", touches=["reads"])
    def count_lines(context: Context, path: Path) -> dict:
        ...
"""

from skills.declare import Context, Declared, Preview, SkillError, skill

__all__ = ["Context", "Declared", "Preview", "SkillError", "skill"]
