"""`permissions` of a settings file: lists of rules, each with the line where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from skills.permissions.rules import Rule, RuleError, Word, parse_rule
from workflows.diagnostics import suggest
from workflows.source import Mapping as Table
from workflows.source import Report, Scalar, Sequence

WORDS: Mapping[str, Word] = {"allow": "allow", "ask": "ask", "deny": "deny"}


def read_rules(table: Table, file: str, report: Report) -> Iterator[Rule]:
    """The rules below `permissions`. What cannot be read is reported, with its place."""
    for key, node in table.entries:
        word = WORDS.get(key.text)
        if word is None:
            hint = suggest(key.text, WORDS) or f"there are: {', '.join(WORDS)}"
            report(key, "unknown-key", f"unknown key '{key.text}' in permissions", hint)
        elif not isinstance(node, Sequence):
            report(
                node, "wrong-type", f"{word} must be a list of rules", 'such as ["git.*", "file.write(path=docs/**)"]'
            )
        else:
            for item in node.items:
                if not isinstance(item, Scalar):
                    report(item, "wrong-type", "a rule is a text", "put it in quotes")
                    continue
                try:
                    yield parse_rule(word, item.text, f"{file}:{item.mark.line}")
                except RuleError as error:
                    report(item, "bad-rule", error.message, error.hint)
