"""Skills for pages of the web."""
