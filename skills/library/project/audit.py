"""`project.audit`: how a project is built and run: versions that are not fixed, unsafe images, files of keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from skills import Context, skill
from skills.library.file._content import read_bytes
from skills.library.file._glob import SKIPPED
from skills.library.project._dangers import SEVERITIES, Danger
from skills.library.project._packages import packages_of
from skills.paths import is_closed, shown
from workflows.values import Json

_USES = re.compile(r"^\s*(?:-\s*)?uses:\s*([\w./-]+)@([\w./-]+)", re.MULTILINE)
_TRACKED = (".env", "id_rsa", "id_ed25519", ".pem", ".p12", ".pfx", ".key", ".keystore")
_MOST = 200


@skill(name="project.audit", effect="pure", touches=["reads"])
def audit(context: Context, paths: list[Path] | None = None) -> dict[str, Json]:
    """Look at how a project is built and run: packages that are not fixed to a version, Dockerfiles, CI, files of keys.

    It asks no network: what is known of faults in a version is not looked up.

    Args:
        paths: Folders and files to look at; the workspace if not given.

    Returns: {files, high, medium, low, findings: [{severity, rule, file, line, what}]}. The worst come first; of more
        than 200 the rest is only counted.
    """
    found: list[tuple[str, Danger]] = []
    files = 0
    for file in _files(context, paths or [context.root]):
        name = shown(context.root, file)
        dangers = list(_of_name(file))
        if file.name.startswith(("Dockerfile", "Containerfile")) or file.suffix == ".dockerfile":
            dangers += _docker(_text(context, file))
        elif ".github" in file.parts and file.suffix in (".yml", ".yaml"):
            dangers += _workflow(_text(context, file))
        files += bool(dangers) or file.name.startswith(("Dockerfile", "requirements", "package"))
        found += [(name, danger) for danger in dangers]
    for folder in {path if path.is_dir() else path.parent for path in paths or [context.root]}:
        found += _pins(context, folder)
    found.sort(key=lambda each: (-SEVERITIES.index(each[1].severity), each[0], each[1].line))
    counts: dict[str, Json] = {
        severity: sum(each[1].severity == severity for each in found) for severity in reversed(SEVERITIES)
    }
    return {"files": files, **counts, "findings": [{"file": name, **vars(danger)} for name, danger in found[:_MOST]]}


def _files(context: Context, paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            inside = file.relative_to(context.root).parts
            plain = file.is_file() and not file.is_symlink() and not is_closed(file, context.closed)
            if plain and not SKIPPED.intersection(inside):
                yield file


def _text(context: Context, file: Path) -> str:
    return read_bytes(context.root, file).decode("utf-8", "replace")


def _of_name(file: Path) -> Iterator[Danger]:
    if file.name == ".env" or file.name in _TRACKED or file.suffix in _TRACKED:
        yield Danger("medium", "key-file", 0, "a file of keys lies in the project; see that it is not committed")


def _docker(text: str) -> Iterator[Danger]:
    user = ""
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split()
        order = words[0].upper() if words else ""
        if order == "FROM" and len(words) > 1 and words[1] != "scratch":
            image = next((word for word in words[1:] if not word.startswith("--")), "")
            if "@sha256:" not in image and "$" not in image:
                tag = image.rpartition("/")[2].partition(":")[2]
                if not tag or tag == "latest":
                    yield Danger("medium", "image", number, f"the image {image} is not fixed to a version")
                else:
                    yield Danger("low", "image", number, f"the image {image} can change under its tag; a digest cannot")
        elif order == "USER" and len(words) > 1:
            user = words[1]
        elif order == "ADD" and re.search(r"https?://", line):
            yield Danger("medium", "fetched", number, "ADD of an address takes whatever is there; check a checksum")
        elif order == "RUN" and re.search(r"(curl|wget)[^|]*\|\s*(sudo\s+)?(ba|z)?sh", line):
            yield Danger("high", "fetched", number, "what is fetched is run at once, unseen")
        elif order in ("ENV", "ARG") and re.search(r"(?i)(password|secret|token|api_?key)\w*[= ]\S", line):
            yield Danger("high", "secret", number, "a secret is a part of the image; mount it when it is built")
    if text.strip() and user in ("", "root", "0"):
        yield Danger("medium", "root", 0, "it runs as root; name a USER")


def _workflow(text: str) -> Iterator[Danger]:
    for match in _USES.finditer(text):
        if not re.fullmatch(r"[0-9a-f]{40}", match[2]):
            number = text.count("\n", 0, match.start()) + 1
            yield Danger("low", "action", number, f"{match[1]}@{match[2]} can change; name a commit")
    if re.search(r"^\s*pull_request_target\s*:", text, re.MULTILINE) and "github.event.pull_request.head" in text:
        yield Danger("high", "action", 0, "code of strangers is run with the rights of this repository")


def _pins(context: Context, folder: Path) -> Iterator[tuple[str, Danger]]:
    """Packages that are fixed by no lock file."""
    every = list(packages_of(context.root, folder))
    locked = {each.ecosystem for each in every if each.file.endswith((".lock", "package-lock.json", "go.mod"))}
    loose = [each for each in every if not each.pinned and each.ecosystem not in locked]
    for file in sorted({each.file for each in loose}):
        names = [each.name for each in loose if each.file == file]
        told = f"{', '.join(names[:8])}{' …' if len(names) > 8 else ''}: not fixed to a version, and no lock file"
        yield file, Danger("low", "unpinned", 0, told)
