"""Skills that are declared: a program with its arguments, in a YAML file."""
