"""Making text from data, and comparing texts."""
