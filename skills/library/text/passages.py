"""`text.passages`: the passages of texts that a question is about, or that say most, word for word."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skills import Context, SkillError, skill
from skills.library.file._glob import SKIPPED
from skills.paths import is_closed, open_beneath, shown
from workflows.text import safe_text
from workflows.values import Json

_SUFFIXES = frozenset((".md", ".markdown", ".rst", ".txt", ".adoc"))
_WORD = re.compile(r"[^\W_]{3,}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"'(\[]?[A-ZÀ-Þ0-9])")
_SMALL = frozenset(
    re.findall(
        r"\w+",
        """
        the and for with that this from are was were has have not you your can will its all but they their
        which what how into than then when where who why our out use used using there these those also been
        more most such only der die das und für mit von ist sind den dem ein eine auf nicht les des une est
        pour dans avec que los las una por con para del como são não uma dos
        """,
    )
)
"""Words that say nothing of what a text is about."""

_MOST_BYTES = 20 * 1024 * 1024
_MOST_FILES = 2000
_LONGEST = 500


@dataclass(frozen=True)
class _Passage:
    source: str
    line: int
    text: str
    place: int
    """How far from the beginning of its source, in passages."""


@skill(name="text.passages", effect="pure", touches=["reads"])
def passages(
    context: Context,
    query: str = "",
    texts: list[dict[str, Any]] | None = None,
    paths: list[Path] | None = None,
    limit: int = 10,
) -> dict[str, Json]:
    """Pick the passages of texts that have most of a question's words; without a question, those that say most.

    Nothing is reworded, and what is picked says where it stands. It is counting words, not understanding.

    Args:
        query: The question, or words; where it is empty, words that come often in the texts count, and the beginning.
        texts: {source, text} each, such as pages.
        paths: Files of text besides, or folders with such: Markdown, reStructuredText and plain text.
        limit: How many passages at most.

    Returns: {passages: [{source, line, text, score}], sources, searched, text}. `sources` are those of the passages,
        `searched` is how many texts were read. `text` is a list in Markdown with a footnote for each source.
    """
    every: list[_Passage] = []
    searched = 0
    for source, text in _texts(context, texts or [], paths or []):
        searched += 1
        every += _parts(source, text)
    wanted = set(_words(query))
    if query and not wanted:
        raise SkillError(f"'{query[:80]}' has no words to look for", "", "validation")
    weights = _weights(every)
    scored = [(score, each) for each in every if (score := _score(each, wanted, weights)) > 0]
    scored.sort(key=lambda item: (-item[0], item[1].source, item[1].line))
    chosen: list[tuple[float, _Passage]] = []
    for score, each in scored:
        if len(chosen) < limit and not any(_alike(each.text, other.text) for _, other in chosen):
            chosen.append((score, each))
    if not query:
        chosen.sort(key=lambda item: (item[1].source, item[1].place))
    sources = list(dict.fromkeys(each.source for _, each in chosen))
    return {
        "passages": [
            {"source": each.source, "line": each.line, "text": each.text, "score": round(score, 3)}
            for score, each in chosen
        ],
        "sources": list(sources),
        "searched": searched,
        "text": _listed([each for _, each in chosen], sources),
    }


def _texts(context: Context, texts: Sequence[Mapping[str, Any]], paths: Sequence[Path]) -> Iterator[tuple[str, str]]:
    for each in texts:
        yield str(each.get("source", "")), str(each.get("text", ""))
    read = files = 0
    for path in paths:
        if not path.exists():
            raise SkillError(f"there is no {shown(context.root, path)}", "", "dependency")
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            inside = file.relative_to(context.root).parts
            if (
                SKIPPED.intersection(inside)
                or is_closed(file, context.closed)
                or file.is_symlink()
                or not file.is_file()
            ):
                continue
            if path.is_file() or file.suffix.lower() in _SUFFIXES:
                with open(open_beneath(context.root, file), "rb") as opened:
                    content = opened.read(_MOST_BYTES - read)
                read, files = read + len(content), files + 1
                yield shown(context.root, file), content.decode("utf-8", "replace")
            if read >= _MOST_BYTES or files >= _MOST_FILES:
                return


def _parts(source: str, text: str) -> Iterator[_Passage]:
    """Sentences of paragraphs and items of lists, without code, tables and headings."""
    fenced, place, block, began = False, 0, list[str](), 0
    for number, line in enumerate([*text.split("\n"), ""], 1):
        said = line.strip()
        if said.startswith(("```", "~~~")):
            fenced, said = not fenced, ""
        ends = (
            not said or fenced or said.startswith(("#", "|", "===", "---", "- ", "* ", "+ ", ">")) or said[:1].isdigit()
        )
        if ends and block:
            for sentence in _sentences(" ".join(block)):
                yield _Passage(source, began, sentence, place)
                place += 1
            block = []
        if said and not fenced and not said.startswith(("#", "|", "===", "---")):
            if not block:
                began = number
            block.append(re.sub(r"^[-*+>]\s+", "", said))


def _sentences(text: str) -> Iterator[str]:
    kept = ""
    for each in _SENTENCE.split(safe_text(text)):
        kept = f"{kept} {each}".strip()
        if len(kept) >= 40:
            yield kept[:_LONGEST]
            kept = ""
    if len(kept) >= 25:
        yield kept[:_LONGEST]


def _words(text: str) -> list[str]:
    """Words that say something, without the endings that most languages bend them with."""
    found = (word.lower() for word in _WORD.findall(text))
    return [re.sub(r"(?:ing|ed|es|s|en|er|n|e)$", "", word) or word for word in found if word not in _SMALL]


def _weights(every: Sequence[_Passage]) -> Mapping[str, float]:
    counts = Counter(word for each in every for word in set(_words(each.text)))
    return {word: math.log(1 + len(every) / count) for word, count in counts.items()}


def _score(passage: _Passage, wanted: set[str], weights: Mapping[str, float]) -> float:
    words = set(_words(passage.text))
    if not words:
        return 0.0
    if wanted:
        most = sum(weights.get(word, 0.0) for word in wanted)
        return sum(weights[word] for word in wanted & words) / most if most else 0.0
    # The rarer a word, the higher its weight: what comes often in the texts is what they are about.
    common = sum(1 / (0.5 + weights[word]) for word in words) / math.sqrt(len(words) + 3)
    return common * (1.5 if passage.place < 3 else 1.0)


def _alike(one: str, other: str) -> bool:
    left, right = set(_words(one)), set(_words(other))
    return len(left & right) > 0.7 * max(1, min(len(left), len(right)))


def _listed(chosen: Sequence[_Passage], sources: Sequence[str]) -> str:
    numbers = {source: number for number, source in enumerate(sources, 1)}
    lines = [f"- {each.text} [^{numbers[each.source]}]" for each in chosen]
    places: dict[str, list[int]] = {}
    for each in chosen:
        places.setdefault(each.source, []).append(each.line)
    notes = [
        f"[^{numbers[source]}]: {source}{'' if source.startswith('http') else f', lines {_numbers(places[source])}'}"
        for source in sources
    ]
    return "\n".join([*lines, "", *notes]) + "\n" if lines else ""


def _numbers(lines: Sequence[int]) -> str:
    return ", ".join(str(line) for line in sorted(set(lines)))
