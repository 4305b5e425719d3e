"""`project.packages`: what a project uses of others, in which versions and under which licences."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from skills import Context, SkillError, skill
from skills.library.project._packages import Package, normal, packages_of, says_anything
from skills.paths import shown
from workflows.values import Json

_STRONG = ("AGPL", "GPL", "SSPL", "CC-BY-NC", "BUSL", "Commons Clause", "Affero", "GNU General")
_WEAK = ("LGPL", "MPL", "EPL", "CDDL", "Lesser", "Mozilla")


@skill(name="project.packages", effect="pure", touches=["reads"])
def packages(context: Context, folders: list[Path] | None = None, deny: list[str] | None = None) -> dict[str, Json]:
    """List the packages of others that a project uses, with versions and licences: from its lock files and what is
    installed beside them. No network is asked, and nothing is run.

    Python (requirements, pyproject.toml, poetry.lock, uv.lock, Pipfile.lock, and .venv), npm (package.json,
    package-lock.json, node_modules), Rust (Cargo.lock) and Go (go.mod).

    Args:
        folders: The folders with these files; the workspace if not given.
        deny: Licences that must not be used, such as AGPL; a package that has one is listed in `denied`.

    Returns: {packages: [{name, version, ecosystem, file, licence, kind, pinned}], files, licences: [{licence, count}],
        unknown, unpinned, denied, text}. `kind` is strong or weak for licences that ask something of who passes the
        code on (copyleft), open for others, unknown where nothing here says. `text` is all of it as Markdown.
    """
    found: dict[tuple[str, str], Package] = {}
    for folder in folders or [context.root]:
        if not folder.is_dir():
            raise SkillError(f"{shown(context.root, folder)} is not a folder", "", "dependency")
        for each in packages_of(context.root, folder):
            key = (each.ecosystem, normal(each.name))
            old = found.get(key)
            if old is None or (each.version and not old.version):
                found[key] = each
    if not found and not any(says_anything(folder) for folder in folders or [context.root]):
        files = "requirements.txt, pyproject.toml, uv.lock, package.json, package-lock.json, Cargo.lock or go.mod"
        hint = f"Name the folder of a project that has {files}."
        raise SkillError("nothing here says what the project uses", hint, "dependency")
    ordered = [found[key] for key in sorted(found)]
    licences = Counter(each.licence or "unknown" for each in ordered)
    result: dict[str, Json] = {
        "packages": [{**vars(each), "kind": _kind(each.licence)} for each in ordered],
        "files": sorted({each.file for each in ordered}),
        "licences": [{"licence": name, "count": count} for name, count in licences.most_common()],
        "unknown": [each.name for each in ordered if not each.licence],
        "unpinned": [each.name for each in ordered if not each.pinned],
        "denied": [each.name for each in ordered if any(word.lower() in each.licence.lower() for word in deny or ())],
    }
    return {**result, "text": _text(result)}


def _kind(licence: str) -> str:
    if not licence:
        return "unknown"
    if any(word in licence for word in _WEAK):
        return "weak"
    return "strong" if any(word in licence for word in _STRONG) else "open"


def _text(result: dict[str, Json]) -> str:
    every = result["packages"]
    if not every:
        return "The project says that it uses nothing of others.\n"
    lines = [f"{len(every)} packages, from {', '.join(f'`{name}`' for name in result['files'])}.", ""]
    lines += ["| licence | packages |", "|---|---:|"]
    lines += [f"| {each['licence']} | {each['count']} |" for each in result["licences"]]
    if result["denied"]:
        lines += ["", f"**Not allowed here:** {', '.join(result['denied'])}."]
    strong = [each["name"] for each in every if each["kind"] == "strong"]
    if strong:
        lines += ["", f"**Copyleft, look at what it asks:** {', '.join(strong)}."]
    if result["unknown"]:
        lines += [
            "",
            f"Nothing here says the licence of {len(result['unknown'])}; it is found where they are installed.",
        ]
    if result["unpinned"]:
        lines += ["", f"Not fixed to one version: {', '.join(result['unpinned'][:40])}."]
    lines += ["", "| package | version | | licence |", "|---|---|---|---|"]
    lines += [
        f"| {each['name']} | {each['version']} | {each['ecosystem']} | {each['licence'] or '?'} |" for each in every
    ]
    return "\n".join(lines) + "\n"
