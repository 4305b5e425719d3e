"""Skills for tables and structured files."""
