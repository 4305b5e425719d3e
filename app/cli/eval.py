"""understudy eval compose FILE: how good the drafts of requests are, by checks that stand beside each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from composer.evaluation.judge import Verdict
    from workflows.values import Json


@click.group("eval")
def command() -> None:
    """Measure how well Understudy does something. Nothing of what it makes is kept or run."""


@command.command("compose")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--model", metavar="MODEL", help="Draft with this model. Costs what its calls cost; without, nothing.")
@click.option("--least", metavar="PERCENT", type=click.IntRange(0, 100), help="Exit with 1 where fewer requests pass.")
@json_option
@plain_option
def compose(file: Path | None, model: str | None, least: int | None, as_json: bool, plain: bool) -> int:
    """Draft for every request of FILE and hold the drafts against what stands there. Without FILE: a sample of our own.

    Shown are rates: the right kind of workflow first and among the first three, requests that nothing fits told so,
    parameters found, constraints held, drafts that can be run; and each failure with its reason. docs/composer.md has
    the format of a set.
    """
    from composer.evaluation.requests import SAMPLE

    return wait_for(_compose(file or SAMPLE, model, least, as_json, Output(plain=plain)))


async def _compose(file: Path, model: str | None, least: int | None, as_json: bool, out: Output) -> int:
    from app.composing import drafter
    from app.failures import Exit
    from composer.evaluation.judge import judge, rates
    from composer.evaluation.requests import read_requests

    requests = read_requests(file)
    verdicts: list[Verdict] = []
    async with open_desk(journal="none") as desk:
        async for verdict in judge(requests, drafter(desk, model)):
            verdicts.append(verdict)
            if not as_json:
                _print_failures(verdict, out)
    found = rates(verdicts)
    if as_json:
        out.document(_document(file, model, verdicts))
    else:
        for what, (held, count) in found.items():
            out.print(f"{WORDS[what]:<44} {held:>4} of {count:<4} {100 * held / count:5.1f} %")
        out.print(f"{'cost':<44} {_cost(verdicts)}")
    passed, count = found["pass"]
    return Exit.FAILED if least is not None and 100 * passed < least * count else Exit.OK


WORDS = {
    "first": "the right kind first",
    "three": "the right kind among the first three",
    "none": "nothing fits, and it is said",
    "parameter": "parameters found",
    "constraint": "constraints held",
    "valid": "drafts that can be run",
    "pass": "requests of which all holds",
}


def _print_failures(verdict: Verdict, out: Output) -> None:
    from workflows.text import one_line

    if verdict.failures:
        out.print(f"{verdict.request.id}: {one_line(verdict.request.start.text, 100)}", "strong")
    for point in verdict.failures:
        out.print(f"  {point.what}: {one_line(point.reason, 300)}", "bad")


def _cost(verdicts: Sequence[Verdict]) -> str:
    from workflows.money import money

    known = sum(verdict.usd or 0.0 for verdict in verdicts)
    unknown = sum(verdict.usd is None for verdict in verdicts)
    return money(known) + (f", and what {unknown} of them cost is not known" if unknown else "")


def _document(file: Path, model: str | None, verdicts: Sequence[Verdict]) -> Json:
    from app.present.run import SCHEMA_VERSION
    from composer.evaluation.judge import rates
    from workflows.text import safe_json

    return safe_json(
        {
            "schema_version": SCHEMA_VERSION,
            "set": str(file),
            "model": model,
            "requests": len(verdicts),
            "rates": {
                what: {"held": held, "of": count, "rate": round(held / count, 4)}
                for what, (held, count) in rates(verdicts).items()
            },
            "usd": None if any(v.usd is None for v in verdicts) else round(sum(v.usd or 0.0 for v in verdicts), 6),
            "failures": [
                {"id": v.request.id, "text": v.request.start.text, "what": p.what, "reason": p.reason}
                for v in verdicts
                for p in v.failures
            ],
        }
    )
