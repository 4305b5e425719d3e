"""`version.sort`: versions in their order."""

from __future__ import annotations

from skills import SkillError, skill
from skills.library.release._versions import read_version
from workflows.values import Json


@skill(name="version.sort", effect="pure")
def sort(versions: list[str], releases_only: bool = False) -> dict[str, Json]:
    """Put versions into order, the newest first, by Semantic Versioning.

    Args:
        versions: Such as tags; what is no version is set aside.
        releases_only: Set pre-releases aside, too.

    Returns: {versions, newest, others}. `newest` is null where there is none.
    """
    known: list[tuple[object, str]] = []
    others: list[Json] = []
    for text in versions:
        try:
            version = read_version(text)
        except SkillError:
            others.append(text)
            continue
        if releases_only and version.pre:
            others.append(text)
        else:
            known.append((version.order, text))
    known.sort(reverse=True, key=lambda each: each[0])  # type: ignore[arg-type,return-value]  # tuples of one shape
    ordered: list[Json] = [text for _, text in known]
    return {"versions": ordered, "newest": ordered[0] if ordered else None, "others": others}
