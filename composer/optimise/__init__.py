"""Suggestions that make a workflow faster, cheaper or safer, each with its reason, and never mean something else.

    for suggestion in suggestions(Subject(text, workflow, plan, history), parse):
        text = apply(text, suggestion.edits)

One rule a file: a function from a Subject to Suggestions. What a rule may change is held against what its edits do
change; a suggestion that would change more, or give a workflow with errors, is left out.
"""

from composer.optimise.history import History, Tries, history_of
from composer.optimise.rules import RULES, suggestions
from composer.optimise.subject import Subject, Suggestion

__all__ = ["RULES", "History", "Subject", "Suggestion", "Tries", "history_of", "suggestions"]
