"""at most $1: the budget of a run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from composer.constraints.reading import NUMBER, Said, found, number
from composer.constraints.sketch import Sketch
from composer.edit import Edit, SetField
from workflows.money import money
from workflows.records import dataclass

_CENTS = (
    r"(?:us[ -]?)?(?:cents?|ct|c|centimos?|centavos?|centimes?|centesimi|eurocents?|euro[ -]?cents?|¢|pence|pfennig)"
)
_EURO = r"(?:€|euros?|eur)"
_DOLLAR = r"(?:\$|us\$|usd|dollars?|dolares|dolar|dollari|dollaro|bucks?|us[ -]dollars?)"
_MONEY = re.compile(
    rf"(?P<before>\$|us\$|€|usd|eur)\s?(?P<first>\d+(?:[.,]\d+)?)(?!\d)"
    rf"|(?<![\w.])(?P<second>{NUMBER})\s?(?:(?P<cents>{_CENTS})|(?P<euro>{_EURO})|(?P<dollar>{_DOLLAR}))(?!\w)"
    rf"|\b(?P<half>half a (?:dollar|buck)|medio dolar|un demi dollar|einen halben dollar|meio dolar|mezzo dollaro|halve dollar)\b"
)
_ABOUT = re.compile(
    r"\bprice|\bcost of|\bsalary|\binvoice|\brevenue|\bumsatz|\border|\bsales|betrag|importe|montant|amount|greater|larger|groesser|\brows"
)


@dataclass(frozen=True)
class Money:
    """What a run may spend on models, in US dollars."""

    said: Said
    usd: float
    assumed: str = ""

    @property
    def means(self) -> str:
        return f"at most {money(self.usd)} for models"

    def edits(self, sketch: Sketch) -> Sequence[Edit]:
        now = sketch.subject.workflow.budget
        return [] if now is not None and now.usd == self.usd else [SetField(("budget", "usd"), _whole(self.usd))]


def read(request: str) -> Iterator[Money]:
    """The budget that a request gives: the first amount that is not one of the data."""
    for match, said in found(_MONEY, request):
        if _ABOUT.search(match.string[max(0, match.start() - 25) : match.start()]):
            continue
        amount = 0.5 if match["half"] else number(match["first"] or match["second"])
        if match["cents"]:
            amount /= 100
        if amount <= 0:
            continue
        euro = match["euro"] or match["before"] in ("€", "eur") or "euro" in (match["cents"] or "")
        assumed = f"{said.words} is taken for {amount:g} US dollars: budgets are in dollars" if euro else ""
        yield Money(said, round(amount, 6), assumed)
        return


def _whole(amount: float) -> float:
    return int(amount) if amount == int(amount) else amount
