"""A test of a workflow, as its file says: `NAME.test.yaml`, with `NAME.recording.jsonl` beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from app.testing.expected import Expected, expected_of
from workflows.core_schema import number
from workflows.definition.json_schemas import flaws
from workflows.diagnostics import Diagnostic, render, suggest
from workflows.errors import UnderstudyError
from workflows.journal.files import read_plain
from workflows.nodes import Document, Node, Scalar
from workflows.nodes import Mapping as Table
from workflows.nodes import Sequence as Items
from workflows.recordings import Reply
from workflows.records import dataclass
from workflows.source import LARGEST, read, value_of
from workflows.values import Json

SUFFIX = ".test.yaml"
RECORDING = ".recording.jsonl"

STATUSES = ("succeeded", "failed", "waiting")
STEPS = ("succeeded", "failed", "skipped", "blocked", "cancelled", "undone", "waiting")


@dataclass(frozen=True)
class OfStep:
    """What is expected of one step, by its address. None: whatever it is."""

    status: str | None = None
    attempts: int | None = None
    output: tuple[Expected, ...] = ()


@dataclass(frozen=True)
class OfCalls:
    """Which tools were called, which never, and which in this order among others. `*` stands for anything."""

    used: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    order: tuple[str, ...] = ()


@dataclass(frozen=True)
class OfFiles:
    """Which files were written, and which never. Paths are relative to the workspace; `*` stands for anything."""

    written: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@dataclass(frozen=True)
class Expectations:
    """What is expected of a whole run."""

    status: str = "succeeded"
    outputs: Mapping[str, tuple[Expected, ...]] = field(default_factory=dict)
    steps: Mapping[str, OfStep] = field(default_factory=dict)
    cost_at_most: float | None = None
    calls: OfCalls = OfCalls()
    files: OfFiles = OfFiles()


@dataclass(frozen=True)
class Case:
    """One test. `workflow` is a name or a path; `parameters` is None where those of the recording hold."""

    path: Path
    workflow: str
    recording: Path
    parameters: Mapping[str, Json] | None = None
    answers: Mapping[str, tuple[Reply, ...]] = field(default_factory=dict)
    expect: Expectations = Expectations()

    @property
    def name(self) -> str:
        """Its name: the beginning of its file's."""
        return self.path.name.removesuffix(SUFFIX)


