"""The main job before one's eyes: written once, approved, played, posted, proved. No network."""
