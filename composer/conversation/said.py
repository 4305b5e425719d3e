"""One thing that was said, as rules look at it: lower case, without accents; and which steps its words mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cached_property

from composer.conversation import vocabulary as v
from composer.edit import Edit
from composer.evaluation.roles import has_role
from composer.evaluation.subject import Seen, Subject
from workflows.records import dataclass

_NUMBERED = re.compile(
    rf"\b{v.STEP}s?\s*(?:no\.?\s*|nr\.?\s*|#)?(\d{{1,2}})\b|\b(\d{{1,2}})(?:st|nd|rd|th|\.)?\s+{v.STEP}\b"
)
_ORDINAL = [(index, re.compile(rf"\b(?:{words})\s+{v.STEP}|{v.STEP}\s+(?:{words})\b")) for index, words in v.ORDINALS]


@dataclass(frozen=True)
class Understood:
    """What was meant: edits and what they mean in words; or to go `back` so many versions (0: to the first); or
    `questions`, where it may mean several things. With `refused` it is understood, and cannot be done."""

    edits: tuple[Edit, ...] = ()
    means: str = ""
    back: int | None = None
    questions: tuple[str, ...] = ()
    refused: str = ""


def folded(text: str) -> str:
    """The text in lower case, without accents, its blanks single."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return " ".join("".join(each for each in plain if not unicodedata.combining(each)).lower().split())


@dataclass(frozen=True)
class Said:
    """Words about a draft. `text` is the draft's; `original` are the words as they were typed."""

    original: str
    text: str
    subject: Subject

    @cached_property
    def words(self) -> str:
        return folded(self.original)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(seen.step.id for seen in self.subject.every)

    def has(self, pattern: str) -> re.Match[str] | None:
        """Whether the words hold this, from the beginning of a word on."""
        return re.search(rf"(?<!\w)(?:{pattern})", self.words)

    def begins(self, pattern: str) -> re.Match[str] | None:
        """Whether the words begin with this, politeness aside."""
        return re.match(rf"(?:(?:{v.POLITE})[\s,]+)*(?:{pattern})(?!\w)", self.words)

    def steps(self, phrase: str | None = None) -> tuple[str, ...]:
        """The ids of the steps that a phrase means, in the order of the file: by id, by number, by what they do."""
        phrase = self.words if phrase is None else phrase
        every = self.subject.every
        if re.search(v.ALL_STEPS, phrase):
            return tuple(seen.step.id for seen in self.subject.steps)
        found = [*self._named(phrase), *self._numbered(phrase)]
        if not found and re.search(v.AGENTS, phrase):
            found = [seen.step.id for seen in every if seen.step.type == "agent"]
        if not found or re.search(r",|\b(?:and|und|y|et|e)\b", phrase):
            roles = [role for role, words in v.ROLE_WORDS if re.search(rf"\b(?:{words})\b", phrase)]
            found += [seen.step.id for seen in every if any(has_role(seen, role) for role in roles)]
        if not found:
            found = [seen.step.id for seen in every if _shares(seen, phrase)]
        return tuple(id_ for id_ in self.ids if id_ in found)

    def steps_named(self, phrase: str) -> bool:
        """Whether a phrase names steps themselves, by id or number, and not by what they do."""
        return bool([*self._named(phrase), *self._numbered(phrase)])

    def only_names(self, phrase: str) -> bool:
        """Whether a phrase is a verb at most, and steps that are named."""
        rest = re.sub(rf"^(?:(?:{v.POLITE}|{v.ACT})[\s,]+)+", "", folded(phrase))
        named = {word for id_ in self.ids for word in re.findall(r"[a-z0-9]+", folded(id_))}
        roles = "|".join(words for _, words in v.ROLE_WORDS)
        return all(
            word in named or word in v.EMPTY or len(word) < 4 or re.fullmatch(rf"{v.STEP}s?|{roles}|\d+", word)
            for word in re.findall(r"\w+", rest)
        )

    def _named(self, phrase: str) -> Iterator[str]:
        for id_ in sorted(self.ids, key=len, reverse=True):
            words = r"[\s_-]+".join(map(re.escape, folded(id_.replace("_", " ")).split())) or re.escape(id_)
            if re.search(rf"(?<![\w-]){words}(?![\w-])", phrase):
                phrase = re.sub(words, " ", phrase)
                yield id_

    def _numbered(self, phrase: str) -> Iterator[str]:
        ids = [seen.step.id for seen in self.subject.steps if not seen.placed.inside]
        for found in _NUMBERED.finditer(phrase):
            place = int(found[1] or found[2]) - 1
            if 0 <= place < len(ids):
                yield ids[place]
        for index, pattern in _ORDINAL:
            if (said := pattern.search(phrase)) is None:
                continue
            agents = [seen.step.id for seen in self.subject.steps if seen.step.type == "agent"]
            counted = agents if "agent" in said[0] else ids
            if -len(counted) <= index < len(counted):
                yield counted[index]


def _shares(seen: Seen, phrase: str) -> bool:
    """Whether a word of the phrase is one of the step's: of its id, its name, its skill or its agent."""
    own = (
        set(seen.words) | set(re.findall(r"[a-z]{4,}", folded(seen.step.name or ""))) | {folded(a) for a in seen.agents}
    )
    said = set(re.findall(r"[a-z]{4,}", phrase))
    said |= {word[:-1] for word in said if word.endswith("s")}
    return bool((own - v.EMPTY) & (said - v.EMPTY))
