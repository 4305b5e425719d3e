"""`suites.verdict`: what several runs of tests came to, together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from skills import Context, SkillError, skill
from workflows.values import Json

_COUNTS = ("passed", "failed", "errors", "skipped")


@skill(name="suites.verdict", effect="pure")
def verdict(
    context: Context, suites: list[dict[str, Any]], results: list[dict[str, Any]], coverage_threshold: float = 0
) -> dict[str, Json]:
    """Judge what suites of tests came to: a failure where tests failed, or where all of them together cover too little.

    Args:
        suites: The suites, as suites.find gives them.
        results: {status, output, error} of each, as a step with `foreach` gives them in `items`.
        coverage_threshold: Percent of the lines of Python code that the suites together must cover; 0 for any.

    Returns: {passed, failed, errors, skipped, coverage, note, suites: [{name, status, summary, seconds, coverage}],
        failures: [{suite, test, message}], report}. A line counts as covered where any suite ran it. `coverage` is
        null where it was not measured, which `note` then says. `report` is all of it as Markdown.
    """
    told = [_told(suite, result) for suite, result in zip(suites, results, strict=True)]
    outputs = [_output(result) for result in results]
    covered, failures = (
        _coverage(outputs),
        [entry for pair in zip(told, outputs, strict=True) for entry in _lost(*pair)],
    )
    counts: dict[str, Json] = {name: sum(output.get(name) or 0 for output in outputs) for name in _COUNTS}
    unmeasured = covered is None and coverage_threshold > 0
    note = "coverage was not measured: only that of Python is" if unmeasured else ""
    result: dict[str, Json] = {**counts, "coverage": covered, "note": note, "suites": told, "failures": failures}
    result["report"] = _report(result, coverage_threshold)
    context.emit(str(result["report"]))
    broken = [str(entry["name"]) for entry in told if entry["status"] != "passed"]
    if broken:
        first = f"{failures[0]['test']}: {failures[0]['message']}" if failures else ""
        message = f"{len(broken)} of {len(told)} suites failed: {', '.join(broken)}"
        raise SkillError(message, first.partition("\n")[0][:300], "business", **result)
    if covered is not None and covered < coverage_threshold:
        raise SkillError(f"coverage is {covered:g} %, less than {coverage_threshold:g} %", "", "business", **result)
    return result


def _output(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a run gave, also where its tests failed: the failure then holds it."""
    found = result.get("output") or (result.get("error") or {}).get("detail") or {}
    return found if isinstance(found, Mapping) else {}


def _told(suite: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Json]:
    output, error = _output(result), result.get("error") or {}
    return {
        "name": suite.get("name", ""),
        "status": "passed" if result.get("status") == "succeeded" else "failed",
        "summary": output.get("summary") or str(error.get("message", result.get("status", ""))),
        "seconds": output.get("seconds"),
        "coverage": output.get("coverage"),
    }


def _lost(told: Mapping[str, Json], output: Mapping[str, Any]) -> Iterator[dict[str, Json]]:
    for failure in output.get("failures") or ():
        yield {"suite": told["name"], "test": failure.get("test", ""), "message": failure.get("message", "")}


def _coverage(outputs: Sequence[Mapping[str, Any]]) -> float | None:
    """Percent of lines that any of them ran; None where none of them measured."""
    covered: dict[str, set[int]] = {}
    wanted: dict[str, set[int]] = {}
    for lines in (output.get("lines") for output in outputs):
        for file, said in (lines or {}).items():
            ran, missed = set(_numbers(said["covered"])), set(_numbers(said["missed"]))
            covered.setdefault(file, set()).update(ran)
            wanted.setdefault(file, set()).update(ran | missed)
    if wanted:
        total = sum(map(len, wanted.values()))
        return round(100 * sum(map(len, covered.values())) / total, 2) if total else 100.0
    known = [float(output["coverage"]) for output in outputs if output.get("coverage") is not None]
    return max(known) if known else None  # no less than this is covered


def _numbers(text: str) -> Iterator[int]:
    """`1-3,7` as numbers."""
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def _shown(percent: float | None) -> str:
    return "" if percent is None else f"{percent:g}"


def _report(result: Mapping[str, Any], threshold: float) -> str:
    rows = [
        f"| {each['name']} | {each['status']} | {each['summary']} | {_shown(each['coverage'])} |"
        for each in result["suites"]
    ]
    lines = ["# Tests", "", "| suite | | result | coverage % |", "|---|---|---|---|", *rows, ""]
    if result["coverage"] is not None:
        wanted = f", wanted are {threshold:g} %" if threshold else ""
        lines += [f"All suites together cover {result['coverage']:g} % of the lines{wanted}.", ""]
    if result["note"]:
        lines += [f"Note: {result['note']}.", ""]
    if result["failures"]:
        lines += ["## Failures", ""]
        lines += [f"- `{each['test']}`: {each['message'].partition(chr(10))[0]}" for each in result["failures"]]
    return "\n".join(lines).rstrip() + "\n"
