"""Who works here, and who did what."""
