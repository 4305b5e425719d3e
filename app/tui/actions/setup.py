"""What is set up on this machine and in this workspace."""

from __future__ import annotations

from app.tui.actions.action import Action

ACTIONS = (
    Action("setup", "key", ("k",), "add key", "Keep the key of a model, or use one for this session", bar=True),
    Action("setup", "probe", ("p",), "test model", "Ask a model one tiny question; says first what it costs", bar=True),
    Action("setup", "choose", ("c",), "choose model", "Choose the default model, of agents that name none; keep it"),
    Action("setup", "server", ("m",), "add server", "Write down an MCP server", bar=True),
    Action(
        "setup",
        "accept",
        ("a",),
        "accept",
        "Start the server, look at its tools, and let them be used",
        ("server",),
        "no MCP server is chosen",
        True,
    ),
    Action("setup", "ollama", ("o",), "Ollama", "How to set up models of your own with Ollama", bar=True),
    Action("setup", "copy", ("y",), "copy", "Copy the command of this line", ("command",), "this line has none", True),
    Action(
        "setup",
        "revoke",
        ("x",),
        "take back",
        "Take back what was allowed; forget a key or a server",
        ("revocable",),
        "nothing here can be taken back",
        True,
    ),
    Action("setup", "trust", ("t",), "trust", "Trust this workspace", ("untrusted",), "it is trusted already"),
    Action("setup", "demo", ("d",), "demo", "Run the demo: 60 seconds, no AI", ("demo",), "no demo here"),
    Action("setup", "again", ("r",), "look again", "Look at everything again"),
    Action("setup", "next_section", ("right", "right_square_bracket"), "next section", "To the next section"),
    Action("setup", "previous_section", ("left", "left_square_bracket"), "section before", "To the section before"),
)
