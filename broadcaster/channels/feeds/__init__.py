"""For portals that no program may write to: bundles to paste, and feeds."""
