"""25 secrets of all shapes, the ways in which they are told, and what of them would give them away."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

ALPHABET = string.ascii_letters + string.digits


def canaries() -> dict[str, str]:
    """25 secrets, none of them like any honest text."""
    chance = random.Random(25)

    def some(length: int, letters: str = ALPHABET) -> str:
        return "".join(chance.choices(letters, k=length))

    shapes = [
        *(some(length) for length in (8, 12, 16)),
        f"AKIA{some(16, string.ascii_uppercase + string.digits)}",
        *(some(length) for length in (32, 40)),
        some(64, "0123456789abcdef"),
        *(f"sk-proj-{some(40)}" for _ in range(3)),
        *(f"ghp_{some(36)}" for _ in range(3)),
        *(some(30, ALPHABET + "+/=") for _ in range(2)),
        *(some(24, ALPHABET + "%&?#@:/+ ") for _ in range(2)),
        f'{some(10)}"{some(10)}\\{some(10)}',
        f"{some(8)}'{some(8)}\"{some(8)}",
        f"{some(9)}é€😀{some(9)}",
        f"{some(12)} {some(12)}\t{some(12)}",
        some(18, string.digits[1:]),
        f"eyJ{some(30)}.eyJ{some(60)}.{some(43)}",
        f"-----BEGIN PRIVATE KEY-----\n{some(64)}\n{some(64)}\n{some(48)}\n-----END PRIVATE KEY-----\n",
        f"postgres://admin:{some(20)}@db.example.org:5432/main",
    ]
    assert len(set(shapes)) == 25
    return {f"CANARY_{number}": value for number, value in enumerate(shapes)}


def told(value: str) -> list[str]:
    """The forms in which a secret is told: as it is, encoded, escaped, and in other letters where that is the same."""
    data = value.encode()
    forms = [value, quote(value), quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1], repr(value)[1:-1]]
    forms += [json.dumps(value, ensure_ascii=False)[1:-1]]
    forms += [base64.b64encode(before + data).decode() for before in (b"", b"u:", b"user:")]
    forms += [base64.urlsafe_b64encode(data).decode()]
    if set(value) <= set("0123456789abcdef"):
        forms.append(value.upper())
    return list(dict.fromkeys(forms))


def traces(value: str) -> Iterator[str]:
    """What would give a secret away: its forms, and either half of it where that is long enough to be no accident."""
    texts = [
        value.strip(),
        *([value.strip()[: len(value) // 2], value.strip()[len(value) // 2 :]] if len(value) >= 24 else []),
    ]
    for text in (*texts, *(line for line in value.splitlines() if len(line) > 30)):
        yield text
        yield json.dumps(text)[1:-1]
        yield json.dumps(json.dumps(text))[3:-3]
        yield repr(text)[1:-1]
        yield quote(text)
        yield quote_plus(text)
    if set(value) <= set("0123456789abcdef"):
        yield value.upper()
    data = value.strip().encode()
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * shift + data).decode()[4 : (shift + len(data)) // 3 * 4]
