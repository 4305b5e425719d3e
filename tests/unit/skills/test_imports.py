"""What a skill file imports is cheap, and so is listing skills."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = ("asyncio", "jsonschema", "watchfiles", "jinja2", "pydantic", "subprocess", "yaml", "socket")


def test_listing_skills_imports_nothing_heavy() -> None:
    code = (
        "import sys, json, skills.registry, skills.discover\n"
        "skills.registry.Registry([skills.discover.BUILT_IN])\n"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
