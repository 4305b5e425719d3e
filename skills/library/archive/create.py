"""`archive.create`: files packed into an archive, the same files always into the same bytes."""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from skills import Context, Preview, SkillError, skill
from skills.library.archive._kinds import kind_of
from skills.library.file._content import read_bytes, sha256
from skills.library.file._glob import SKIPPED, matcher
from skills.library.file._put import current_content, put, writable_name
from skills.paths import is_closed, shown
from workflows.values import Json

_MOST_BYTES = 200 * 1024 * 1024
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a zip: its format knows none before."""


@skill(
    name="archive.create",
    effect="idempotent",
    touches=["reads", "writes"],
    undo={"skill": "file.restore", "parameters": {"backup": "${{ output.backup }}"}},
)
def create(context: Context, path: Path, source: Path, glob: str = "**/*") -> dict[str, Json]:
    """Pack a folder or a file of the workspace into a `.zip`, `.tar` or `.tar.gz`.

    The same files give the same bytes: names in order, no times, no owners. Links and the folders of tools (.git,
    node_modules, .venv and the like) are left out. What was there before is kept for file.restore.

    Args:
        path: The archive.
        source: The folder or file.
        glob: Which files of the folder, such as `**/*.py`.

    Returns: {path, bytes, sha256, backup, created, files}. `files` is how many are in it.
    """
    names = _names(context, path, source, glob)
    base = source if source.is_dir() else source.parent
    contents = [(name, base / name) for name in names]
    content = _packed(context, path, contents)
    return {**put(context, path, content), "files": len(names)}


@create.preview
def preview(context: Context, path: Path, source: Path, glob: str = "**/*") -> Preview:
    """Which files would be packed."""
    name, names = writable_name(context, path), _names(context, path, source, glob)
    current = current_content(context, path)
    facts = {"archive": name, "from": shown(context.root, source), "files": str(len(names))}
    facts |= {"replaces": f"{len(current[0])} bytes"} if current else {}
    base = source if source.is_dir() else source.parent
    packed = _packed(context, path, [(each, base / each) for each in names])
    binds: Json = {"before": sha256(current[0]) if current else None, "after": sha256(packed)}
    return Preview(f"Pack {facts['from']} into {name}", "".join(f"+ {each}\n" for each in names), facts, binds)


def _names(context: Context, path: Path, source: Path, glob: str) -> list[str]:
    if kind_of(path.name)[1] not in (".zip", ".tar", ".tar.gz", ".tgz"):
        raise SkillError(f"{path.name} is not made here", ".zip, .tar, .tar.gz or .tgz", "validation")
    if source.is_file():
        return [source.name]
    if not source.is_dir():
        raise SkillError(f"{shown(context.root, source)} is not there", "", "dependency")
    names = [name for name in _files(source, glob, context.closed) if source / name != path]
    if not names:
        raise SkillError(f"no file of {shown(context.root, source)} is meant by {glob!r}", "", "validation")
    return names


def _files(source: Path, glob: str, closed: Sequence[Path]) -> Iterator[str]:
    matches, found = matcher(glob), list[str]()
    for folder, folders, files in os.walk(source):
        folders[:] = [name for name in folders if name not in SKIPPED and not is_closed(Path(folder, name), closed)]
        for name in files:
            file = Path(folder) / name
            inside = file.relative_to(source).as_posix()
            if matches(inside) and stat.S_ISREG(file.lstat().st_mode):
                found.append(inside)
    yield from sorted(found)


def _packed(context: Context, path: Path, contents: list[tuple[str, Path]]) -> bytes:
    out, total = io.BytesIO(), 0
    kind, suffix = kind_of(path.name)
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) if kind == "zip" else tarfile.open(fileobj=out, mode="w") as to
    ):
        for name, file in contents:
            content = read_bytes(context.root, file)
            total += len(content)
            if total > _MOST_BYTES:
                raise SkillError(f"more than {_MOST_BYTES // 1024**2} MB are not packed", "narrow `glob`", "resource")
            mode = 0o755 if file.stat().st_mode & stat.S_IXUSR else 0o644
            if isinstance(to, zipfile.ZipFile):
                info = zipfile.ZipInfo(name, _EPOCH)
                info.external_attr = (stat.S_IFREG | mode) << 16
                to.writestr(info, content, zipfile.ZIP_DEFLATED)
            else:
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(content), mode
                to.addfile(member, io.BytesIO(content))
    packed = out.getvalue()
    return gzip.compress(packed, mtime=0) if suffix in (".tar.gz", ".tgz") else packed
