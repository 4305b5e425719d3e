"""Finds the workflow that a request means, by its words. This is search, not AI, and whoever shows it says so."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Literal

from composer.words import nearest, without_values, words_of
from workflows.definition.model import Workflow
from workflows.records import dataclass

FITS = 0.55
"""From this score on a workflow is offered as the one that was meant."""

_SLIP = 0.8
"""What a word counts that matches only with a slip of the finger."""

Where = Literal["any", "said"]

_WORTH: Sequence[tuple[Where, float]] = (("any", 0.6), ("said", 1.0))
"""What a word counts that is only mentioned (in the description, by steps and parameters), and one that is said."""


@dataclass(frozen=True)
class Candidate:
    """A workflow that may be what a request means. `text` is its YAML."""

    name: str
    workflow: Workflow
    text: str
    scope: str = "built-in"


@dataclass(frozen=True)
class Match:
    """How well a candidate fits: 0 not at all, 1 entirely. `words` of the request were found in it, slips mended."""

    candidate: Candidate
    score: float
    words: tuple[str, ...] = ()
    example: str = ""
    """The candidate's example request that is much like this one."""


def search(request: str, candidates: Sequence[Candidate], *, limit: int = 5) -> list[Match]:
    """The candidates that share anything with the request, best first; of equals, the one FTS5's bm25 prefers."""
    wanted = words_of(without_values(request))
    if not wanted or not candidates:
        return []
    with closing(sqlite3.connect(":memory:")) as index:
        _fill(index, candidates)
        known = tuple(row[0] for row in index.execute("SELECT DISTINCT term FROM terms"))
        mended = {word: word if _rows(index, word, "any") else nearest(word, known) for word in wanted}
        found: dict[int, dict[str, float]] = {}
        for word, sure in mended.items():
            for where, worth in _WORTH:
                for row in _rows(index, sure, where) if sure else ():
                    found.setdefault(row, {})[word] = worth * (1.0 if sure == word else _SLIP)
        order = _bm25(index, [word for word in mended.values() if word])
    matches = []
    for row, words in found.items():
        candidate = candidates[row - 1]
        example, alike = _alike(request, candidate)
        score = max(sum(words.values()) / len(wanted), alike)
        matches.append(
            (-round(score, 3), order.get(row, 0.0), Match(candidate, round(score, 3), tuple(words), example))
        )
    return [match for *_, match in sorted(matches, key=lambda entry: entry[:2])][:limit]


def _fill(index: sqlite3.Connection, candidates: Sequence[Candidate]) -> None:
    index.execute("CREATE VIRTUAL TABLE workflows USING fts5(name, said, mentioned, tokenize = 'porter unicode61')")
    index.execute("CREATE VIRTUAL TABLE plain USING fts5(text, tokenize = 'unicode61')")
    index.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(plain, row)")
    for number, candidate in enumerate(candidates, 1):
        workflow = candidate.workflow
        said = [candidate.name.replace("-", " ").replace("_", " "), workflow.name]
        mentioned = [workflow.description]
        mentioned += [
            f"{step.name or ''} {step.id.replace('_', ' ')}" for stage in workflow.stages for step in stage.steps
        ]
        mentioned += [f"{parameter.name} {' '.join(map(str, parameter.enum))}" for parameter in workflow.parameters]
        if workflow.metadata:
            said += workflow.metadata.tags
        if template := workflow.template:
            said += [template.for_, *template.requests, *template.tags]
        row = (number, workflow.name, " ".join(said), " ".join(mentioned))
        index.execute("INSERT INTO workflows(rowid, name, said, mentioned) VALUES (?, ?, ?, ?)", row)
        index.execute("INSERT INTO plain(text) VALUES (?)", (" ".join(row[1:]),))


def _rows(index: sqlite3.Connection, word: str, where: Where) -> list[int]:
    quoted = f'"{word}"'
    query = quoted if where == "any" else f"{{name said}}: {quoted}"
    return [row[0] for row in index.execute("SELECT rowid FROM workflows WHERE workflows MATCH ?", (query,))]


def _bm25(index: sqlite3.Connection, words: Sequence[str]) -> dict[int, float]:
    if not words:
        return {}
    query = " OR ".join(f'"{word}"' for word in words)
    rows = index.execute(
        "SELECT rowid, bm25(workflows, 4.0, 2.0, 1.0) FROM workflows WHERE workflows MATCH ?", (query,)
    )
    return dict(rows.fetchall())


def _alike(request: str, candidate: Candidate) -> tuple[str, float]:
    """The example request most like this one, and how alike they are; nothing below three quarters."""
    from rapidfuzz import fuzz, process, utils

    examples = candidate.workflow.template.requests if candidate.workflow.template else ()
    best = process.extractOne(
        request, examples, scorer=fuzz.token_sort_ratio, processor=utils.default_process, score_cutoff=75
    )
    return (best[0], best[1] / 100) if best else ("", 0.0)
