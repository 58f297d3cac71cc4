"""The loudspeaker PC: fetches its plan, plays it alone and on time, and proves what was heard."""
