"""The built-in skills: one folder a domain, one file a skill. Files with a leading underscore are shared."""
