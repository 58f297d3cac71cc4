"""The sandbox against the contracts of the platforms."""
