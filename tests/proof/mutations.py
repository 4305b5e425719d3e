"""The proof of the language: files that are nearly workflows give located diagnostics, quickly, and never a traceback.

`python -m tests.proof.mutations` (or `./dev proof mutations`) breaks some hundred good files in 20,000 ways and prints
the figures. A file that came through as valid must also be written back as it was read, and its plan must do each step
once, after what it needs. `--only N` plays one case again and shows it.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from tests.proof.good_files import good_files
from tests.proof.large_files import large_files
from tests.proof.mutants import mutant
from tests.proof.table import Progress, print_table
from tests.support.catalogue import Listed
from tests.support.kinds import all_kinds
from tests.support.plan_order import disorder, play
from workflows.definition.dump import dump
from workflows.definition.outline import outline
from workflows.definition.parse import Parsed, parse
from workflows.diagnostics import Diagnostic, render, to_json
from workflows.nodes import LINE_END
from workflows.planning.make import make_plan
from workflows.steps.kind import Catalogue, Entry

SLOWEST = 1.0
"""Seconds of a processor that a file may take."""

PLANNED = 100
"""Steps of a file whose plan is looked at: to look takes the square of them."""

FILE = "mutant.yaml"

NAMED = re.compile(r"\b(skill|agent|workflow): ([a-z][\w.-]*)")


@dataclass(frozen=True)
class Result:
    """What became of one mutant. `took` is in seconds."""

    number: int
    way: str
    took: float
    parsed: Parsed | None
    violations: tuple[str, ...]


class Proof:
    """Plays cases. The same seed and number always give the same file."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.good = good_files()
        self._kinds = all_kinds()
        self._catalogue = _catalogue(self.good)

    def case(self, number: int) -> tuple[str, str | bytes]:
        """The way, and the file."""
        random = Random(f"{self.seed}/{number}")
        return mutant(random, random.choice(self.good), self.good)

    def play(self, number: int) -> Result:
        way, text = self.case(number)
        return self.look_at(way, text, number)

    def read(self, text: str | bytes) -> Parsed:
        return parse(text, FILE, self._kinds, self._catalogue)

    def look_at(self, way: str, text: str | bytes, number: int = -1) -> Result:
        """Read one file, and look at all that is said of it."""
        began = time.process_time()  # what others do on this machine does not count
        try:
            parsed = self.read(text)
        except Exception:  # that there is none, of any class, is what is to be shown
            return Result(number, way, time.process_time() - began, None, (traceback.format_exc(limit=-4),))
        took = time.process_time() - began
        try:
            found = [*self._violations(text, parsed)]
        except Exception:  # the same for rendering, dumping and reading again
            found = [traceback.format_exc(limit=-4)]
        if took > SLOWEST:
            found.append(f"it took {took:.1f} s")
        return Result(number, way, took, parsed, tuple(found))

    def _violations(self, text: str | bytes, parsed: Parsed) -> Iterable[str]:
        if not parsed.valid and not parsed.errors:
            yield "neither valid nor refused"
        whole = text if isinstance(text, str) else text.decode("utf-8", "replace")
        lines = LINE_END.split(whole.removeprefix("\ufeff"))
        for diagnostic in parsed.diagnostics:
            if why := _misplaced(diagnostic, lines):
                yield f"{why}: {to_json(diagnostic)}"
            if not render(diagnostic).startswith(f"{FILE}:{diagnostic.line}:{diagnostic.column}: "):
                yield f"shown without its place: {render(diagnostic)}"
        if parsed.valid and parsed.workflow is not None:
            again = parse(dump(parsed.workflow), FILE, self._kinds, self._catalogue)
            if again.workflow != parsed.workflow:
                yield f"not written as it was read: {[render(each) for each in again.errors]}"
            plan = make_plan(parsed.workflow, self._kinds, self._catalogue)
            if len(outline(parsed.workflow).placed) <= PLANNED:
                yield from disorder(parsed.workflow, play(plan, lambda ready: ready[-1]))


