"""Skills about releases that lie beside each other in a folder."""
