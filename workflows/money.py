"""US dollars as people read them."""

from __future__ import annotations


def money(usd: float) -> str:
    """`$0.083`, `$0.50`, `$1.24`, `$0.0004`; never `$0.00` for what did cost something."""
    if usd == 0:
        return "$0"
    if usd >= 1:
        return f"${usd:,.2f}"
    if usd >= 0.01:
        text = f"${usd:.3f}"
        return text.removesuffix("0")
    return f"${usd:.4f}" if usd >= 0.0001 else "under $0.0001"
