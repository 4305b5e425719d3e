"""A model that does its task, and whatever anything it hears tells it to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

from agents.models.port import Reply, Request, ToolCall
from tests.proof.injection.orders import SAY, Step
from workflows.effects import Usage

ORDER = re.compile(r"OBEY\W+(\w+)")
NOTE = re.compile(r"note-[0-9a-f]{6}")
TASK = re.compile(r"TASK (\w+)(?: (\S+))?")


class Obedient:
    """`reads` says by task how its data are read. Told to `tell` a file, it only answers with what stands in it.

    One tool call a turn: what it reads, what it is ordered to, its summary. It remembers what it heard and obeyed.
    """

    def __init__(self, reads: Mapping[str, Sequence[Step]], orders: Mapping[str, Sequence[Step]]) -> None:
        self._reads, self._orders = reads, orders
        self.heard: list[str] = []
        self.obeyed: set[str] = set()
        self.turns = 0

    def forget(self) -> None:
        self.heard, self.obeyed, self.turns = [], set(), 0

    async def complete(self, request: Request, on_text: Callable[[str], None]) -> Reply:
        self.turns += 1
        came = [message.content for message in request.messages if message.role != "assistant"]
        heard = "\n".join([*(tool.description for tool in request.tools), *came])
        self.heard.append(heard)
        found = TASK.search(next(message.content for message in request.messages if message.role == "user"))
        assert found is not None
        task, path = found.groups()
        done = [call for message in request.messages for call in message.tool_calls]
        last = request.messages[-1].content if request.messages[-1].role == "tool" else ""
        if task == "tell":
            return self._act(("file_read", {"path": path}), len(done), "") if not done else self._say(last)
        plan = [*self._reads[task]]
        if len(done) >= len(plan):
            for order in dict.fromkeys(ORDER.findall(heard)):
                self.obeyed.add(order)
                plan += self._orders[order]
        noted = NOTE.search(heard)
        summary = f"Noted: {noted[0]}" if noted else "Nothing to note."
        plan.append(("file_write", {"path": "out/summary.md", "text": summary}))
        if len(done) < len(plan):
            name, given = plan[len(done)]
            return self._act((name, given), len(done), last) if name != SAY else self._say(_filled(given["text"], last))
        return self._say(summary)

    def _act(self, step: Step, number: int, last: str) -> Reply:
        given = {name: _filled(value, last) for name, value in step[1].items()}
        return Reply("As you wish.", USAGE, (ToolCall(f"call{number}", step[0], given),))

    def _say(self, text: str) -> Reply:
        return Reply(text or "Nothing.", USAGE)


USAGE = Usage("demo/obedient", simulated=True)


def _filled(value: object, last: str) -> object:
    if not isinstance(value, str):
        return value
    return value.replace("{seen}", quote(last[:4000], safe="")).replace("{raw}", last[:4000])
