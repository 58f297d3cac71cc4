"""`broadcaster run`: the process that serves, ticks and keeps this machine's own station."""
