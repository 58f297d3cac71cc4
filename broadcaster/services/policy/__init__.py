"""The rules of the commune: which profile is in force, and who allowed an exception."""
