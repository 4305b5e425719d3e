"""Versions as Semantic Versioning 2.0.0 has them: read, compared, raised. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from skills import SkillError

_SEMVER = re.compile(
    r"(?P<prefix>[^\d]*?)(?P<major>0|[1-9]\d{0,17})\.(?P<minor>0|[1-9]\d{0,17})(?:\.(?P<patch>0|[1-9]\d{0,17}))?"
    r"(?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+(?P<build>[0-9A-Za-z.-]+))?"
)


@dataclass(frozen=True)
class SemVer:
    """A version. `prefix` is what stands before it, such as `v`; `short`: written without its third number."""

    major: int
    minor: int
    patch: int
    pre: tuple[str, ...] = ()
    build: str = ""
    prefix: str = ""
    short: bool = False

    @property
    def order(self) -> Any:
        """What versions are compared by (clause 11): numbers before words, a pre-release before its release."""
        parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.pre)
        return (self.major, self.minor, self.patch, not self.pre, parts)

    def __str__(self) -> str:
        numbers = f"{self.major}.{self.minor}" if self.short else f"{self.major}.{self.minor}.{self.patch}"
        pre, build = ("-" + ".".join(self.pre) if self.pre else ""), (f"+{self.build}" if self.build else "")
        return f"{self.prefix}{numbers}{pre}{build}"


def read_version(text: str) -> SemVer:
    """A version from its text. Raises SkillError (`validation`)."""
    match = _SEMVER.fullmatch(text.strip())
    if match is None:
        raise SkillError(f"{text[:100]!r} is no version", "such as 1.4.0, v2.0.0-rc.1", "validation")
    pre = tuple(match["pre"].split(".")) if match["pre"] else ()
    if any(part.isdigit() and len(part) > 1 and part[0] == "0" for part in pre):
        raise SkillError(f"{text!r} is no version: a number in it begins with 0", "", "validation")
    numbers = int(match["major"]), int(match["minor"]), int(match["patch"] or 0)
    return SemVer(*numbers, pre, match["build"] or "", match["prefix"], match["patch"] is None)
