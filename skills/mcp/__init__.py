"""Tools of MCP servers as skills: which servers there are, what was accepted of them, and how one is called."""
