"""Make the README's picture from the app itself: `.venv/bin/python docs/pictures/make.py`.

It runs the demo on the real screen, stops at the approval, and keeps what is shown then. Fonts that a page would fetch
from elsewhere are taken out: the reader's own monospaced one does.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path

SIZE = (140, 36)


def without_hosts(svg: str) -> str:
    """The picture with every reference to another host taken out, but for the names of XML's own languages."""
    svg = re.sub(r"@font-face\s*\{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code", "DejaVu Sans Mono")


async def make(folder: Path, home: Path) -> Path:
    """Show the demo until its gate and write run.svg into the folder."""
    from app.demo.tour import prepare
    from app.tui.app import Opening, UnderstudyApp
    from app.tui.session import serve

    environ = {**os.environ, "UNDERSTUDY_HOME": str(home)}
    os.environ.update(environ)
    demo = await asyncio.to_thread(prepare)
    app = UnderstudyApp(demo.paths, person="you", demo=prepare, open_run=None)
    async with app.run_test(size=SIZE) as pilot:
        serving = asyncio.create_task(serve(app, environ, Opening(demo.paths, demo)))
        async with asyncio.timeout(60):
            while "approval" not in (picture := app.export_screenshot()):
                await pilot.pause(0.05)
        await pilot.pause(1)
        picture = app.export_screenshot(title="understudy")
        app.openings.put_nowait(None)
        await serving
    path = folder / "run.svg"
    path.write_text(without_hosts(picture), encoding="utf-8")
    return path


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        asyncio.run(make(Path(__file__).parent, Path(home)))
