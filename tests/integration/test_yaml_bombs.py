"""Files made to exhaust memory, time or the stack are refused by a process that has little of each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BOMBS = {
    "billion laughs": "a: &a [x, x]\n"
    + "".join(f"b{n}: &b{n} [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n" for n in range(40)),
    "merge keys": "a0: &a0 {k: v}\n"
    + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 30)),
    "deep brackets": "[" * 250_000,
    "deep braces": "{a: " * 60_000,
    "deep blocks": "".join(" " * n + "a:\n" for n in range(700)),
    "deep dashes": "- " * 120_000,
    "ten megabytes": "a: " + "x" * 10_000_000,
    "ten megabytes of keys": "".join(f"key{n}: 1\n" for n in range(700_000)),
    "keys up to the limit": "".join(f"k{n}: 1\n" for n in range(24_000)),
    "one key, again and again": "a: 1\n" * 43_000,
    "unknown keys": "name: x\nsteps: []\n" + "".join(f"nmae{n}: 1\n" for n in range(9_000)),
    "anchors": "".join(f"a{n}: &a{n} 1\n" for n in range(9_000)),
    "tags": "".join(f"a{n}: !t{n} 1\n" for n in range(9_000)),
    "NUL": "a: \0" * 50_000,
    "surrogates": "a: " + "\ud800" * 50_000,
    "byte order marks": "\ufeff" * 50_000,
    "carriage returns": "a: 1\r" * 43_000,
    "long number": "name: x\nsteps:\n  - {id: a, type: transform, value: " + "9" * 200_000 + "}\n",
    "long exponent": "name: x\nsteps:\n  - {id: a, type: transform, value: 1e" + "9" * 200_000 + "}\n",
    "long id": "name: x\nsteps:\n  - {id: " + "a" * 200_000 + "!, type: transform, value: 1}\n",
    "long duration": "name: x\nsteps:\n  - {id: a, type: delay, for: " + "1" * 200_000 + "h}\n",
    "long line of expressions": 'name: x\nsteps:\n  - {id: a, type: transform, value: "' + "${{ 1 " * 30_000 + '"}\n',
    "nested expression": "name: x\nsteps:\n  - id: a\n    type: transform\n    value: ${{ " + "(" * 100_000 + " }}\n",
    "open quote": "a: '" + "x\n" * 100_000,
    "long flow": "[" + "1," * 120_000,
    "question marks": "? " * 120_000,
    "percent": "%" * 200_000,
    "comment": "#" * 262_000 + "\n[",
    "colons": "a:" * 100_000,
    "document marks": "---\n" * 60_000,
}

RUNNER = """
import resource, sys
from tests.support.kinds import all_kinds
from workflows.definition.parse import parse
from workflows.diagnostics import render
kinds = all_kinds()
parse("name: x\\nstepz: ${{ a }}\\nsteps: [{id: a, type: transform, value: '${{ 1 + }}'}]", "warm.yaml", kinds)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 200 * 2**20, -1))
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
text = open(sys.argv[1], encoding="utf-8", errors="surrogatepass", newline="").read()
result = parse(text, "bomb.yaml", kinds)
assert result.workflow is None and result.errors
for diagnostic in result.diagnostics:
    assert diagnostic.line >= 1 and diagnostic.column >= 1 and len(render(diagnostic)) < 2000
print("refused")
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="limits are set by what /proc says")
@pytest.mark.parametrize("name", BOMBS)
def test_bomb(name: str, tmp_path: Path) -> None:
    file = tmp_path / "bomb.yaml"
    file.write_text(BOMBS[name], encoding="utf-8", errors="surrogatepass", newline="")
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", RUNNER, str(file)], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "refused\n"
