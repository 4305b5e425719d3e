"""The build backend (PEP 517): a wheel of src/teashop, the same bytes for the same sources and version.

Config settings: `version`, which is written into the wheel; `optimize`, which packs as small as can be.
"""

from __future__ import annotations

import base64
import hashlib
import os
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAME = "teashop"
SHORT = {"alpha": "a", "beta": "b", "rc": "rc"}
LONG_AGO = (2020, 1, 1, 0, 0, 0)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    settings = config_settings or {}
    version = settings.get("version", "0.0.0")
    files = dict(_sources(version))
    short = _short(version)
    info = f"{NAME}-{short}.dist-info"
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {short}\n".encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: teashop\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/RECORD"] = _record(files, f"{info}/RECORD")
    name = f"{NAME}-{short}-py3-none-any.whl"
    level = 9 if str(settings.get("optimize", "")).lower() in ("true", "1", "yes") else 1
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w", zipfile.ZIP_DEFLATED, compresslevel=level) as wheel:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, LONG_AGO)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            wheel.writestr(entry, content)
    return name


def _short(version):
    """The version as wheels write it (PEP 440): 1.0.0rc2 for 1.0.0-rc.2."""
    core, _, before = version.partition("-")
    kind, _, number = before.partition(".")
    if before and (kind not in SHORT or not number.isdigit()):
        raise ValueError(f"{version}: before a release there are only {', '.join(f'{name}.N' for name in SHORT)}")
    return f"{core}{SHORT[kind]}{number}" if before else core


def _sources(version):
    for path in sorted((ROOT / "src").rglob("*.py")):
        name = path.relative_to(ROOT / "src").as_posix()
        content = path.read_bytes()
        if name == f"{NAME}/version.py":
            content = content.replace(b'"0.0.0"', f'"{version}"'.encode())
        yield name, content


def _record(files, itself):
    lines = []
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(content)}\n")
    return "".join([*lines, f"{itself},,\n"]).encode()
