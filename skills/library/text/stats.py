"""`text.stats`: how long a text is, and its most frequent words."""

from __future__ import annotations

import re
from collections import Counter

from skills import skill
from workflows.values import Json

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE = re.compile(r"(?<![.!?…])[.!?…]+(?=\s|$)")
_PER_MINUTE = 238
"""Words of silent reading a minute (Brysbaert 2019, non-fiction in English)."""


@skill(name="text.stats", effect="pure")
def stats(text: str, common: int = 20, least: int = 4) -> dict[str, Json]:
    """Count the characters, words, sentences, lines and paragraphs of a text, and its most frequent words.

    Args:
        text: The text.
        common: How many of the most frequent words to give.
        least: Characters that such a word has at least.

    Returns: {characters, words, distinct, sentences, lines, paragraphs, minutes, common: [{word, count}]}. `minutes` is
        what reading it takes.
    """
    words = [word.lower() for word in _WORD.findall(text)]
    counts = Counter(word for word in words if len(word) >= least)
    paragraphs = [block for block in re.split(r"\n\s*\n", text) if block.strip()]
    return {
        "characters": len(text),
        "words": len(words),
        "distinct": len(set(words)),
        "sentences": len(_SENTENCE.findall(text)) or int(bool(words)),
        "lines": text.count("\n") + (not text.endswith("\n") and bool(text)),
        "paragraphs": len(paragraphs),
        "minutes": round(len(words) / _PER_MINUTE, 1),
        "common": [{"word": word, "count": count} for word, count in counts.most_common(max(common, 0))],
    }
