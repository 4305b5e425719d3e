"""A context for step kinds that are tried without an engine. It journals nothing, and knows secrets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workflows.effects import Effect
from workflows.steps.context import Answer, Question, Result
from workflows.values import Json


@dataclass
class Bench:
    """One attempt of one step. `secrets` maps what stands for a secret to the secret."""

    input: Any
    secrets: Mapping[str, str] = field(default_factory=dict)
    root: Path = Path(".")
    address: str = "step"
    run_id: str = "run"
    performer: str = ""
    key: str = "key-1"
    calls: list[tuple[str, Json, Effect]] = field(default_factory=list)
    streamed: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)

    async def call(
        self,
        key: str,
        spec: Json,
        effect: Effect,
        act: Callable[[str], Awaitable[Result]],
        *,
        digest: str = "",
        model: str = "",
        whole: bool = False,
    ) -> Json:
        self.calls.append((key, spec, effect))
        return (await act(self.key)).output

    def reveal(self, value: Json) -> Json:
        if isinstance(value, str):
            for placeholder, secret in self.secrets.items():
                value = value.replace(placeholder, secret)
            return value
        if isinstance(value, dict):
            return {name: self.reveal(item) for name, item in value.items()}
        return [self.reveal(item) for item in value] if isinstance(value, list) else value

    async def steps(self) -> Json:
        raise AssertionError("this step holds no others")

    async def sleep(self, key: str, seconds: float) -> None:
        raise AssertionError("nobody sleeps here")

    async def sleep_until(self, key: str, when: float) -> None:
        raise AssertionError("nobody sleeps here")

    async def ask(self, key: str, question: Question) -> Answer:
        raise AssertionError("nobody is here")

    def stream(self, text: str) -> None:
        self.streamed.append(text)

    def log(self, text: str) -> None:
        self.logged.append(text)
