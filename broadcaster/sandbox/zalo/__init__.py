"""Stand-in for Zalo's OAuth and Official Account APIs."""
