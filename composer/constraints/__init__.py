"""What a request demands of whatever is drafted: gates, budgets, schedules. Read by rules, compiled to edits.

    for constraint in read_constraints("deploy v2, ask me first, at most $1"):
        constraint.said, constraint.means

    held = hold(text, constraints, parse)

`read_constraints` is pure and asks nobody. `hold` makes a workflow's text so, and says of each demand whether it is
held, and how or why not. It is for requests and for what is said of a draft later.
"""

from composer.constraints.hold import Held, hold, read_constraints, without
from composer.constraints.sketch import CannotHold, Constraint, Sketch

__all__ = ["CannotHold", "Constraint", "Held", "Sketch", "hold", "read_constraints", "without"]
