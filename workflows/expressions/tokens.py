"""Jinja2's lexer, kept in bounds, with every token's place.

Jinja2 counts lines. Here the offset of a token takes the place of its line number, which the parser carries into every
node and every error, so that a column can be named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from jinja2 import Environment, TemplateSyntaxError
from jinja2.lexer import Token, TokenStream
from jinja2.nodes import Expr
from jinja2.parser import Parser

from workflows.expressions.errors import Refusal
from workflows.expressions.split import MAX_SOURCE

MAX_DEPTH = 32

_OPEN = frozenset({"lparen", "lbracket", "lbrace"})
_CLOSE = frozenset({"rparen", "rbracket", "rbrace"})
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_KNOWN_ESCAPES = frozenset("\n\\'\"abfnrtvxuUN01234567")
_FOREIGN = {"&": "use `and`", "!": "use `not`", "?": "use `a if test else b`", "`": "use quotes", "$": "leave it out"}


def parse(source: str) -> Expr:
    """Jinja2's tree of one expression; a node's `lineno` is its offset. Raises Refusal."""
    if len(source) > MAX_SOURCE:
        raise Refusal(f"an expression longer than {MAX_SOURCE} characters", at=0)
    if not source.strip():
        raise Refusal("an expression is missing here", at=0)
    try:
        parser = Parser(_environment(), source, state="variable")
        tree = parser.parse_expression()
        rest = parser.stream.current
    except TemplateSyntaxError as error:
        raise _refused(source, error.message or "this is not understood", error.lineno) from None
    except RecursionError:  # the nesting is counted before; this is for a caller deep in its own stack
        raise Refusal(f"nested deeper than {MAX_DEPTH}", at=0) from None
    except ValueError as error:  # a number of more digits than Python reads
        raise Refusal("this is not understood", at=0) from error
    if rest.type != "eof":
        raise _refused(source, f"unexpected {rest.value!r}", rest.lineno)
    return tree


class _Lexed(Environment):
    """Only its lexer is used: no template is ever compiled."""

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        tokens = list(self.lexer.wrap(self._placed(source, state)))
        _check_nesting(tokens)
        return TokenStream(iter(tokens), name, filename)

    def _placed(self, source: str, state: str | None) -> Iterator[tuple[int, str, str]]:
        at = 0
        try:
            for _, kind, text in self.lexer.tokeniter(source, None, None, state):
                if kind == "variable_end":
                    raise Refusal("unexpected '}}'", at=at)
                yield at, kind, _ESCAPE.sub(_unknown_kept, text) if kind == "string" else text
                at += len(text)
        except TemplateSyntaxError as error:
            raise TemplateSyntaxError(error.message or "", at) from None


@cache
def _environment() -> _Lexed:
    return _Lexed(cache_size=0)


def _unknown_kept(escape: re.Match[str]) -> str:
    """`\\d` stays `\\d`: so it is in Jinja2 too, with a warning of Python's that will once be an error."""
    return escape[0] if escape[1] in _KNOWN_ESCAPES else "\\" + escape[0]


def _check_nesting(tokens: list[Token]) -> None:
    """Counts what Jinja2's parser answers with recursion: brackets, runs of `not` and signs, and `else`."""
    levels = [[0, 0]]  # of each open bracket: the current run of prefixes, the `else`s so far
    operand = False  # whether the token before ended an operand
    for token in tokens:
        level = levels[-1]
        if token.type in _OPEN:
            levels.append([0, 0])
        elif token.type in _CLOSE:
            levels.pop()
            levels[-1][0] = 0
        elif token.test("name:not") or (token.type in ("add", "sub") and not operand):
            level[0] += 1
        elif token.test("name:else"):
            level[1] += 1
        elif token.type == "comma":
            level[:] = [0, 0]
        else:
            level[0] = 0
        word = token.test_any("name:and", "name:or", "name:not", "name:in", "name:is", "name:if", "name:else")
        operand = token.type in _CLOSE or (token.type in ("name", "string", "integer", "float") and not word)
        if len(levels) - 1 + sum(map(sum, levels)) > MAX_DEPTH:
            raise Refusal(f"nested deeper than {MAX_DEPTH}", at=token.lineno)


def _refused(source: str, message: str, at: int) -> Refusal:
    """What Jinja2 says, in words that suit a lone expression, with a hint for habits from other languages."""
    at = min(at, len(source))
    rest = source[at:]
    before = source[:at].rstrip()
    if message.startswith("unexpected char"):
        message = f"unexpected {rest[:1]!r}"
    if rest[:1] in "'\"" and message.startswith("unexpected"):
        message = "this quote is not closed" if rest.count(rest[:1]) < 2 else message
    message = re.sub(r"'?end of (print statement|template)'?", "the end", message).rstrip(".")
    hint = _FOREIGN.get(rest[:1], "")
    if rest[:1] == "|" and before.endswith("|"):
        message, hint = "unexpected '||'", "use `or`"
    elif rest[:1] == "=":
        hint = "use `==` to compare"
    return Refusal(message, hint, at)
