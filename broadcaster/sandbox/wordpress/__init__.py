"""Stand-in for a WordPress site with its REST API."""
