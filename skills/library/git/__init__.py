"""Reading a Git repository, without running anything that the repository asks for."""
