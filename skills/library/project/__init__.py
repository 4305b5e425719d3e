"""Skills that look a project over: what it needs, what is dangerous in it."""
