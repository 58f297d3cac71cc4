"""What wakes the workers, near or far. The database says what is due; an engine only carries."""
