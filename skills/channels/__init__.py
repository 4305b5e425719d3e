"""Where messages to people go: the terminal, the desktop, and the channels that the settings name."""
