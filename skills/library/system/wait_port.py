"""`system.wait_port`: until something on this machine takes connections."""

from __future__ import annotations

import asyncio
import time

from skills import Context, SkillError, skill
from workflows.values import Json

_BETWEEN = 0.1


@skill(name="system.wait_port", effect="pure", touches=["network"])
async def wait_port(context: Context, port: int, seconds: float = 30.0, closed: bool = False) -> dict[str, Json]:
    """Wait until a port of this machine takes connections, such as that of a server that is starting.

    Args:
        port: Its number.
        seconds: How long at most; then it is a failure that may be tried again.
        closed: Wait until it takes none any more.

    Returns: {port, open, waited}. `waited` is in seconds.
    """
    if not 0 < port < 65536:
        raise SkillError(f"{port} is no port", "from 1 to 65535", "validation")
    began = time.monotonic()
    while await _takes(port) is closed:
        if time.monotonic() - began >= seconds:
            what = "still takes connections" if closed else "takes no connection"
            raise SkillError(f"port {port} {what} after {seconds:g} s", "", "transient")
        await asyncio.sleep(_BETWEEN)
    return {"port": port, "open": not closed, "waited": round(time.monotonic() - began, 3)}


async def _takes(port: int) -> bool:
    for host in ("127.0.0.1", "::1"):
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 5)
        except (OSError, TimeoutError):
            continue
        writer.close()
        return True
    return False
