"""The server side of loudspeaker stations: keys, plans, proof, orders, alarms."""
