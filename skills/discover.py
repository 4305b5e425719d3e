"""Finding skills by reading their source. Nothing of a file is run: only its syntax tree is looked at.

That is what makes it safe to list the skills of a workspace before a person has trusted it, and it is why arguments of
`@skill` and defaults of parameters have to be literals.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import stat
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias, get_args

from skills.declare import TOUCHES, Context, Execution, usual_execution
from skills.hints import SKILL, Unreadable, hint_of, imported_names, qualified
from skills.layers import Folder, Scope
from skills.manifest import Skill
from skills.schema import REQUIRED, Parameter, UnknownHint, parameters_schema, read_docstring
from skills.undo import undo_of, wrong_undo
from workflows.diagnostics import Diagnostic
from workflows.effects import Effect
from workflows.values import Json

MAX_FILE = 256 * 1024
"""Bytes of a skill file that are read; a longer one is a problem."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
_MAX_NAME = 64

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


BUILT_IN = Folder(Path(__file__).parent / "library", "built-in")


OF_OTHERS = (".claude", ".agents")
"""Folders in which other programs keep skill folders too, of a workspace and of a user's home."""


def user_folder(config: Path) -> Folder:
    """Where a user keeps skills of their own, in the folder of their configuration."""
    return Folder(config / "skills", "user")


def user_folders(config: Path, home: Path | None) -> tuple[Folder, ...]:
    """The same, behind what the user keeps for other programs."""
    others = (Folder(home / name / "skills", "user", foreign=True) for name in OF_OTHERS) if home else ()
    return (*others, user_folder(config))


def workspace_folder(root: Path) -> Folder:
    """Where a workspace keeps its skills."""
    return Folder(root / ".understudy" / "skills", "workspace", root)


def workspace_folders(root: Path) -> tuple[Folder, ...]:
    """The same, behind what the workspace keeps for other programs."""
    others = (Folder(root / name / "skills", "workspace", root, foreign=True) for name in OF_OTHERS)
    return (*others, workspace_folder(root))


def read_source(path: Path, within: Path | None = None, code: str = "bad-skill") -> bytes | Diagnostic:
    """A file's content; an error where it is too long, no plain file, or a link that leads out of `within`."""
    try:
        if within is not None and not path.resolve().is_relative_to(within.resolve()):
            message = "this link leads out of the workspace"
            return Diagnostic("error", code, message, "put the file itself there", str(path))
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return Diagnostic("error", code, "this is not a plain file", "", str(path))
            source = file.read(MAX_FILE + 1)
    except OSError as error:
        return Diagnostic("error", code, f"cannot be read: {error.strerror}", "", str(path))
    if len(source) > MAX_FILE:
        message = f"such a file has at most {MAX_FILE // 1024} KiB"
        return Diagnostic("error", code, message, "move the rest elsewhere", str(path))
    return source


def read_manifests(
    path: Path, scope: Scope = "workspace", source: bytes | None = None
) -> list[Skill] | tuple[Diagnostic, ...]:
    """The skills of one Python file, or every error in it, in the order of their lines: one keeps all from being used.

    `source` is the file's content where the caller has it already. A workspace's skills come back untrusted.
    """
    if source is None:
        content = read_source(path)
        if isinstance(content, Diagnostic):
            return (content,)
        source = content
    if not source.strip():
        return (_refused(path, source, "the file is empty", "write a skill, or delete the file"),)
    flaws: list[Unreadable] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source, str(path))
        skills = list(_skills(tree, path, scope, source, flaws))
    except SyntaxError as error:
        return (_refused(path, source, error.msg, "", error.lineno or 1, error.offset or 1),)
    except (ValueError, RecursionError, MemoryError) as error:
        return (_refused(path, source, f"this is not Python that can be read: {error or type(error).__name__}"),)
    found = [_refused(path, source, flaw.message, flaw.hint, *_place(flaw, source)) for flaw in flaws]
    return tuple(sorted(found, key=lambda each: each.place)) if found else skills


def _refused(path: Path, source: bytes, message: str, hint: str = "", line: int = 1, column: int = 1) -> Diagnostic:
    lines = source.decode("utf-8", "replace").splitlines()
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    return Diagnostic("error", "bad-skill", message, hint, str(path), line, column, column + 1, text)


def _place(flaw: Unreadable, source: bytes) -> tuple[int, int]:
    """Line and column, in characters: a syntax tree counts bytes."""
    lines = source.splitlines()
    before = lines[flaw.line - 1][: flaw.column - 1] if 0 < flaw.line <= len(lines) else b""
    return flaw.line, len(before.decode("utf-8", "replace")) + 1


