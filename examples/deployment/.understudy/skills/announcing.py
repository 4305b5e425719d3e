"""What is done when a release serves everything: the page of releases, a word to all, the old ones cleared away."""

from __future__ import annotations

import difflib
import os
import shutil
import subprocess
import time
import tomllib
from pathlib import Path
from typing import Any

from skills import Context, Preview, SkillError, skill
from skills.library.release.version_cleanup import clean_up
from skills.library.release.version_cleanup import preview as show_clean_up

PAGE = Path("live/releases.md")


def _settings(context: Context) -> dict[str, Any]:
    try:
        return tomllib.loads((context.root / "canary.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SkillError(f"canary.toml cannot be read: {error}", "it has the settings", "dependency") from None


def _pages(context: Context) -> tuple[str, str]:
    """The page of releases as it is, and as it will be."""
    settings = _settings(context)
    page = context.root / PAGE
    before = page.read_text(encoding="utf-8") if page.exists() else f"# Releases of the {settings['service']}\n"
    title, *sections = before.split("\n## ")
    others = [section for section in sections if section.split()[0] != settings["version"]]
    notes = "".join(f"- {note}\n" for note in settings["notes"])
    newest = f"{settings['version']} · {time.strftime('%Y-%m-%d')}\n\n{notes}"
    return before, "\n## ".join([title, newest, *others])


def _diff(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), f"a/{PAGE}", f"b/{PAGE}")
    return "".join(lines)


@skill(effect="idempotent", touches=["reads", "writes"])
def doc_updater(context: Context) -> dict[str, Any]:
    """Write the new version into the page of releases, and show what changed.

    Returns: {path, version, changed}.
    """
    before, after = _pages(context)
    context.emit(_diff(before, after))
    page = context.root / PAGE
    page.parent.mkdir(exist_ok=True)
    written = page.with_suffix(".part")
    written.write_text(after, encoding="utf-8")
    written.replace(page)
    return {"path": str(PAGE), "version": _settings(context)["version"], "changed": before != after}


@doc_updater.preview
def show_page(context: Context) -> Preview:
    before, after = _pages(context)
    return Preview("Write the page of releases", _diff(before, after), {"file": str(PAGE)}, before)


@skill(effect="unsafe", touches=["writes", "shell"])
def notification_sender(context: Context, text: str = "") -> dict[str, Any]:
    """Tell those who want to know, over the channels of canary.toml: terminal, file, desktop.

    Args:
        text: What is said; which version serves everything, if not given.

    Returns: {text, channels}.
    """
    settings = _settings(context)
    channels = settings["announce"]["channels"]
    served = (context.root / "live" / "current").resolve().name
    said = text or f"{settings['service']} {served} serves everything: {' '.join(settings['notes'])}"
    for channel in channels:
        if channel == "terminal":
            context.emit(f"{said}\n")
        elif channel == "file":
            file = context.root / settings["announce"]["file"]
            with open(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8") as opened:
                opened.write(f"{time.strftime('%Y-%m-%d %H:%M')} {said}\n")
        elif channel == "desktop":
            _on_desktop(said)
        else:
            raise SkillError(f"there is no channel '{channel}'", "terminal, file or desktop", "validation")
    return {"text": said, "channels": channels}


@skill(effect="idempotent", touches=["reads", "writes"])
def version_cleanup(context: Context, keep: int = 2) -> dict[str, Any]:
    """Remove old releases of the site, as the built-in skill of this name does; this one knows where they are.

    Args:
        keep: How many of the newest stay.

    Returns: {folder, kept, served, removed, left_alone}.
    """
    return clean_up(context, context.root / "live" / "releases", keep)


@version_cleanup.preview
def show_version_cleanup(context: Context, keep: int = 2) -> Preview:
    return show_clean_up(context, context.root / "live" / "releases", keep)


def _on_desktop(text: str) -> None:
    program = shutil.which("notify-send")
    if program is None:
        raise SkillError("there is no notify-send", "take 'desktop' out of the channels in canary.toml", "dependency")
    subprocess.run([program, "--", "Deployment", text], check=True, timeout=10)
