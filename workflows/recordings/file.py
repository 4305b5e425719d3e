"""A recording as a file: one JSON object a line, the run first, then each call as it began, then what people said."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from workflows.effects import Usage
from workflows.errors import Failure, UnderstudyError
from workflows.journal.files import read_plain, sync_folder
from workflows.recordings.recording import Consulted, Exchange, Head, Recording, Reply
from workflows.recordings.veil import Veil
from workflows.secrets import Redactor
from workflows.values import Json, digest

FORMAT = 1

LARGEST = 64 * 1024 * 1024
"""Bytes of a recording that are read."""


class Unreadable(UnderstudyError):
    """The file is no recording that can be played."""


def write_recording(recording: Recording, path: Path, redactor: Redactor) -> None:
    """Write the file, 0600, whole or not at all. Raises UnderstudyError where a secret could still be found in it."""
    lines = [*_lines(recording)]
    veil = Veil(redactor)
    if any(veil.leaks(line) for line in lines):
        raise UnderstudyError(
            f"{path.name} was not written: a secret could still be found in it.",
            "Look at what the run sent and got for a value that is partly a secret, and leave it out.",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            file.writelines(f"{line}\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def read_recording(path: Path) -> Recording:
    """The recording in a file. Raises Unreadable, with the line that is wrong."""
    try:
        content = read_plain(path, LARGEST + 1)
        if len(content) > LARGEST:
            raise Unreadable(f"{path} is larger than {LARGEST // 1024 // 1024} MB.", "Record a smaller run.")
        text = content.decode("utf-8")
    except FileNotFoundError:
        raise Unreadable(f"There is no recording {path}.", "Make it: understudy run FILE --record") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path} cannot be read: {error}") from error
    head, exchanges, consulted = None, list[Exchange](), list[Consulted]()
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
            if head is None:
                head = _head(found)
            elif "call" in found:
                exchanges.append(_exchange(found))
            else:
                consulted.append(_consulted(found))
        except _Wrong as wrong:
            raise Unreadable(f"{path}:{number}: {wrong}", "Record it anew: understudy test --update") from None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            words = f"{path}:{number}: this is no line of a recording ({type(error).__name__}: {error})."
            raise Unreadable(words, "Record it anew: understudy test --update") from None
    if head is None:
        raise Unreadable(f"{path} is empty.", "Record it anew: understudy test --update")
    return Recording(head, tuple(exchanges), tuple(consulted))


class _Wrong(ValueError):
    """What is wrong with a line, for people."""


def _lines(recording: Recording) -> Iterator[str]:
    yield _line({"recording": FORMAT, **_plain(recording.head)})
    for each in recording.exchanges:
        asked = {"step": each.step, "call": each.key, "digest": digest(each.request, each.told)}
        data = _plain(each)
        del data["key"], data["step"]
        yield _line({**asked, **data})
    for one in recording.consulted:
        yield _line({"asked": one.entry, **{name: value for name, value in _plain(one).items() if name != "entry"}})


_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Characters that some programs take for the end of a line, that terminals act on, or that UTF-8 cannot hold."""


def _line(value: Mapping[str, Json]) -> str:
    line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def _plain(value: Any) -> dict[str, Json]:
    """A record's fields that are not what they are without saying so."""
    found: dict[str, Json] = {}
    for field in fields(value):
        held = getattr(value, field.name)
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        if held != default or type(held) is not type(default):
            found[field.name] = _plain(held) if isinstance(held, Failure | Usage | Reply) else _free(held)
    return found


def _free(value: Any) -> Json:
    return dict(value) if isinstance(value, Mapping) else list(value) if isinstance(value, tuple) else value


def _head(found: dict[str, Json]) -> Head:
    if "recording" not in found:
        raise _Wrong("this file is no recording.")
    made = found.pop("recording")
    if made != FORMAT:
        raise _Wrong(f"this recording is of format {made}; this program reads format {FORMAT}.")
    return Head(**{**found, "stopped": tuple(found.get("stopped", ()))})


def _exchange(found: dict[str, Json]) -> Exchange:
    key, said = found.pop("call"), found.pop("digest")
    failure, usage = found.pop("failure", None), found.pop("usage", None)
    exchange = Exchange(
        key=key,
        failure=None if failure is None else Failure(**failure),
        usage=None if usage is None else Usage(**usage),
        **found,
    )
    if said != digest(exchange.request, exchange.told):
        raise _Wrong("its request was changed by hand, so it says no longer what was asked.")
    return exchange


def _consulted(found: dict[str, Json]) -> Consulted:
    entry, reply = found.pop("asked"), found.pop("reply", None)
    return Consulted(entry=entry, reply=None if reply is None else Reply(**reply), **found)
