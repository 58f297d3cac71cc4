"""What the commune writes in files: its settings, policy and days off."""
