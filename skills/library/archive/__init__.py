"""Skills for archives."""
