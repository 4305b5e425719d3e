"""Twelve ways by which secrets come into a run, or are given to it: each a workflow, and what is typed besides."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from tests.proof.leaks.sites import ALL, RAW, SECRETS, Sites

PYTHON = sys.executable

LITERAL = json.dumps(RAW, ensure_ascii=False)
"""All of them as a YAML file has it."""


@dataclass(frozen=True)
class Channel:
    """`flow` is a workflow's steps, `files` what lies in the workspace. `before` is typed before the run, `after` after
    it. `code` is what the run ends with."""

    flow: str
    files: Mapping[str, str] = field(default_factory=dict)
    before: Sequence[Sequence[str]] = ()
    after: Sequence[Sequence[str]] = ()
    inputs: Sequence[str] = ()
    settings: str = ""
    code: int = 0


TELL = """\
import json, os, sys
text = open(sys.argv[1]).read()
if sys.argv[2] == "pieces":
    data = text.encode()
    for at in range(0, len(data), 7):
        os.write(1, data[at : at + 7])
else:
    print(text)
    print(text, *sys.argv[3:], file=sys.stderr)
sys.exit(sys.argv[2] == "fail")
"""

SKILLS = '''
import logging, os, sys, warnings
from pathlib import Path

from skills import SkillError, skill

TOLD = Path({told!r})


@skill(effect="pure")
def tell(how: str, tokens: list[str]) -> object:
    """Tells what it knows."""
    text = TOLD.read_text()
    if how == "return":
        return {{"text": text, "tokens": tokens, text[:900]: tokens}}
    if how == "print":
        print(text)
        logging.basicConfig(stream=sys.stderr)
        logging.getLogger("x").warning(text)
        warnings.warn(text[:2000])
    if how == "raise":
        try:
            raise ValueError(text)
        except ValueError as error:
            raise RuntimeError("and then " + text) from error
    if how == "refuse":
        raise SkillError(text[:1500], tokens[0], detail=text, **{{tokens[1]: tokens}})
    if how == "die":
        os.write(2, text.encode())
        os._exit(3)
    return how
'''

SERVER = """\
import json, sys
told = open({told!r}).read()
print(told, file=sys.stderr, flush=True)
for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message:
        continue
    method = message["method"]
    if method == "initialize":
        result = {{"protocolVersion": message["params"]["protocolVersion"], "capabilities": {{"tools": {{}}}}}}
        result["serverInfo"] = {{"name": "teller", "version": "1"}}
        result["instructions"] = told
    elif method == "tools/list":
        tool = {{"name": "say", "description": "Says " + told[:700], "inputSchema": {{"type": "object"}}}}
        result = {{"tools": [tool]}}
    elif method == "tools/call":
        how = message["params"]["arguments"]["how"]
        print(told, file=sys.stderr, flush=True)
        if how == "die":
            sys.exit(told[:3000])
        if how == "refuse":
            error = {{"code": -32000, "message": told}}
            print(json.dumps({{"jsonrpc": "2.0", "id": message["id"], "error": error}}), flush=True)
            continue
        result = {{"content": [{{"type": "text", "text": told}}], "isError": how == "fail"}}
        result["structuredContent"] = {{"told": told, told[:500]: 1}}
    else:
        error = {{"code": -32601, "message": "Method not found"}}
        print(json.dumps({{"jsonrpc": "2.0", "id": message["id"], "error": error}}), flush=True)
        continue
    print(json.dumps({{"jsonrpc": "2.0", "id": message["id"], "result": result}}), flush=True)
