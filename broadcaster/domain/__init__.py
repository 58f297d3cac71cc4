"""Pure values and rules: no clock, no files, no network."""
