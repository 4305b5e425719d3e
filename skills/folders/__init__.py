"""Skills that are folders with a SKILL.md: the Agent Skills format (agentskills.io)."""