class Broken(UnderstudyError):
    """The file of a test has errors. `diagnostics` lists them all."""

    def __init__(self, path: Path, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(
            "\n".join(render(found) for found in diagnostics), f"Mend {path.name}; docs/testing.md has all."
        )
        self.diagnostics = tuple(diagnostics)


def read_case(path: Path, root: Path | None = None) -> Case:
    """The test in a file. Its recording lies in the workspace `root` where it lies there itself, else beside it.

    Raises Broken with every error in it, and UnderstudyError where it cannot be read.
    """
    try:
        text = read_plain(path, LARGEST + 1)
    except OSError as error:
        raise UnderstudyError(f"{path} cannot be read: {error.strerror}") from error
    return _Reader(path, read(text, str(path)), root).case()


class _Reader:
    """Reads the nodes, and gathers what is wrong with them."""

    def __init__(self, path: Path, document: Document, root: Path | None) -> None:
        self._path = path
        self._folder = path.parent.resolve()
        self._home = root.resolve() if root and self._folder.is_relative_to(root.resolve()) else self._folder
        self._document = document
        self._found = list(document.diagnostics)

    def case(self) -> Case:
        root = self._document.root
        top = self._keys(root, "test", ("workflow", "recording", "parameters", "answers", "expect")) if root else {}
        name = self._path.name.removesuffix(SUFFIX)
        parameters = top.get("parameters")
        case = Case(
            self._path,
            self._text(top.get("workflow")),
            self._recording(top.get("recording"), f"{name}{RECORDING}"),
            None if parameters is None else self._values(parameters),
            self._each(top.get("answers"), self._replies),
            self._expectations(top.get("expect")),
        )
        if root is not None and "workflow" not in top:
            self._report(root, "missing-key", "a test needs 'workflow': the name or the path of one")
        if errors := [found for found in self._found if found.is_error]:
            raise Broken(self._path, errors)
        return case

    def _recording(self, node: Node | None, usual: str) -> Path:
        """Where the recording is. A test is somebody's file: `--update` must not write wherever it says."""
        given = self._text(node) or usual
        try:
            real = (self._folder / given).resolve()
            inside = real.is_relative_to(self._home)
        except (OSError, RuntimeError, ValueError):
            inside = False
        if not inside:
            hint = f"a recording lies in {self._home}"
            if node is None:
                raise UnderstudyError(f"{self._folder / usual} leads elsewhere through a link.", hint)
            self._report(node, "outside", f"the recording '{given[:200]}' leads out of the workspace", hint)
        elif node is not None and not given.endswith(RECORDING):
            self._report(node, "wrong-value", f"a recording is called NAME{RECORDING}")
        return self._path.parent / given

    def _expectations(self, node: Node | None) -> Expectations:
        found = self._keys(node, "expect", ("status", "outputs", "steps", "cost", "calls", "files")) if node else {}
        cost = self._keys(found["cost"], "cost", ("at_most",)) if "cost" in found else {}
        calls = self._keys(found["calls"], "calls", ("used", "never", "order")) if "calls" in found else {}
        files = self._keys(found["files"], "files", ("written", "never")) if "files" in found else {}
        return Expectations(
            self._word(found.get("status"), STATUSES) or "succeeded",
            self._each(found.get("outputs"), self._expected),
            self._each(found.get("steps"), self._step),
            self._amount(cost.get("at_most")),
            OfCalls(*(self._names(calls.get(key)) for key in ("used", "never", "order"))),
            OfFiles(*(self._names(files.get(key)) for key in ("written", "never"))),
        )

    def _step(self, node: Node) -> OfStep:
        if isinstance(node, Scalar):
            return OfStep(self._word(node, STEPS))
        found = self._keys(node, "step", ("status", "attempts", "output"))
        attempts = self._amount(found.get("attempts"))
        return OfStep(
            self._word(found.get("status"), STEPS),
            None if attempts is None else int(attempts),
            self._expected(found["output"]) if "output" in found else (),
        )

    def _expected(self, node: Node) -> tuple[Expected, ...]:
        expected = expected_of(value_of(node, self._report))
        for each in expected:
            schema: Json = {"pattern": each.wanted} if each.how == "matches" else each.wanted
            if each.how == "matches" and not isinstance(each.wanted, str):
                self._report(node, "wrong-type", "`matches` takes a pattern, as a text")
            elif each.how in ("matches", "schema") and (flaw := next(iter(flaws(schema)), None)):
                self._report(node, "wrong-value", f"`{each.how}` cannot be used: {flaw.message}", flaw.hint)
        return expected

    def _replies(self, node: Node) -> tuple[Reply, ...]:
        """A word, or {choice, value, note}; or a list of these for a step that asks more than once."""
        if isinstance(node, Items):
            return tuple(reply for item in node.items for reply in self._replies(item))
        if isinstance(node, Scalar):
            return (Reply(node.text),)
        found = self._keys(node, "answer", ("choice", "value", "note"))
        if "choice" not in found and "value" not in found:
            self._report(node, "missing-key", "an answer needs a 'choice', such as approve, or a 'value'")
        choice = self._text(found.get("choice")) or "answer"
        value = value_of(found["value"], self._report) if "value" in found else None
        return (Reply(choice, value, self._text(found.get("note"))),)

    def _keys(self, node: Node, what: str, known: Sequence[str]) -> dict[str, Node]:
        if not isinstance(node, Table):
            self._report(node, "wrong-type", f"{what} must be a mapping (lines of 'key: value')")
            return {}
        for key, _ in node.entries:
            if key.text not in known:
                hint = suggest(key.text, known) or f"there are: {', '.join(known)}"
                self._report(key, "unknown-key", f"there is no '{key.text}' in {what}", hint)
        return {key.text: value for key, value in node.entries if key.text in known}

    def _each(self, node: Node | None, take: Callable[[Node], tuple[Json, ...] | OfStep]) -> dict[str, Json]:
        if node is None:
            return {}
        if not isinstance(node, Table):
            self._report(node, "wrong-type", "this must be a mapping (lines of 'name: …')")
            return {}
        return {key.text: take(value) for key, value in node.entries}

    def _values(self, node: Node) -> Mapping[str, Json]:
        value = value_of(node, self._report)
        if isinstance(value, dict):
            return value
        if value is not None:
            self._report(node, "wrong-type", "parameters must be a mapping (lines of 'name: value')")
        return {}

    def _text(self, node: Node | None) -> str:
        if node is None:
            return ""
        if not isinstance(node, Scalar):
            self._report(node, "wrong-type", "this must be a text")
            return ""
        return node.text

    def _word(self, node: Node | None, words: Sequence[str]) -> str | None:
        text = self._text(node)
        if node is not None and text not in words:
            self._report(node, "wrong-value", f"'{text}' is none of: {', '.join(words)}", suggest(text, words))
        return text or None

    def _names(self, node: Node | None) -> tuple[str, ...]:
        if node is None:
            return ()
        items = node.items if isinstance(node, Items) else (node,)
        return tuple(self._text(item) for item in items)

    def _amount(self, node: Node | None) -> float | None:
        if node is None:
            return None
        try:
            found = number(node.text) if isinstance(node, Scalar) else None
        except ValueError:
            found = None
        if found is None or found < 0:
            self._report(node, "wrong-value", "this must be a number from 0")
        return found

    def _report(self, node: Node, code: str, message: str, hint: str = "", *, warning: bool = False) -> None:
        self._found.append(self._document.diagnose(node.mark, code, message, hint, warning=warning))