def _skills(tree: ast.Module, path: Path, scope: Scope, source: bytes, flaws: list[Unreadable]) -> Iterator[Skill]:
    """The skills of a file. What is wrong with them is added to `flaws`: they are of no use then."""
    names = imported_names(tree)
    functions = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    previewed = {
        decorator.value.id
        for function in functions
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Attribute)
        and decorator.attr == "preview"
        and isinstance(decorator.value, ast.Name)
    }
    digest = hashlib.sha256(source).hexdigest()
    seen: set[str] = set()
    for function in functions:
        decorator = next((entry for entry in function.decorator_list if _is_skill(entry, names)), None)
        if decorator is None:
            continue
        # What the undo of a built-in skill says is checked by our tests: it takes Jinja2, at every start.
        said = _said(decorator, flaws, checks_undo=scope != "built-in")
        name = said.get("name") or function.name
        if not NAME.fullmatch(name) or len(name) > _MAX_NAME:
            hint = "letters, digits, _ and -, in parts joined by dots"
            flaws.append(Unreadable(f"'{name}' is no name for a skill", hint, decorator))
        if name in seen:
            flaws.append(Unreadable(f"this file has two skills called {name}", "rename one", function))
        seen.add(name)
        notes = read_docstring(ast.get_docstring(function, clean=False))
        parameters: Json = {}
        try:
            parameters = parameters_schema(list(_parameters(function, names, flaws)), notes.parameters or {})
        except UnknownHint as error:
            flaws.append(Unreadable(str(error), "use JSON's types or Path", function))
        asynchronous = isinstance(function, ast.AsyncFunctionDef)
        execution = said.get("execution") or usual_execution(asynchronous=asynchronous)
        if execution != "process" and execution != usual_execution(asynchronous=asynchronous):
            what = "an `async def`" if asynchronous else "a plain `def`"
            hint = f"say '{'async' if asynchronous else 'thread'}' or 'process', or nothing"
            flaws.append(Unreadable(f"{what} cannot run with execution '{execution}'", hint, decorator))
        yield Skill(
            name=name,
            description=notes.description,
            parameters=parameters,
            returns=notes.returns,
            effect=said.get("effect", "unsafe"),
            touches=frozenset(said.get("touches", ())),
            digest=digest,
            scope=scope,
            path=path,
            line=function.lineno,
            asynchronous=asynchronous,
            execution=execution,
            previews=function.name in previewed,
            trusted=scope != "workspace",
            undo=undo_of(said.get("undo")),
            source=source,
        )


def _is_skill(decorator: ast.expr, names: dict[str, str]) -> bool:
    return qualified(decorator.func if isinstance(decorator, ast.Call) else decorator, names) in SKILL


def _said(decorator: ast.expr, flaws: list[Unreadable], *, checks_undo: bool) -> dict[str, Any]:
    """The decorator's arguments that can be used. Anything but the known ones as literals is a flaw."""
    if not isinstance(decorator, ast.Call):
        return {}
    if decorator.args:
        flaws.append(Unreadable("@skill takes its arguments by name", 'write @skill(name="…", effect="…")', decorator))
    said: dict[str, Any] = {}
    for keyword in decorator.keywords:
        try:
            if keyword.arg is None:
                raise Unreadable("@skill takes no ** arguments", "write each argument as a literal", decorator)
            value = _literal(keyword.value, f"'{keyword.arg}' of @skill")
            if (keyword.arg != "undo" or checks_undo) and (problem := _wrong(keyword.arg, value)):
                raise Unreadable(problem[0], problem[1], keyword.value)
        except Unreadable as flaw:
            flaws.append(flaw)
        else:
            said[keyword.arg] = value
    return said


def _wrong(word: str, value: object) -> tuple[str, str] | None:
    if word == "name":
        return None if isinstance(value, str) else ("a skill's name is text", "")
    if word == "effect":
        words = ", ".join(get_args(Effect))
        return None if value in get_args(Effect) else (f"'{value}' is no effect", f"one of {words}")
    if word == "touches":
        listed = value if isinstance(value, (list, tuple, set)) else None
        if listed is not None and TOUCHES.issuperset(listed):
            return None
        return (f"'touches' is {value!r}", f"a list of {', '.join(sorted(TOUCHES))}")
    if word == "execution":
        words = ", ".join(get_args(Execution))
        return None if value in get_args(Execution) else (f"'{value}' is no execution", f"one of {words}")
    if word == "undo":
        return wrong_undo(value)
    return (f"@skill has no argument '{word}'", "it has name, effect, touches, undo and execution")


def _literal(node: ast.expr, what: str) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        raise Unreadable(
            f"{what} is not a literal", "write the value itself: the file is read, not run", node
        ) from None


def _parameters(function: _Function, names: dict[str, str], flaws: list[Unreadable]) -> Iterator[Parameter]:
    """The function's parameters without its Context. One that cannot be an argument of a skill is a flaw."""
    given = function.args
    odd = given.posonlyargs[0] if given.posonlyargs else (given.vararg or given.kwarg)
    if odd is not None:
        hint = "a skill has plain parameters, without / * or **"
        flaws.append(Unreadable(f"'{odd.arg}' cannot be given by name", hint, odd))
    plain = given.args
    defaults: list[ast.expr | None] = [None] * len(plain) + list(given.defaults)
    # Those before `/` have defaults of their own, which stand first.
    defaults = defaults[len(defaults) - len(plain) :]
    pairs = [*zip(plain, defaults, strict=True), *zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    for position, (argument, default) in enumerate(pairs):
        try:
            kind = Any if argument.annotation is None else hint_of(argument.annotation, names)
            if kind is Context and position:
                raise Unreadable("the Context is a skill's first parameter", "move it to the front", argument)
            if kind is Context:
                continue
            value = REQUIRED if default is None else _literal(default, f"the default of '{argument.arg}'")
        except Unreadable as flaw:
            flaws.append(flaw)
        else:
            yield Parameter(argument.arg, kind, value)