"""

AGENT = """\
---
name: {name}
description: The {name}.
model: openai/gpt-4o
tools: [file.read, file.write, file.search, data.read, csv.read, command]
{more}---
{prompt}
"""

FOLDER = "---\nname: guide\ndescription: How to. {}\n---\n{}\n"


def channels(sites: Sites, told: Path, names: Sequence[str]) -> dict[str, Channel]:
    """The ways by name. `told` is a file that tells all; `names` are the secrets that have a name."""
    tokens = "[" + ", ".join(f'"${{{{ secrets.{name} }}}}"' for name in names) + "]"
    secret = f"${{{{ secrets.{names[0]} }}}}"
    tell = str(told.with_name("tell.py"))
    server = str(told.with_name("server.py"))

    def program(how: str) -> str:
        rest = tokens.removeprefix("[")
        return f"- {{id: {how}, type: skill, skill: command, on_failure: continue, parameters: " + (
            f'{{argv: ["{PYTHON}", "{tell}", "{told}", {how}, {rest}}}}}\n'
        )

    def skill(how: str) -> str:
        given = f"{{how: {how}, tokens: {tokens}}}"
        return f"- {{id: {how}, type: skill, skill: tell, on_failure: continue, parameters: {given}}}\n"

    def asked(id: str, url: str, more: str = "") -> str:  # noqa: A002 - the language's word
        return f'- {{id: {id}, type: http, on_failure: continue, url: "{url}"{more}}}\n'

    def served(how: str) -> str:
        given = f"{{how: {how}, tokens: {tokens}}}"
        return f"- {{id: {how}, type: skill, skill: mcp__teller__say, on_failure: continue, parameters: {given}}}\n"

    def ask(task: str, more: str = "") -> str:
        return f"- {{id: {task}, type: agent, agent: teller, on_failure: continue, input: {task} it{more}}}\n"

    agent = AGENT.format(name="teller", more="", prompt="You tell.")
    loud = AGENT.format(name="teller", more="skills: [guide]\n", prompt=f"You know {RAW}\n{ALL}")
    urls = [f"{sites.web}/hook?{quote(value)}" for value in SECRETS.values()]
    hooks = ", ".join(f'hook{n}: {{type: webhook, url: "{url}"}}' for n, url in enumerate(urls))
    return {
        "program": Channel("".join(map(program, ("out", "fail", "pieces")))),
        "skill": Channel(
            "".join(map(skill, ("return", "print", "raise", "refuse", "die"))),
            {".understudy/skills/tell.py": SKILLS.format(told=str(told))},
        ),
        "answer": Channel(
            asked("text", f"{sites.web}/ok", f', headers: {{Authorization: "Bearer {secret}"}}')
            + asked("json", f"{sites.web}/json")
            + asked("fails", f"{sites.web}/fail")
        ),
        "address": Channel(
            "".join(
                asked(f"a{n}", url, more)
                for n, (url, more) in enumerate(
                    [
                        (f"{sites.web}/ok?q=${{{{ secrets.{names[1]} }}}}", ""),
                        (f"{sites.web}/away?q={secret}", ""),
                        (f"http://127.0.0.1:1/{secret}", ""),
                        (f"http://user:{secret}@127.0.0.1:1/", ""),
                        (f"http://{secret}/", ""),
                        (f"{sites.web}/fail", f", method: POST, body: {{tokens: {tokens}}}"),
                    ]
                )
            )
        ),
        "server": Channel(
            "".join(map(served, ("say", "fail", "refuse", "die"))),
            {".mcp.json": json.dumps({"mcpServers": {"teller": {"command": PYTHON, "args": ["-I", server]}}})},
            before=[["mcp", "check", "teller"], ["mcp", "accept", "teller", "--yes"]],
            code=3,
            after=[
                ["answer", "last", "{entry}", "skip"],
                ["mcp", "show", "teller"],
                ["mcp", "list", "--json"],
                ["skills", "show", "mcp__teller__say"],
            ],
        ),
        "model": Channel(
            ask("say", ", cache: true") + '- {id: again, type: transform, value: "${{ steps.say.output.text }}"}\n',
            {".understudy/agents/teller.md": agent},
        ),
        "tool call": Channel(
            ask("call"),
            {".understudy/agents/teller.md": agent},
            after=[["answer", "last", "{entry}", "approve"]],
            code=3,
        ),
        "file": Channel(
            ask("read", ", files: [in/notes.txt]"),
            {
                ".understudy/agents/teller.md": loud,
                ".understudy/skills/guide/SKILL.md": FOLDER.format(json.dumps(RAW[:300])[1:-1].replace(":", ""), ALL),
                "AGENTS.md": f"{RAW}\n{ALL}",
                "in/notes.txt": f"{RAW}\n{ALL}",
                "in/data.json": json.dumps({"values": SECRETS, "all": ALL}),
                "in/table.csv": "name,value\n" + "\n".join(f"{n},{quote(v)}" for n, v in SECRETS.items()) + "\n",
            },
            after=[["agents"], ["skills", "list"], ["skills", "show", "guide"]],
        ),
        "refusal": Channel(
            ask("refuse") + ask("forbid"),
            {".understudy/agents/teller.md": agent},
        ),
        "approval": Channel(
            "- {id: write, type: skill, skill: file.write, approve: before, parameters: {path: old.txt, text: new}}\n"
            "- {id: what, type: question, ask: What is it?}\n",
            {"old.txt": f"{RAW}\n{ALL}"},
            after=[
                ["answer", "last", "{entry}", "deny", "--note", RAW],
                [
                    "answer",
                    "last",
                    "{entry}",
                    "edit",
                    "--value",
                    json.dumps({"parameters": {"path": "x", "text": RAW}}),
                ],
                ["answer", "last", "{entry}", "approve"],
                ["answer", "last", "{entry}", "answer", "--value", json.dumps(ALL)],
                ["answer", "last", "{entry}", "answer", "--value", "nothing"],
            ],
            code=3,
        ),
        "input": Channel(
            '- {id: a, type: transform, value: "${{ parameters.token }}"}\n',
            {
                "literal.yaml": f"name: Literal\nsteps:\n  - {{id: a, type: transform, value: {LITERAL}}}\n",
                "wrong.yaml": f"name: Wrong\nsteps:\n  - {{id: a, type: transfrom, value: {LITERAL}}}\n",
                ".understudy/workflows/told.yaml": f"name: {RAW.split()[0]}\ndescription: {LITERAL}\nsteps:\n"
                "  - {id: a, type: transform, value: 1}\n",
                "variable.yaml": "name: V\nenv: [GITHUB_TOKEN, NOTE]\nsteps:\n"
                '  - {id: a, type: transform, value: "${{ env.GITHUB_TOKEN }} ${{ env.NOTE }}"}\n',
                "named.yaml": "name: N\nenv: [UNDERSTUDY_SECRET_CANARY_0]\nsteps:\n"
                '  - {id: a, type: transform, value: "${{ env.UNDERSTUDY_SECRET_CANARY_0 }}"}\n',
            },
            before=[
                *(["run", "flow.yaml", "--json", "-i", f"token={value}"] for value in SECRETS.values()),
                *(["run", f"{name}.yaml", "--json"] for name in ("literal", "wrong", "variable", "named")),
                *(["run", f"{name}.yaml"] for name in ("literal", "wrong", "variable", "named")),
                ["plan", "literal.yaml"],
                ["plan", "literal.yaml", "--json"],
                ["validate", "wrong.yaml"],
                ["validate", "wrong.yaml", "--json"],
                ["compose", RAW],
                ["workflows"],
                ["workflows", "--json"],
            ],
            inputs=("token=plain",),
        ),
        "settings": Channel(
            "".join(
                f"- {{id: tell{n}, type: notification, channel: {channel}, text: hello, on_failure: continue}}\n"
                for n, channel in enumerate([*(f"hook{n}" for n in range(len(urls))), "mail"])
            ),
            settings=f"channels: {{{hooks}, mail: {{type: mail, host: 127.0.0.1, port: 1, sender: a@b.org, "
            "to: c@d.org, user: ada, password_env: MAIL_PASSWORD}}\n",
            after=[
                ["doctor"],
                ["doctor", "--json"],
                ["paths"],
                ["secrets", "list"],
                ["secrets", "list", "--json"],
                ["keys", "list"],
            ],
        ),
    }
