"""Where a repository keeps what it has: with the tree that is worked in, or where it is known to belong to that tree.

A `.git` can be a file that points anywhere, and a folder that borrows from anywhere: what is read and written then is
another repository, which nobody named. An archive that is unpacked can hold one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from skills import SkillError
from workflows.journal.files import read_plain

WHERE = ("--absolute-git-dir", "--git-common-dir", "--git-path", "objects")
ASKED = 3
"""What `git rev-parse` is asked, and how many lines it answers."""

_LONGEST = 64 * 1024


def check_store(root: Path, tree: Path, where: Sequence[Path], configured: str) -> None:
    """Raise SkillError (`denied`) for a repository elsewhere that does not know this tree, or one that borrows there.

    `where` are the real paths that git answered to `WHERE`; `configured` is the repository's own `core.worktree`.
    """
    own, common, objects = where
    places = [tree] if root.is_relative_to(tree) else [tree, root]
    if not _lies_in(own, places):
        # A worktree's folder names the tree, and a submodule's configuration does: those are a person's own doing.
        if not (_is_worktree(own, tree) or (configured and Path(own, configured).resolve() == tree)):
            hint = f"if it is meant, tell that repository: git -C {tree} config core.worktree {tree}"
            raise SkillError(f"the .git of {tree} points to {own}, which does not know of it", hint, "denied")
        return
    read_from = (path.resolve() for path in (common, *_stores(objects)))
    elsewhere = next((path for path in read_from if not _lies_in(path, places)), None)
    if elsewhere is not None:
        hint = "`git repack -a -d` copies what is borrowed; then the pointer can go"
        raise SkillError(f"the repository of {tree} takes its objects from elsewhere, {elsewhere}", hint, "denied")


def _lies_in(path: Path, places: Iterable[Path]) -> bool:
    return any(path.is_relative_to(place) for place in places)


def _is_worktree(own: Path, tree: Path) -> bool:
    """Whether a worktree's folder in a repository names the tree (gitrepository-layout, `worktrees/<id>/gitdir`)."""
    try:
        named = Path(own, os.fsdecode(read_plain(own / "gitdir", _LONGEST)).rstrip("\n"))
    except OSError:
        return False
    return named.name == ".git" and named.parent.resolve() == tree


def _stores(objects: Path) -> Iterator[Path]:
    """All that objects are read from: their folder, links in it, and what `info/alternates` names."""
    todo, seen = [objects], set[Path]()
    while todo:
        store = todo.pop().resolve()
        if store in seen:
            continue
        seen.add(store)
        yield store
        for folder in (store, store / "pack", store / "info"):
            yield from _links(folder)
        try:
            lines = read_plain(store / "info" / "alternates", _LONGEST).splitlines()
        except OSError:
            continue  # it borrows nothing
        todo += [store / os.fsdecode(line) for line in lines if line and not line.startswith(b"#")]


def _links(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as found:
            yield from [Path(entry.path) for entry in found if entry.is_symlink()]
    except OSError:
        return  # it is not there
