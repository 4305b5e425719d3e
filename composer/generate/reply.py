"""What a model answered, read with distrust: the first fence, within bounds, a workflow, questions, or a refusal."""

from __future__ import annotations

import re

from workflows.nodes import Document, Node, Scalar
from workflows.nodes import Mapping as MappingNode
from workflows.nodes import Sequence as SequenceNode
from workflows.records import dataclass
from workflows.source import read, value_of
from workflows.text import MARK, one_line, safe_text
from workflows.values import canonical

LARGEST = 48_000
"""Characters of an answer. A workflow of sixty steps has a third of it."""

MOST_QUESTIONS = 3
LONGEST_QUESTION = 300

FILE = "the draft"

_FENCE = re.compile(r"^([ \t]*)(```|~~~)[ \t]*([\w+-]*)[ \t]*$", re.MULTILINE)
_BEGINNING = re.compile(
    r"(?:#[^\n]*\n|---[ \t]*\n|\s)*[\"']?(workflow|name|steps|stages|questions|declined)[\"']?[ \t]*:"
)


class Unusable(Exception):
    """An answer that is no answer. `why` completes a sentence about it, for the model and for a person."""

    def __init__(self, why: str, hint: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.hint = hint


@dataclass(frozen=True)
class Answer:
    """One of the three. `text` is a workflow's; `as_data` says that it was written as JSON, with no layout to keep."""

    text: str = ""
    as_data: bool = False
    questions: tuple[str, ...] = ()
    declined: str = ""


def read_answer(said: str) -> Answer:
    """What was answered. Raises Unusable. Nothing in it is ever followed, run or looked up."""
    if len(said) > LARGEST:
        raise Unusable(f"the answer is longer than {LARGEST:,} characters", "a workflow is far shorter")
    text = _fenced(said.removeprefix("\ufeff").replace("\r\n", "\n"))
    seen = safe_text(text, max_line=None)
    if seen.count(MARK) > text.count(MARK):
        raise Unusable("it holds characters that no screen shows", "write plain text")
    text = seen
    if re.match(r"\s*%", text):
        raise Unusable("it begins with a YAML directive", "begin with `name:`")
    document = read(text, FILE)
    root = document.root
    if root is None:
        first = document.diagnostics[0]
        raise Unusable(f"line {first.line}: {first.message}", first.hint)
    if not isinstance(root, MappingNode):
        raise Unusable("it is no mapping with `name:` and `steps:` or `stages:`")
    return _answer(document, root, text)


def _answer(document: Document, root: MappingNode, text: str) -> Answer:
    inner = root.get("workflow")
    if isinstance(inner, MappingNode) or root.get("stages") is not None or root.get("steps") is not None:
        if text.lstrip().startswith("{"):
            return Answer(
                canonical(value_of(inner if isinstance(inner, MappingNode) else root, _unheard)), as_data=True
            )
        return Answer(text.rstrip() + "\n")
    if questions := _questions(root.get("questions")):
        return Answer(questions=questions)
    declined = root.get("declined")
    if isinstance(declined, Scalar) and declined.text.strip():
        return Answer(declined=one_line(declined.text, LONGEST_QUESTION))
    keys = ", ".join(one_line(key.text, 30) for key, _ in root.entries[:8])
    raise Unusable(f"it has {keys or 'nothing'}, and neither `steps` nor `stages`")


def _unheard(*_: object, **__: object) -> None:
    """What is said of single values: the workflow that they come to is checked by itself."""


def _questions(node: Node | None) -> tuple[str, ...]:
    items = node.items if isinstance(node, SequenceNode) else ()
    texts = [one_line(item.text, LONGEST_QUESTION) for item in items if isinstance(item, Scalar)]
    return tuple(dict.fromkeys(text for text in texts if text))[:MOST_QUESTIONS]


def _fenced(said: str) -> str:
    """What stands in the first fence; the whole where there is none and it begins as a workflow does."""
    opened = _FENCE.search(said)
    if opened is None:
        if not said.strip():
            raise Unusable("the answer is empty")
        if said.lstrip().startswith("{") or _BEGINNING.match(said):
            return said
        raise Unusable("the answer is prose, without a workflow in a ```yaml fence")
    closed = re.compile(rf"^{opened[1]}{opened[2]}[ \t]*$", re.MULTILINE).search(said, opened.end())
    if closed is None:
        raise Unusable("the answer ends before its fence is closed: it was cut", "make the workflow shorter")
    if opened[3].lower() not in ("", "yaml", "yml", "json"):
        raise Unusable(f"the first fence holds {one_line(opened[3], 20)}, not YAML")
    return said[opened.end() + 1 : closed.start()]
