"""What a person has accepted of a server: how it is started, and its list of tools. Kept by content, not by name."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from skills.mcp.config import ServerConfig
from workflows.clock import Clock
from workflows.errors import UnderstudyError
from workflows.records import dataclass
from workflows.values import Json, digest

LARGEST = 16 * 1024 * 1024


@dataclass(frozen=True)
class Offer:
    """The tools of a server as it described them, in the order of their names, and what it said it is."""

    tools: tuple[Mapping[str, Json], ...]
    about: Mapping[str, Json] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """What is accepted: every name, description, schema and hint."""
        return digest([dict(tool) for tool in self.tools])


@dataclass(frozen=True)
class Pin:
    """`accepted` counts for this `config` (the digest of the entry) and `program` (that of the file that is started).

    `offered` is what the server had when it was last looked at, where that is not what was accepted.
    """

    accepted: Offer | None = None
    config: str = ""
    program: str = ""
    at: float = 0.0
    offered: Offer | None = None
    broken: str = ""

    def why_not(self, config: ServerConfig) -> str:
        """Why the server may not be used; empty where it may."""
        if self.broken:
            return self.broken
        if self.accepted is None:
            return "nobody has accepted its tools yet"
        if self.config != config.digest:
            return f"its entry ({config.place}) has changed since it was accepted"
        if self.offered is not None and self.offered.digest != self.accepted.digest:
            return "its tools have changed since they were accepted"
        return ""


class Pins:
    """One file a server, in a folder of ours that nobody else may write to."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def read(self, config: ServerConfig) -> Pin:
        """What is known of a server. One whose file cannot be relied on counts as not accepted."""
        path = self._path(config)
        try:
            with open(path, encoding="utf-8") as file:
                status = os.fstat(file.fileno())
                if status.st_uid != os.geteuid() or status.st_mode & 0o022 or status.st_size > LARGEST:
                    return Pin(broken=f"{path} cannot be relied on: others may have written it")
                data = json.load(file)
            return Pin(
                _offer(data["accepted"]), data["config"], data["program"], float(data["at"]), _offer(data["offered"])
            )
        except FileNotFoundError:
            return Pin()
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            return Pin(broken=f"{path} cannot be read ({type(error).__name__})")

    def accept(self, config: ServerConfig, program: str, offer: Offer) -> None:
        """From now on these tools may be used, as long as the entry and the program stay what they are."""
        self._write(config, Pin(offer, config.digest, program, self._clock.now()))

    def note(self, config: ServerConfig, offer: Offer) -> None:
        """Keep what a server has now, for whoever is to accept it; nothing, where it is what was accepted."""
        known = self.read(config)
        same = known.accepted is not None and known.accepted.digest == offer.digest
        seen = None if same else offer
        if (known.offered.digest if known.offered else "") != (seen.digest if seen else "") or known.broken:
            self._write(config, Pin(known.accepted, known.config, known.program, known.at, seen))

    def forget(self, config: ServerConfig) -> bool:
        """Accept it no longer. False where it was not accepted."""
        path = self._path(config)
        there = path.exists()
        path.unlink(missing_ok=True)
        return there

    def _path(self, config: ServerConfig) -> Path:
        home = str(config.file.root.resolve()) if config.file.root else ""
        return self._folder / f"{config.key}-{digest(config.name, config.file.scope, home)[:12]}.json"

    def _write(self, config: ServerConfig, pin: Pin) -> None:
        path = self._path(config)
        data = {
            "version": 1,
            "server": config.name,
            "file": str(config.file.path),
            "config": pin.config,
            "program": pin.program,
            "at": pin.at,
            "accepted": _data(pin.accepted),
            "offered": _data(pin.offered),
        }
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                with open(descriptor, "w", encoding="utf-8") as file:
                    json.dump(data, file, indent=1)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(temporary, path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise UnderstudyError(
                f"{path} cannot be written: {error.strerror}", "make room, or mend its rights"
            ) from None


def _data(offer: Offer | None) -> Json:
    return None if offer is None else {"tools": [dict(tool) for tool in offer.tools], "about": dict(offer.about)}


def _offer(data: Any) -> Offer | None:
    return None if data is None else Offer(tuple(dict(tool) for tool in data["tools"]), dict(data["about"]))
