"""Agent files: what is read, what is refused and where, and what is named but never acted on."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from agents.definition import MODEL_WORDS, Agent, Reading, read_agent
from agents.foreign_tools import ALL
from workflows.diagnostics import Diagnostic

PATH = Path("agents/reviewer.md")


def read(text: str, *, foreign: bool = False) -> Reading:
    return read_agent(text.encode(), PATH, foreign=foreign)


def agent_of(text: str, *, foreign: bool = False) -> Agent:
    reading = read(text, foreign=foreign)
    assert reading.agent is not None, reading.diagnostics
    return reading.agent


def written(*lines: str, body: str = "You review code.") -> str:
    return "\n".join(("---", "name: reviewer", "description: Reviews code", *lines, "---", "", body, ""))


def only(reading: Reading) -> Diagnostic:
    (diagnostic,) = reading.diagnostics
    return diagnostic


def test_everything_that_can_be_said_is_read() -> None:
    agent = agent_of(
        written(
            "model: openai/gpt-4o",
            "tools: [git.log, file.read]",
            "max_turns: 4",
            "agents: [researcher, writer]",
            "context_window: 32000",
            "max_tokens: 2000",
            "temperature: 0",
            "output_schema: {type: object, required: [verdict]}",
            body="Be kind.\n\n---\n\nA line of dashes is only a line here.",
        )
    )
    assert (agent.name, agent.description, agent.model) == ("reviewer", "Reviews code", "openai/gpt-4o")
    assert agent.tools == ("git.log", "file.read")
    assert (agent.max_turns, agent.max_tokens, agent.temperature) == (4, 2000, 0)
    assert (agent.agents, agent.context_window) == (("researcher", "writer"), 32_000)
    assert agent.output_schema == {"type": "object", "required": ["verdict"]}
    assert agent.prompt == "Be kind.\n\n---\n\nA line of dashes is only a line here."


def test_what_is_not_said_has_a_safe_default() -> None:
    agent = agent_of(written())
    assert (agent.model, agent.tools, agent.max_turns, agent.max_tokens) == (None, (), 10, None)
    assert not agent.trusted, "a workspace's agent is untrusted until somebody says otherwise"


def test_the_digest_is_that_of_the_whole_file() -> None:
    text = written()
    assert agent_of(text).digest == hashlib.sha256(text.encode()).hexdigest()
    assert agent_of(text + "!").digest != agent_of(text).digest


@pytest.mark.parametrize(
    ("line", "tools"),
    [
        ("tools: Read, Grep", ("Read", "Grep")),
        ("tools: git.log", ("git.log",)),
        ("tools: [git.log, git.log]", ("git.log",)),
        ("tools:\n  - git.log\n  - file.read", ("git.log", "file.read")),
        ("tools: Agent(one, two), Read,", ("Agent(one, two)", "Read")),
    ],
)
def test_tools_are_a_list_or_a_text_with_commas(line: str, tools: tuple[str, ...]) -> None:
    assert agent_of(written(line)).tools == tools


@pytest.mark.parametrize("word", ["inherit", "sonnet", "opus", "haiku"])
def test_short_words_for_models(word: str) -> None:
    assert agent_of(written(f"model: {word}")).model == MODEL_WORDS[word]


def test_inherit_names_no_model() -> None:
    assert agent_of(written("model: inherit")).model is None


def test_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    plain = agent_of(written("max_turns: 3"))
    windows = agent_of("\ufeff" + written("max_turns: 3").replace("\n", "\r\n"))
    assert (windows.name, windows.max_turns, windows.prompt) == (plain.name, plain.max_turns, plain.prompt)


BROKEN = [
    # text, code, line, column, a part of message or hint
    ("You review code.\n", "bad-front-matter", 1, 1, "does not start with front matter"),
    ("---\nname: x\n", "bad-front-matter", 1, 1, "never closed"),
    ("---\n\n---\nbody\n", "bad-front-matter", 1, 1, "empty"),
    ("---\n- a\n---\nbody\n", "wrong-type", 2, 1, "key: value"),
    ("---\ndescription: d\n---\nbody\n", "missing-key", 2, 1, "needs 'name'"),
    ("---\nname: x\n---\nbody\n", "missing-key", 2, 1, "needs 'description'"),
    ("---\nname: x\ndescription:\n---\nbody\n", "missing-value", 3, 13, "description has no value"),
    ("---\nname: a b\ndescription: d\n---\nbody\n", "wrong-type", 2, 7, "name must be a name"),
    (written("max_turns: 0"), "wrong-type", 4, 12, "from 1"),
    (written("max_turns: many"), "wrong-type", 4, 12, "not 'many'"),
    (written("temperature: 2.1"), "wrong-type", 4, 14, "from 0 to 2"),
    (written("tools: {a: b}"), "wrong-type", 4, 8, "a list of names"),
    (written("output_schema: text"), "wrong-type", 4, 16, "a mapping"),
    (written("max_turn: 3"), "unknown-key", 4, 1, "did you mean 'max_turns'?"),
    (written("name: other"), "duplicate-key", 4, 1, "given twice"),
    (written("model: a: b"), "bad-yaml", 4, 9, "cannot stand here"),
    (written("tools: *all"), "reference", 4, 8, "write the value out"),
    (written(body=""), "missing-prompt", 2, 1, "no prompt"),
    (written("output_schema: {type: 3}"), "bad-schema", 4, 16, "$.type: 3 is not valid"),
    (written("script: [{txt: Hello}]"), "bad-script", 4, 9, "did you mean 'text'?"),
    (written("script: [Hello]", "model: openai/gpt-4o"), "conflict", 5, 8, "demo/scripted"),
]


@pytest.mark.parametrize(("text", "code", "line", "column", "part"), BROKEN, ids=[f"{b[1]}-{b[4]}" for b in BROKEN])
def test_what_is_wrong_is_said_with_its_place(text: str, code: str, line: int, column: int, part: str) -> None:
    reading = read(text)
    assert reading.agent is None
    found = only(reading)
    assert (found.severity, found.code, found.line, found.column, found.file) == (
        "error",
        code,
        line,
        column,
        str(PATH),
    )
    assert part in f"{found.message} {found.hint}"
    assert found.source_line == text.splitlines()[line - 1]


def test_all_errors_are_told_at_once() -> None:
    reading = read(written("max_turns: x", "temperature: hot", "colour: red"))
    assert [d.line for d in reading.diagnostics] == [4, 5, 6]


@pytest.mark.parametrize("source", [b"\xff\xfe-\x00-\x00-\x00", b"---\nname: \xe9\n---\nbody"])
def test_what_is_not_utf8_is_said(source: bytes) -> None:
    assert only(read_agent(source, PATH)).code == "bad-encoding"


def test_settings_of_other_programs_are_named_and_never_honoured() -> None:
    reading = read(written("permissionMode: bypassPermissions", "color: red", "hooks: {a: [b]}"))
    assert reading.agent is not None
    assert reading.agent.ignored == ("permissionMode", "color", "hooks")
    assert [(d.severity, d.code, d.line) for d in reading.diagnostics] == [
        ("warning", "not-used", n) for n in (4, 5, 6)
    ]
    assert "bypass" not in repr(reading.agent)


def test_a_file_for_another_program_may_hold_anything() -> None:
    agent = agent_of(
        written("maxTurns: 5", "tools: Read, Bash, Edit", "disallowedTools: Bash", "novelty: yes"), foreign=True
    )
    assert (agent.max_turns, agent.tools, agent.ignored) == (
        5,
        ("file.read", "file.replace"),
        ("novelty",),
    )


@pytest.mark.parametrize(
    ("lines", "tools", "rules"),
    [
        (["tools: Read, Grep, Glob"], ("file.read", "file.search", "file.list"), ()),
        (
            ["tools: Read, mcp__time__now, git.diff, TodoWrite"],
            ("file.read", "mcp__time__now", "git.diff", "TodoWrite"),
            (),
        ),
        (
            ["tools: Bash(git diff:*), Bash(npm test)"],
            ("command",),
            ("only command(argv=git diff **)", "only command(argv=npm test)"),
        ),
        (
            ["tools: Read(./docs/**), WebFetch(domain:example.org)"],
            ("file.read", "web.page"),
            ("only file.read(path=docs/**)", "only web.page(host=example.org)"),
        ),
        (["tools: Bash, Read", "disallowedTools: Bash(rm:*)"], ("command", "file.read"), ("deny command(argv=rm **)",)),
        (["tools: Bash(git:*), Read", "disallowedTools: Bash"], ("file.read",), ("only command(argv=git **)",)),
        (["tools: Bash()"], ("Bash()",), ()),
        (["model: opus"], ALL, ()),
    ],
)
def test_tools_of_another_program_are_ours_by_another_name(
    lines: list[str], tools: tuple[str, ...], rules: tuple[str, ...]
) -> None:
    agent = agent_of(written(*lines), foreign=True)
    assert agent.tools == tools
    assert tuple(str(rule).partition(" (")[0] for rule in agent.rules) == rules


@pytest.mark.parametrize("foreign", [True, False])
def test_servers_that_an_agent_names_are_tools_of_it(foreign: bool) -> None:
    lines = ("tools: [file.read]", "mcpServers:", "  - my tickets", "  - browser: {command: npx}")
    reading = read(written(*lines), foreign=foreign)
    assert reading.agent is not None
    assert reading.agent.tools == ("file.read", "mcp__my_tickets", "mcp__browser")
    (found,) = reading.diagnostics
    assert (found.code, found.line) == ("not-used", 7)
    assert found.message == "the definition of the MCP server 'browser' is not used here"
    assert agent_of(written("mcpServers: time, git"), foreign=True).tools == (*ALL, "mcp__time", "mcp__git")
    assert agent_of(written("mcpServers: {time: {command: uvx}}")).tools == ("mcp__time",)


def test_texts_with_colons_are_read_as_other_programs_do() -> None:
    text = "---\nname: x\ndescription: Use it so: it's <example>user: hi</example> # now\nmodel: opus\n---\nbody\n"
    assert read(text).agent is None, "our own files are YAML"
    agent = agent_of(text, foreign=True)
    assert agent.description == "Use it so: it's <example>user: hi</example> # now"
    assert agent.model == MODEL_WORDS["opus"]


def test_a_scripted_agent_needs_no_prompt() -> None:
    agent = agent_of(written("script: [{text: Hello}]", body=""))
    assert (agent.script, agent.model) == ([{"text": "Hello"}], "demo/scripted")


@pytest.mark.parametrize("line", ["fallback: editor"])
def test_what_nothing_acts_on_yet_is_said(line: str) -> None:
    found = only(read(written(line)))
    assert (found.severity, found.code) == ("warning", "not-used")
    assert found.hint


@pytest.mark.parametrize(
    ("tools", "agents", "left"),
    [
        ("Agent(worker, reviewer), Read", ("worker", "reviewer"), ("file.read",)),
        ("Task(worker), Agent(worker)", ("worker",), ()),
        ("Agent, Read", (), ("Agent", "file.read")),
        ("Agent(), Read", (), ("file.read",)),
        ("Agent(worker, reviewer)\ndisallowedTools: Agent(worker)", ("reviewer",), ()),
        ("Agent(worker), Read\ndisallowedTools: Agent", (), ("file.read",)),
    ],
)
def test_agents_that_another_program_lets_it_hand_over_to(
    tools: str, agents: tuple[str, ...], left: tuple[str, ...]
) -> None:
    agent = read(written(f"tools: {tools}"), foreign=True).agent
    assert agent is not None
    assert (agent.agents, agent.tools) == (agents, left)
