"""Skills about the machine that they run on."""