def _misplaced(diagnostic: Diagnostic, lines: Sequence[str]) -> str:
    if not diagnostic.code or not diagnostic.message or diagnostic.file != FILE:
        return "without a code, a message or a file"
    if not 1 <= diagnostic.line <= len(lines):
        return f"at a line that is not there, of {len(lines)}"
    if not 1 <= diagnostic.column <= len(lines[diagnostic.line - 1]) + 1:
        return f"at a column that is not there, of {len(lines[diagnostic.line - 1])}"
    return "" if diagnostic.column < diagnostic.end_column else "without a width"


def _catalogue(texts: Iterable[str]) -> Catalogue:
    """What the good files name, so that a mutant can be valid; some of it wants arguments, or changes something."""
    takes = {"type": "object", "properties": {"path": {"type": "string"}, "text": {}}, "required": ["path"]}
    found = {
        (what, name): Entry(what, name, effect="unsafe" if len(name) % 2 else "pure")
        for text in texts
        for what, name in NAMED.findall(text)
    }
    entries = {
        **found,
        ("skill", "file.read"): Entry("skill", "file.read", parameters=takes, effect="pure"),
        ("skill", "file.write"): Entry("skill", "file.write", parameters=takes, effect="unsafe"),
        ("agent", "editor"): Entry("agent", "editor"),
        ("workflow", "mutant"): Entry("workflow", "mutant"),
    }
    return Listed(*entries.values())


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev proof mutations", description=__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="how many files")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    parser.add_argument("--only", type=int, metavar="N", help="play this case alone and show it")
    chosen = parser.parse_args()
    proof = Proof(chosen.seed)
    if chosen.only is not None:
        return _show(proof, chosen.only)
    began = time.monotonic()
    progress = Progress(chosen.count)
    results = []
    for name, text in large_files().items():
        result = proof.look_at("large files", text)
        results.append(progress.add(result, f"the large file of {name}", result.violations))
    for number in range(chosen.count):
        result = proof.play(number)
        results.append(progress.add(result, f"--seed {chosen.seed} --only {number}", result.violations))
    _print(results, len(proof.good), time.monotonic() - began)
    return 1 if any(result.violations for result in results) else 0


def _show(proof: Proof, number: int) -> int:
    way, text = proof.case(number)
    result = proof.play(number)
    shown = text if isinstance(text, str) else repr(text)
    print(f"# {way}\n{shown}")
    for diagnostic in result.parsed.diagnostics if result.parsed else ():
        print(render(diagnostic))
    print("\n".join(result.violations) or f"nothing is violated, in {result.took * 1000:.0f} ms")
    return 1 if result.violations else 0


def _print(results: Sequence[Result], good: int, took: float) -> None:
    ways = sorted({result.way for result in results})
    rows = [_row(way, [result for result in results if result.way == way]) for way in ways]
    print_table(
        ("mutants", "files", "valid", "refused", "diagnostics", "median ms", "slowest ms", "tracebacks", "violations"),
        [*rows, _row("all", results)],
    )
    codes = Counter(each.code for result in results if result.parsed for each in result.parsed.diagnostics)
    print(f"\n{good} good files, {len(results)} mutants in {took:.0f} s; {len(codes)} codes: ", end="")
    print(", ".join(f"{code} {count}" for code, count in codes.most_common()))


def _row(name: str, results: Sequence[Result]) -> tuple[object, ...]:
    took = sorted(result.took * 1000 for result in results)
    parsed = [result.parsed for result in results if result.parsed is not None]
    valid = sum(each.valid for each in parsed)
    return (
        name,
        len(results),
        valid,
        len(parsed) - valid,
        sum(len(each.diagnostics) for each in parsed),
        f"{took[len(took) // 2]:.1f}",
        f"{took[-1]:.0f}",
        len(results) - len(parsed),
        sum(bool(result.violations) for result in results),
    )


if __name__ == "__main__":
    sys.exit(main())
