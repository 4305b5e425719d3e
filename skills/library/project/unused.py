"""`code.unused`: Python that nothing in the project names."""

from __future__ import annotations

import ast
import os
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from skills import Context, SkillError, skill
from skills.library.file._glob import SKIPPED, matcher
from skills.paths import is_closed, open_beneath, shown
from workflows.values import Json

_MOST_FILES = 20_000
_MOST_BYTES = 2 * 1024 * 1024
_LISTED = 500
_NAME = re.compile(r"[A-Za-z_]\w*")
_OTHER_TEXTS = (".toml", ".cfg", ".ini", ".yaml", ".yml", ".html", ".jinja", ".j2", ".rst", ".md", ".json")


@dataclass(frozen=True)
class _Named:
    path: str
    line: int
    kind: str
    name: str


@skill(name="code.unused", effect="pure", touches=["reads"])
def unused(context: Context, path: Path | None = None, ignore: list[str] | None = None) -> dict[str, Json]:
    """Find functions, classes, methods and imports of Python that nothing in the project names, not even a text.

    Nothing is run. What counts as used: what is decorated, begins with `test`, has underscores on both sides, or stands
    in `__all__`; methods of a class that is made of another, which may call them; and classes of test cases. A name
    that is used anywhere counts as used everywhere. So this finds too little rather than too much.

    Args:
        path: The folder; the workspace if not given.
        ignore: Paths whose code is not told of, as patterns below the folder; what they name counts as used.

    Returns: {files, unused: [{path, line, kind, name}], unread, truncated, text}. `kind` is import, function, class or
        method; `unread` are files that are no Python which can be read.
    """
    folder = path or context.root
    if not folder.is_dir():
        raise SkillError(f"{shown(context.root, folder)} is not a folder", "", "dependency")
    ignored = [matcher(pattern) for pattern in ignore or ()]
    named: Counter[str] = Counter()
    defined: list[_Named] = []
    imported: list[_Named] = []
    unread: list[Json] = []
    files = 0
    for file in _files(context, folder):
        inside, content = file.relative_to(folder).as_posix(), _content(context, file)
        if file.suffix != ".py":
            named.update(set(_NAME.findall(content.decode("utf-8", "replace"))))
            continue
        files += 1
        tree = _tree(content)
        if tree is None:
            unread.append(inside)
            named.update(set(_NAME.findall(content.decode("utf-8", "replace"))))
            continue
        uses = Counter(_uses(tree))
        named.update(uses)
        named.update(_taken(tree))
        if not any(matches(inside) for matches in ignored):
            defined += _definitions(tree, inside)
            imported += [each for each in _imports(tree, inside) if not uses[each.name]]
    found = [*imported, *(each for each in defined if not named[each.name])]
    found.sort(key=lambda each: (each.path, each.line))
    lines = [f"{len(found)} names in {files} files of Python that nothing in the project uses.", ""]
    lines += [f"- `{each.path}:{each.line}` {each.kind} `{each.name}`" for each in found[:_LISTED]]
    return {
        "files": files,
        "unused": [vars(each) for each in found[:_LISTED]],
        "unread": unread,
        "truncated": len(found) > _LISTED,
        "text": "\n".join(lines).rstrip() + "\n",
    }


def _files(context: Context, folder: Path) -> Iterator[Path]:
    count = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name not in SKIPPED and not is_closed(Path(place, name), context.closed)
        )
        for name in sorted(names):
            file = Path(place, name)
            if file.suffix in (".py", *_OTHER_TEXTS) and not file.is_symlink():
                count += 1
                if count > _MOST_FILES:
                    raise SkillError(f"there are more than {_MOST_FILES:,} files", "name a folder in it", "resource")
                yield file


def _content(context: Context, file: Path) -> bytes:
    try:
        with open(open_beneath(context.root, file), "rb") as opened:
            return opened.read(_MOST_BYTES)
    except OSError:
        return b""


def _tree(content: bytes) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _uses(tree: ast.Module) -> Iterator[str]:
    """Every name that is read, and every name in a text: it may be looked up by that."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from set(_NAME.findall(node.value[:10_000]))
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            yield from node.names


def _taken(tree: ast.Module) -> Iterator[str]:
    """What this file takes from others."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


def _definitions(tree: ast.Module, path: str) -> Iterator[_Named]:
    for node in ast.walk(tree):
        is_class = isinstance(node, ast.ClassDef)
        if not isinstance(node, ast.Module | ast.ClassDef) or (isinstance(node, ast.ClassDef) and node.bases):
            continue
        for inner in node.body:
            if not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            if inner.decorator_list or inner.name.startswith(("test", "Test", "__")) or _is_test(inner):
                continue
            kind = "class" if isinstance(inner, ast.ClassDef) else "method" if is_class else "function"
            yield _Named(path, inner.lineno, kind, inner.name)


def _is_test(node: ast.stmt) -> bool:
    """Whether it is a class of unittest's."""
    bases = node.bases if isinstance(node, ast.ClassDef) else ()
    return any(ast.unparse(base).endswith("TestCase") for base in bases)


def _imports(tree: ast.Module, path: str) -> Iterator[_Named]:
    """What is imported at the top under a name of its own. Of a package's `__init__` nobody knows who takes it."""
    if path.endswith("__init__.py"):
        return
    for node in tree.body:
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module != "__future__"):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                if name != "*" and alias.asname != alias.name:
                    yield _Named(path, node.lineno, "import", name)
