"""`${{ … }}`: Jinja2's syntax, read by Jinja2's parser, evaluated by our own bounded walk over plain data.

There are no statements, no attributes of objects, no calls but of the functions in `functions`, and no way to make
much out of little: what is not on the lists cannot happen.
"""

from workflows.expressions.errors import ExpressionError
from workflows.expressions.references import ROOTS, Reference
from workflows.expressions.template import CompiledValue, Template, compile_condition, compile_text, compile_value
from workflows.expressions.work import Functions

__all__ = [
    "ROOTS",
    "CompiledValue",
    "ExpressionError",
    "Functions",
    "Reference",
    "Template",
    "compile_condition",
    "compile_text",
    "compile_value",
]
