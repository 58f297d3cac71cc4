"""An announcement: written, read aloud, made ready for each outlet, taken back."""
