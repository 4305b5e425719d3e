"""Several workflows made one: their stages one after the other, what both have kept once or told apart by choices.

    found = conflicts(first, second)             # what needs a choice, each with the choices there are
    merged = merge(first, second, {"step:log": "rename", "budget": "sum"})

Pure, and of texts: comments and layout of both stay. Nothing that means something else in the two is settled without a
choice.
"""

from composer.merge.conflicts import Conflict, Source, conflicts
from composer.merge.merging import Merged, Unresolved, merge

__all__ = ["Conflict", "Merged", "Source", "Unresolved", "conflicts", "merge"]
