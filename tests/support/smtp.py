"""A real mail server on 127.0.0.1, without encryption, that answers each command as told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Self


class MailServer:
    """`says` gives the answer to a command (`RCPT`, `DATA`, `.` for the end of a mail); empty hangs up instead."""

    def __init__(self, says: Mapping[str, str] | None = None) -> None:
        self._says = says or {}
        self.mails: list[str] = []
        self.commands: list[str] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"220 here\r\n")
            while line := (await reader.readline()).decode().strip():
                self.commands.append(line)
                word = line.split()[0].split(":")[0].upper()
                answer = self._says.get(line, self._says.get(word, "354 go on" if word == "DATA" else "250 fine"))
                if not answer:
                    return
                writer.write(f"{answer}\r\n".encode())
                if word == "DATA" and answer.startswith("354"):
                    mail = (await reader.readuntil(b"\r\n.\r\n")).decode()
                    answer = self._says.get(".", "250 taken")
                    if not answer:
                        return
                    self.mails.append(mail)
                    writer.write(f"{answer}\r\n".encode())
                if word == "QUIT":
                    return
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client went away
        finally:
            writer.close()
