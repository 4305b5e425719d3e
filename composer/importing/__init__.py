"""Workflows of other systems, converted to the language of this one."""
