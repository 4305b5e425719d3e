"""What agents may do with their tools: rules, what a call would do, and what the rules say of it."""
